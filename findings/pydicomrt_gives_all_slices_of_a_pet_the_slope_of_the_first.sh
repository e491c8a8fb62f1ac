#!/bin/sh
# pydicomrt 0.9.1, image_series_to_sitk_image, "the usual entry point for reading images": a PET of 16 slices with a
# background of 2 kBq/ml and a tumour of 16 kBq/ml in the middle. Each slice has its own RescaleSlope, as PET images
# do (and MR of Philips may), so that its largest value fills the 15 bits.
#
# Expected: "the volume ... in the modality's real units", as SimpleITK and from_dicom_directory of the same class read
# it.
# Seen: the slope of the first slice is given to all. The tumour has 2 kBq/ml instead of 16, as much as the background
# of slices without tumour, and the background beside the tumour has 0.25. A threshold of 40 % of the maximum takes
# 733 ml instead of 16, nearly all of the slices without tumour. The contrast within a slice is right, and so is a CT,
# whose slices share one slope.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder"
"$folder/bin/python" -m pip install --quiet --disable-pip-version-check pydicomrt==0.9.1 pydicom==3.0.2 numpy==2.4.6 \
	simpleitk==2.5.7 scipy==1.17.1 opencv-python==5.0.0.93
cd "$folder"
"$folder/bin/python" -W ignore - <<'END'
from pathlib import Path

import numpy as np
import pydicom
import SimpleITK
from pydicomrt.utils import SimpleITKImageBuilder, image_series_to_sitk_image, load_sorted_image_series

PIXEL, SLICES, SIZE = 4, 16, 48  # mm, number, pixels
series, frame = pydicom.uid.generate_uid(), pydicom.uid.generate_uid()
z, y, x = np.indices((SLICES, SIZE, SIZE))
tumour = (x - 24) ** 2 + (y - 24) ** 2 + (z - 8) ** 2 < 16
activity = np.where(tumour, 16.0, 2.0) * ((x - 24) ** 2 + (y - 24) ** 2 < 20**2)  # kBq/ml


def write(folder, each):
    Path(folder).mkdir()
    for number, values in enumerate(activity):
        image = pydicom.Dataset()
        image.file_meta = pydicom.dataset.FileMetaDataset()
        image.file_meta.TransferSyntaxUID = pydicom.uid.ExplicitVRLittleEndian
        image.SOPClassUID = pydicom.uid.PositronEmissionTomographyImageStorage
        image.SOPInstanceUID = pydicom.uid.generate_uid()
        image.file_meta.MediaStorageSOPClassUID = image.SOPClassUID
        image.file_meta.MediaStorageSOPInstanceUID = image.SOPInstanceUID
        image.SeriesInstanceUID = image.StudyInstanceUID = series
        image.FrameOfReferenceUID, image.Modality, image.InstanceNumber = frame, "PT", number + 1
        image.ImagePositionPatient, image.ImageOrientationPatient = [0, 0, number * PIXEL], [1, 0, 0, 0, 1, 0]
        image.PixelSpacing, image.SliceThickness, image.Units = [PIXEL, PIXEL], PIXEL, "BQML"
        image.Rows = image.Columns = SIZE
        image.SamplesPerPixel, image.PhotometricInterpretation = 1, "MONOCHROME2"
        image.BitsAllocated = image.BitsStored = 16
        image.HighBit, image.PixelRepresentation, image.RescaleIntercept = 15, 1, 0
        slope = (values if each else activity).max() * 1000 / 32767
        image.RescaleSlope = f"{slope:.10g}"
        image.PixelData = np.rint(values * 1000 / slope).astype("<i2").tobytes()
        image.save_as(Path(folder) / f"{number:02}.dcm", enforce_file_format=True)


for folder, each in (("one slope", False), ("own slopes", True)):
    write(folder, each)
    found = SimpleITK.GetArrayFromImage(image_series_to_sitk_image(load_sorted_image_series(folder))) / 1000
    other = SimpleITK.GetArrayFromImage(SimpleITKImageBuilder().from_dicom_directory(folder)) / 1000
    body = activity == 2
    near, far = body & tumour.any((1, 2))[:, None, None], body & ~tumour.any((1, 2))[:, None, None]
    volumes = [(image > 0.4 * image.max()).sum() * PIXEL**3 / 1000 for image in (found, other)]
    print(f"{folder}: tumour {found[tumour].mean():.2f}, background beside it {found[near].mean():.2f}, in other "
          f"slices {found[far].mean():.2f} kBq/ml; above 40 % of the maximum {volumes[0]:.0f} ml, "
          f"by from_dicom_directory {other[tumour].mean():.2f} kBq/ml, {volumes[1]:.0f} ml")  # fmt: skip
    assert np.allclose(other, activity, atol=0.01)
    assert np.allclose(found, activity, atol=0.01) != each, "each slice has its own slope now"
assert np.allclose([found[tumour].mean(), found[near].mean(), found[far].mean()], [2, 0.25, 2], atol=0.01)
END
