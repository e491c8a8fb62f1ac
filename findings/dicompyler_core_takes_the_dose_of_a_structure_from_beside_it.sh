#!/bin/sh
# dicompyler-core 0.5.6, dose-volume histogram (dvhcalc.get_dvh) of a box in a dose that grows by 0.5 Gy a mm along the
# rows, and by 0.2 Gy a mm from plane to plane, so that the dose at any place is known.
#
# Expected: the mean dose, whether the GridFrameOffsetVector counts from the first plane (0, 3, 6, ...) or has patient
# coordinates (-30, -27, ...), the two forms that DICOM allows; and with interpolation_resolution at least as near.
# Seen: coordinates are taken for distances from the first plane. So the dose comes from planes as far away as the
# first plane is from the origin: 30 mm, 6 Gy, and no word is said. With interpolation the dose comes from half a pixel
# of the dose grid beside each place, whatever the resolution: 2 mm, 1 Gy, where the dose grid has 4 mm. Without it,
# the mean dose is right.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder"
"$folder/bin/python" -m pip install --quiet --disable-pip-version-check \
	dicompyler-core==0.5.6 pydicom==2.4.5 numpy==2.4.6 matplotlib==3.11.2 scikit-image==0.26.0
cd "$folder"
"$folder/bin/python" -W ignore - <<'END'
import numpy as np
from dicompylercore import dvhcalc
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import ExplicitVRLittleEndian, RTDoseStorage, RTStructureSetStorage, generate_uid

STUDY, SPACE, ROWS, COLUMNS, PLANES, SPACING, SCALE = generate_uid(), generate_uid(), 21, 31, 21, 4.0, 1e-3
FIRST = np.array([-60.0, -40.0, -30.0])


def make(kind, modality):
    dataset = Dataset()
    dataset.file_meta = FileMetaDataset()
    dataset.file_meta.TransferSyntaxUID, dataset.file_meta.MediaStorageSOPClassUID = ExplicitVRLittleEndian, kind
    dataset.SOPClassUID, dataset.SOPInstanceUID, dataset.Modality = kind, generate_uid(), modality
    dataset.is_little_endian, dataset.is_implicit_VR = True, False
    dataset.StudyInstanceUID, dataset.SeriesInstanceUID, dataset.FrameOfReferenceUID = STUDY, generate_uid(), SPACE
    return dataset


def dose(offsets):
    dataset = make(RTDoseStorage, "RTDOSE")
    dataset.ImagePositionPatient, dataset.ImageOrientationPatient = FIRST.tolist(), [1, 0, 0, 0, 1, 0]
    dataset.PixelSpacing, dataset.NumberOfFrames, dataset.Rows, dataset.Columns = [SPACING] * 2, PLANES, ROWS, COLUMNS
    dataset.GridFrameOffsetVector, dataset.FrameIncrementPointer = offsets.tolist(), 0x3004000C
    dataset.DoseUnits, dataset.DoseType, dataset.DoseSummationType = "GY", "PHYSICAL", "PLAN"
    dataset.DoseGridScaling, dataset.SamplesPerPixel, dataset.PhotometricInterpretation = SCALE, 1, "MONOCHROME2"
    dataset.BitsAllocated, dataset.BitsStored, dataset.HighBit, dataset.PixelRepresentation = 32, 32, 31, 0
    x = FIRST[0] + SPACING * np.arange(COLUMNS)
    z = FIRST[2] + 3.0 * np.arange(PLANES)
    values = np.broadcast_to(60 + 0.5 * x + 0.2 * z[:, None, None], (PLANES, ROWS, COLUMNS))
    dataset.PixelData = np.round(values / SCALE).astype("<u4").tobytes()
    return dataset


structures = make(RTStructureSetStorage, "RTSTRUCT")
structures.StructureSetLabel = "phantom"
region, contours, observation = Dataset(), Dataset(), Dataset()
region.ROINumber, region.ROIName, region.ReferencedFrameOfReferenceUID = 1, "target", SPACE
contours.ReferencedROINumber, contours.ROIDisplayColor, contours.ContourSequence = 1, [255, 0, 0], []
observation.ReferencedROINumber, observation.ObservationNumber, observation.RTROIInterpretedType = 1, 1, "PTV"
for z in np.arange(-18.0, -5.0, 3.0):
    contour = Dataset()
    contour.ContourGeometricType, contour.NumberOfContourPoints = "CLOSED_PLANAR", 4
    contour.ContourData = [-22.2, -18.2, z, 22.2, -18.2, z, 22.2, 18.2, z, -22.2, 18.2, z]
    contours.ContourSequence.append(contour)
structures.StructureSetROISequence, structures.ROIContourSequence = [region], [contours]
structures.RTROIObservationsSequence = [observation]

true = 60 + 0.2 * -12
steps = 3.0 * np.arange(PLANES)
means = {"from the first plane": dvhcalc.get_dvh(structures, dose(steps), 1).mean}
means["patient coordinates"] = dvhcalc.get_dvh(structures, dose(FIRST[2] + steps), 1).mean
beside = {}
for resolution in (2.0, 1.0, 0.5):
    found = dvhcalc.get_dvh(structures, dose(steps), 1, interpolation_resolution=resolution).mean
    means[f"interpolated to {resolution} mm"] = found
    beside[resolution] = (true - found) / 0.5
for name, mean in means.items():
    print(f"{name}: mean dose {mean:.2f} Gy, true {true:.2f} Gy")
print("dose from beside, in mm:", {resolution: round(float(off), 2) for resolution, off in beside.items()})
assert abs(means["from the first plane"] - true) < 0.05
assert abs(means["patient coordinates"] - true - 6) < 0.1, "coordinates are no distances now"
assert all(abs(off - SPACING / 2) < 0.1 for off in beside.values()), "interpolated dose is in its place now"
END
