#!/bin/sh
# imagedata 3.10.0, Series, on a sagittal DICOM cine of 12 frames with pixels of 2 x 3 mm and slices 7 mm apart. It is
# cut to the region around a target by s[:, :, 2:10, 3:9], and written as DICOM, NIfTI and MHA.
#
# Expected: the target stays where it is in the patient, as it does in files when slices are cut off.
# Seen: the target moves by 9.8 mm, 9 mm to the front and 4 mm upwards. The position of the first pixel is still that of
# the whole image, in the Series and in the files; only the numbers on its axes follow. A contour, a DVF or a second
# cine then lies beside the target.
# MHA files have it wrong without a cut: the step of 7 mm is also in the direction of the slices, so that ITK finds them
# 49 mm apart. With a single slice that factor is taken out. No word is said of any of it.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder"
"$folder/bin/python" -m pip install --quiet --disable-pip-version-check \
	imagedata==3.10.0 pydicom==3.0.2 nibabel==5.4.2 itk-io==5.4.7 numpy==2.4.6
cd "$folder"
"$folder/bin/python" -W ignore - <<'END'
from pathlib import Path

import itk
import nibabel
import numpy as np
from imagedata import Series
from pydicom import dcmread
from pydicom.dataset import FileDataset, FileMetaDataset
from pydicom.uid import ExplicitVRLittleEndian, MRImageStorage, generate_uid

FRAMES, SLICES, ROWS, COLUMNS = 12, 3, 20, 16
ALONG_ROW, DOWN, ACROSS = np.array([0.0, 1, 0]), np.array([0.0, 0, -1]), np.array([-1.0, 0, 0])
FIRST = np.array([10.0, -40, 60])  # mm to the left, to the back, upwards
TARGET = FIRST + 5 * 3 * ALONG_ROW + 3 * 2 * DOWN + 7 * ACROSS  # row 3, column 5, the second slice
Path("cine").mkdir()
study, series, frame_of_reference = generate_uid(), generate_uid(), generate_uid()
for frame in range(FRAMES):
    for slice_ in range(SLICES):
        meta = FileMetaDataset()
        meta.TransferSyntaxUID, meta.MediaStorageSOPClassUID = ExplicitVRLittleEndian, MRImageStorage
        meta.MediaStorageSOPInstanceUID = generate_uid()
        image = FileDataset(None, {}, file_meta=meta, preamble=bytes(128))
        pixels = np.ones((ROWS, COLUMNS), np.uint16)
        pixels[3, 5] = 1000 if slice_ == 1 else 1
        time = f"1000{frame * 0.25:09.6f}"
        for keyword, value in {
            "SOPClassUID": MRImageStorage, "SOPInstanceUID": meta.MediaStorageSOPInstanceUID, "Modality": "MR",
            "StudyInstanceUID": study, "SeriesInstanceUID": series, "FrameOfReferenceUID": frame_of_reference,
            "PatientName": "Phantom", "PatientID": "1", "StudyID": "1", "SeriesNumber": 1,
            "StudyDate": "20260101", "StudyTime": "100000", "AcquisitionDate": "20260101", "AcquisitionTime": time,
            "InstanceNumber": frame * SLICES + slice_ + 1, "AcquisitionNumber": frame + 1,
            "SliceThickness": 7, "SpacingBetweenSlices": 7, "PixelSpacing": [2.0, 3.0],
            "ImagePositionPatient": (FIRST + 7 * slice_ * ACROSS).tolist(),
            "ImageOrientationPatient": [*ALONG_ROW, *DOWN], "Rows": ROWS, "Columns": COLUMNS, "SamplesPerPixel": 1,
            "PhotometricInterpretation": "MONOCHROME2", "BitsAllocated": 16, "BitsStored": 16, "HighBit": 15,
            "PixelRepresentation": 0, "PixelData": pixels.tobytes(),
        }.items():
            setattr(image, keyword, value)
        image.save_as(f"cine/{frame:02d}_{slice_}.dcm", enforce_file_format=True)


def places(name, cine):
    index = np.argwhere(np.asarray(cine[0]) == 1000)[0]
    found = {"Series": cine.getPositionForVoxel(index).ravel()[::-1]}
    for kind in ("dicom", "nifti"):
        cine.write(f"{name}_{kind}", formats=[kind])
    for path in Path(f"{name}_dicom").rglob("*.dcm"):
        image = dcmread(path)
        if image.pixel_array.max() == 1000:
            row, column = np.argwhere(image.pixel_array == 1000)[0]
            x, y = np.split(np.array(image.ImageOrientationPatient, float), 2)
            rows, columns = map(float, image.PixelSpacing)
            found["DICOM"] = np.array(image.ImagePositionPatient, float) + column * columns * x + row * rows * y
    nifti = nibabel.load(f"{name}_nifti.nii.gz")
    index = np.argwhere(nifti.get_fdata()[..., 0] == 1000)[0]
    found["NIfTI"] = (nifti.affine @ [*index, 1])[:3] * [-1, -1, 1]
    moved = {kind: np.round(place - TARGET, 3).tolist() for kind, place in found.items()}
    print(f"{name}: the target has moved by (left, back, up in mm) {moved}")
    return moved


whole = Series("cine", "time")
assert whole.shape == (FRAMES, SLICES, ROWS, COLUMNS)
cut = whole[:, :, 2:10, 3:9]
print(f"rows begin at {cut.axes.row[0]} mm, columns at {cut.axes.column[0]} mm; {list(cut.imagePositions[0])}")
assert set(map(tuple, places("whole", whole).values())) == {(0, 0, 0)}
slices = places("slices", whole[:, 1:])
assert slices["DICOM"] == slices["NIfTI"] == [0, 0, 0]
assert set(map(tuple, places("region", cut).values())) == {(0, -9, 4)}, "a region stays at its place now"
steps = {}
for name, cine in {"three slices": whole, "one slice": whole[:, 1:2]}.items():
    cine.write(f"{name}_itk", formats=["itk"])
    mha = itk.imread(f"{name}_itk/Image_00000.mha")
    one, other = (np.array(mha.TransformIndexToPhysicalPoint((0, 0, slice_))) for slice_ in (0, 1))
    steps[name] = float(np.linalg.norm(other - one))
print(f"MHA, mm from slice to slice: {steps}")
assert steps == {"three slices": 49, "one slice": 7}, "slices in MHA are 7 mm apart now"
END
