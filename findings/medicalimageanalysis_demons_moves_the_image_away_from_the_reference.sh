#!/bin/sh
# medicalimageanalysis 2.1.95, Deformable.compute_demons and create_image, on two CT series of one frame of reference.
# Each has one Gaussian spot; that of the moving series lies 6 mm beside that of the reference.
#
# Expected: create_image gives the "resampled and transformed image" of the moving series: its spot lies where that of
# the reference does. The field of demons says of each place of the reference where it lies in the moving image. So do
# DICOM deformable registrations (PS3.3, C.20.3.1.3). SimpleITK resamples with it as it is.
# Seen: the field is right, -5.5 to -5.7 mm. But create_image resamples with its inverse: the spot is moved away, to
# nearly 12 mm beside that of the reference, and the difference of the images is doubled. All three demons do so.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder"
"$folder/bin/python" -m pip install --quiet --disable-pip-version-check --no-compile medicalimageanalysis==2.1.95
mkdir "$folder/images"
cd "$folder/images"
"$folder/bin/python" -W ignore - <<'END'
import medicalimageanalysis
import numpy as np
import SimpleITK as sitk
from medicalimageanalysis import Data, Deformable
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import CTImageStorage, ExplicitVRLittleEndian, generate_uid

STUDY, FRAME, COUNT, SIDE, PIXEL, SLICE = generate_uid(), generate_uid(), 20, 64, 2.0, 3.0
CORNER = np.array([-64.0, -64, -30])


def write_images(name, centre):
    z, y, x = np.meshgrid(*(CORNER[::-1, None] + np.outer([SLICE, PIXEL, PIXEL], np.arange(SIDE))), indexing="ij")
    spot = 1000 * np.exp(-((x - centre) ** 2 + y**2 + z**2) / 200)
    series = generate_uid()
    for number in range(COUNT):
        made = Dataset()
        made.file_meta = FileMetaDataset()
        made.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
        made.file_meta.MediaStorageSOPClassUID = made.SOPClassUID = CTImageStorage
        made.SOPInstanceUID, made.Modality = generate_uid(), "CT"
        made.StudyInstanceUID, made.SeriesInstanceUID, made.FrameOfReferenceUID = STUDY, series, FRAME
        made.PatientName, made.PatientID, made.StudyDate, made.StudyTime = "phantom", "1", "20260101", "120000"
        made.ImagePositionPatient = [*CORNER[:2], CORNER[2] + SLICE * number]
        made.ImageOrientationPatient, made.InstanceNumber = [1, 0, 0, 0, 1, 0], number + 1
        made.PixelSpacing, made.SliceThickness = [PIXEL, PIXEL], SLICE
        made.Rows, made.Columns, made.SamplesPerPixel, made.PhotometricInterpretation = SIDE, SIDE, 1, "MONOCHROME2"
        made.BitsAllocated, made.BitsStored, made.HighBit, made.PixelRepresentation = 16, 16, 15, 1
        made.RescaleSlope, made.RescaleIntercept = 1, 0
        made.PixelData = spot[number].astype(np.int16).tobytes()
        made.save_as(f"{name}{number:02d}.dcm", enforce_file_format=True)
    return series


series = {write_images("reference", 0.0): "reference", write_images("moving", -6.0): "moving"}
medicalimageanalysis.read_dicoms(folder_path=".")
names = {series[image.series_uid]: name for name, image in Data.image.items()}
inside = np.s_[3:-3, 10:-10, 10:-10]
places = CORNER[0] + PIXEL * np.arange(SIDE)[10:-10]


def middle(values):
    return float((values[inside] * places).sum() / values[inside].sum())


fixed = Data.image[names["reference"]].create_sitk_image()
moving = Data.image[names["moving"]].create_sitk_image()
before, after = sitk.GetArrayFromImage(fixed).astype(float), sitk.GetArrayFromImage(moving).astype(float)
for method in ("Demons", "fast", "Diffeomorphic"):
    found = Deformable(reference_name=names["reference"], moving_name=names["moving"], roi_names=[],
                       dimensions=np.array(Data.image[names["reference"]].dimensions))
    found.compute_demons(method=method, iterations=100)
    laid = sitk.GetArrayFromImage(found.create_image()).astype(float)
    field = sitk.GetImageFromArray(found.dvf.astype(float), isVector=True)
    field.CopyInformation(fixed)
    way = found.dvf[10, SIDE // 2, SIDE // 2, 0]
    direct = sitk.GetArrayFromImage(sitk.Resample(moving, fixed, sitk.DisplacementFieldTransform(field))).astype(float)
    first = np.abs(after - before)[inside].mean()
    worse, better = (np.abs(one - before)[inside].mean() / first for one in (laid, direct))
    print(f"{method}: field {way:.1f} mm; spot of the reference at {middle(before):.1f} mm, moving {middle(after):.1f},"
          f" registered {middle(laid):.1f}, by SimpleITK with the field {middle(direct):.1f}; difference of the images "
          f"{worse:.0%} of what it was, by SimpleITK {better:.0%}")
    assert -6 < way < -5 and better < 0.1 and abs(middle(direct)) < 0.5
    assert worse > 1.9 and middle(laid) < -11, "the moving image is laid onto the reference now"
END
