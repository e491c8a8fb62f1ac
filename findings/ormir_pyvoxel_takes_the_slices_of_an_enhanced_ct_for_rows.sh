#!/bin/sh
# ormir-pyvoxel 0.0.11 (voxel: images with their place, from DICOM and NIfTI), DicomReader on one body written as an
# Enhanced MR and as an Enhanced CT file: slices of 8 mm, each 10 mm, pixels of 1.5 mm.
#
# Expected: of both the same volume, rows x columns x slices, and the same affine matrix. The source has a way for
# enhanced files of CT and of breast tomosynthesis, and says so.
# Seen: so for MR. The CT comes as slices x rows x columns x 1, but its matrix is for rows, columns and slices. It says
# that slices are 1.33 mm apart: 8 mm, the thickness of one, divided by the number of frames, 6. The place of the second
# frame is looked up in the first, so that no distance is found. By the matrix a body of 40 mm from foot to head, 45 mm
# from front to back and 30 mm from left to right has 26.7, 6 and 45 mm. No word is said.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder"
"$folder/bin/python" -m pip install --quiet --disable-pip-version-check ormir-pyvoxel==0.0.11 pydicom==3.0.2 \
	numpy==2.4.6 nibabel==5.4.2
cd "$folder"
"$folder/bin/python" -W ignore - <<'END'
import numpy as np
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import EnhancedCTImageStorage, EnhancedMRImageStorage, ExplicitVRLittleEndian, generate_uid
from voxel import DicomReader

FRAMES, ROWS, COLUMNS = 6, 40, 50
body = np.zeros((FRAMES, ROWS, COLUMNS), "<u2")
body[1:5, 5:35, 10:30] = 1000  # 4 slices of 10 mm, 30 rows and 20 columns of 1.5 mm


def item(**values):
    made = Dataset()
    for keyword, value in values.items():
        setattr(made, keyword, value)
    return made


found = {}
for modality, kind in (("MR", EnhancedMRImageStorage), ("CT", EnhancedCTImageStorage)):
    file = item(
        SOPClassUID=kind, SOPInstanceUID=generate_uid(), StudyInstanceUID="1.2", SeriesInstanceUID="1.2.3",
        Modality=modality, PatientID="body", Rows=ROWS, Columns=COLUMNS, NumberOfFrames=FRAMES, BitsAllocated=16,
        BitsStored=16, HighBit=15, PixelRepresentation=0, SamplesPerPixel=1, PhotometricInterpretation="MONOCHROME2",
        SharedFunctionalGroupsSequence=[item(PixelMeasuresSequence=[
            item(PixelSpacing=[1.5, 1.5], SliceThickness=8.0, SpacingBetweenSlices=10.0)
        ])],
        PerFrameFunctionalGroupsSequence=[
            item(PlanePositionSequence=[item(ImagePositionPatient=[-30.0, -20.0, 10.0 * number])],
                 PlaneOrientationSequence=[item(ImageOrientationPatient=[1, 0, 0, 0, 1, 0])])
            for number in range(FRAMES)
        ],
        PixelData=body.tobytes(), file_meta=FileMetaDataset(),
    )
    file.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    file.file_meta.MediaStorageSOPClassUID, file.file_meta.MediaStorageSOPInstanceUID = kind, file.SOPInstanceUID
    file.save_as(f"{modality}.dcm", enforce_file_format=True)
    volume = DicomReader(group_by=None).load(f"{modality}.dcm")
    places = np.argwhere(volume.volume > 500)[:, :3] @ volume.affine[:3, :3].T
    step = np.abs(volume.affine[:3, :3]).max(axis=1)
    found[modality] = volume.shape, np.ptp(places, axis=0) + step
    print(f"{modality}: volume of {volume.shape}; by its matrix the body has {found[modality][1].round(2)} mm from "
          f"left to right, front to back and foot to head; truth 30, 45 and 40 mm")
assert found["MR"][0] == (ROWS, COLUMNS, FRAMES) and np.allclose(found["MR"][1], [30, 45, 40])
assert found["CT"][0] == (FRAMES, ROWS, COLUMNS, 1), "slices are the last axis now"
assert np.allclose(found["CT"][1], [45, 6, 8 / FRAMES * 20], atol=0.01), "the matrix is that of the volume now"
END
