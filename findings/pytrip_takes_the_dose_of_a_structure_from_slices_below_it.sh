#!/bin/sh
# pytrip98 3.11.0 (treatment plans with ions, DICOM), DosCube.read_dicom and VdxCube.read_dicom: the dose of an RT Dose
# file in the structures of an RT Structure Set of the same patient.
#
# Expected: the voxels within the contours, to half a voxel. In a dose that grows by 0.5 Gy a mm from bottom to top, a
# sphere of 20 mm gets the dose of its middle on average.
# Seen: the heights of the slices are those of GridFrameOffsetVector, which count from the first slice: it is 0. The
# place of that slice in the patient is not added, so that each grid begins at 0 mm. If one begins 60 mm below, the dose
# is read 60 mm below the structure: 12.7 Gy in place of 42.5. If it begins 6 mm below, it is 39.5 Gy. Of a sphere that
# then reaches out of the grid, what is left is taken: 8.4 Gy in place of 35. From left to right and from front to back
# the voxels lie half a voxel beside, as the place of the first voxel is taken for its corner. No word is said.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder"
"$folder/bin/python" -m pip install --quiet --disable-pip-version-check pytrip98==3.11.0 pydicom==3.0.2 numpy==2.4.6 \
	scipy==1.17.1
cd "$folder"
"$folder/bin/python" -W ignore - <<'END'
import numpy as np
import pytrip
from pydicom import dcmread
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import ExplicitVRLittleEndian, RTDoseStorage, generate_uid

SHAPE, SPACING, RADIUS, SCALE = (40, 50, 50), (3.0, 2.5, 2.5), 20.0, 0.001  # slices, rows, columns; mm; mm; Gy


def item(**values):
    made = Dataset()
    for keyword, value in {"PatientID": "phantom", "PatientName": "phantom", **values}.items():
        setattr(made, keyword, value)
    return made


def read(bottom, middle):
    """Mean dose in a sphere at that middle by the package and by hand, Gy; and where its voxels lie, mm."""
    first = np.array([bottom, -61.25, -61.25])
    place = first[:, None, None, None] + np.array(SPACING)[:, None, None, None] * np.indices(SHAPE)
    dose = 0.5 * (place[0] - bottom) + 5
    file = item(
        SOPClassUID=RTDoseStorage, SOPInstanceUID=generate_uid(), StudyInstanceUID="1.2", SeriesInstanceUID="1.2.3",
        Modality="RTDOSE", Rows=SHAPE[1], Columns=SHAPE[2], NumberOfFrames=SHAPE[0], BitsAllocated=16, BitsStored=16,
        HighBit=15, PixelRepresentation=0, SamplesPerPixel=1, PhotometricInterpretation="MONOCHROME2", DoseUnits="GY",
        PixelSpacing=list(SPACING[1:]), SliceThickness=SPACING[0], ImagePositionPatient=first[::-1].tolist(),
        ImageOrientationPatient=[1, 0, 0, 0, 1, 0], GridFrameOffsetVector=[SPACING[0] * k for k in range(SHAPE[0])],
        DoseType="PHYSICAL", DoseSummationType="PLAN", DoseGridScaling=SCALE,
        PixelData=np.round(dose / SCALE).astype("<u2").tobytes(), file_meta=FileMetaDataset(),
    )
    file.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    file.file_meta.MediaStorageSOPClassUID = file.SOPClassUID
    file.file_meta.MediaStorageSOPInstanceUID = file.SOPInstanceUID
    file.save_as("dose.dcm", enforce_file_format=True)
    turns, contours = np.linspace(0, 2 * np.pi, 60, endpoint=False), []
    for height in place[0, :, 0, 0]:
        if abs(height - middle[0]) < RADIUS:
            reach = np.sqrt(RADIUS**2 - (height - middle[0]) ** 2)
            points = [middle[2] + reach * np.cos(turns), middle[1] + reach * np.sin(turns), np.full(60, height)]
            contours.append(item(ContourGeometricType="CLOSED_PLANAR", NumberOfContourPoints=60,
                                 ContourData=np.column_stack(points).round(3).ravel().tolist()))
    structures = item(
        StudyInstanceUID="1.2", SeriesInstanceUID="1.2.5", SOPInstanceUID="1.2.6", Modality="RTSTRUCT",
        StructureSetROISequence=[item(ROINumber=1, ROIName="sphere")],
        ROIContourSequence=[item(ReferencedROINumber=1, ROIDisplayColor=[255, 0, 0], ContourSequence=contours)],
        RTROIObservationsSequence=[item(ObservationNumber=1, ReferencedROINumber=1, RTROIInterpretedType="PTV")],
    )
    cube = pytrip.DosCube()
    cube.read_dicom({"rtdose": dcmread("dose.dcm")})
    assert np.abs(cube.cube - dose).max() < SCALE  # the dose itself is right
    sets = pytrip.VdxCube(cube)
    sets.read_dicom({"rtss": structures})
    inside = sets.vois[0].get_voi_cube().cube == 1000
    true = sum((one - at) ** 2 for one, at in zip(place, middle)) < RADIUS**2
    return cube.cube[inside].mean(), dose[true].mean(), [one[inside].mean() - at for one, at in zip(place, middle)]


for bottom, middle, seen, right in (
    (0.0, (75.0, 10.0, 20.0), 42.5, 42.5), (-6.0, (69.0, 10.0, 20.0), 39.5, 42.5),
    (-60.0, (15.0, 10.0, 20.0), 12.7, 42.5), (-60.0, (0.0, 0.0, 0.0), 8.4, 35.0),
):
    dose, true, beside = read(bottom, middle)
    print(f"grid from {bottom:.0f} mm, sphere at {middle[0]:.0f} mm: {dose:.1f} Gy, truth {true:.1f} Gy; voxels lie "
          f"{beside[0]:.1f} mm above, {beside[1]:.2f} and {beside[2]:.2f} mm beside the sphere")
    assert abs(dose - seen) < 0.1 and abs(true - right) < 0.05, "the dose is that of the structure now"
    assert abs(beside[1] + 1.25) < 0.1 and abs(beside[2] + 1.25) < 0.1, "voxels lie where the file says now"
END
