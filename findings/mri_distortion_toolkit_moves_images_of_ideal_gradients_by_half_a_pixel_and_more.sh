#!/bin/sh
# mri-distortion-toolkit 0.14.10 (geometric distortion of MR scanners and MR-linacs), ImageDomainDistortionCorrector and
# KspaceDistortionCorrector: a series of eight slices around the isocentre, pixels of 2 mm, one spot, axial and
# sagittal, with matrices of 40 x 40 and 41 x 41. The gradients are ideal: their harmonics say x, y and z.
#
# Expected: nothing is distorted, so that nothing is moved.
# Seen: the place that the gradients say is counted from the middle of the image, (N - 1) / 2, and the place of the
# pixels from N / 2. Each correction moves the image by half a pixel along rows and along columns, 1.4 mm in the plane
# here, towards the first pixel, besides what it corrects. In matrices of odd size the corrector in k-space moves it by
# a whole pixel, since it calls fftshift where its inverse should be. No word is said.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder"
"$folder/bin/python" -m pip install --quiet --disable-pip-version-check mri-distortion-toolkit==0.14.10 \
	pydicom==2.4.5 numpy==1.26.4 scipy==1.17.1 pandas==2.3.3 finufft==2.5.1 scikit-image==0.25.2 setuptools==80.9.0
cd "$folder"
"$folder/bin/python" -W ignore - <<'END'
from contextlib import redirect_stdout
from io import StringIO
from pathlib import Path

import numpy as np
import pandas as pd
from mri_distortion_toolkit.DistortionCorrection import ImageDomainDistortionCorrector, KspaceDistortionCorrector
from mri_distortion_toolkit.utilities import convert_cartesian_to_spherical, generate_legendre_basis
from pydicom.dataset import FileDataset, FileMetaDataset
from pydicom.uid import ExplicitVRLittleEndian, generate_uid

SPOT, PIXEL, SLICE = (12, 15), 2.0, 5.0  # row and column; mm; mm

points = pd.DataFrame(np.random.default_rng(0).uniform(-100, 100, (500, 3)), columns=list("xyz"))  # mm
basis = generate_legendre_basis(convert_cartesian_to_spherical(points), 1)
fits = [np.linalg.lstsq(basis.to_numpy(), points[axis] / 1000, rcond=None)[0] for axis in "xyz"]
ideal = [pd.Series(fit, index=basis.columns) for fit in fits]  # the field of each gradient at 1 T/m: x, y, z in m
assert all(np.allclose(basis @ harmonics * 1000, points[axis]) for harmonics, axis in zip(ideal, "xyz"))


def write(series, size, axes):
    along_row, along_column = np.array(axes[:3]), np.array(axes[3:])
    normal = np.cross(along_row, along_column)
    corner = -((along_row + along_column) * PIXEL * (size - 1) + normal * SLICE * 7) / 2
    rows, columns = np.mgrid[:size, :size]
    spot = 1000 * np.exp(-((rows - SPOT[0]) ** 2 + (columns - SPOT[1]) ** 2) / 18)
    for number in range(8):
        meta = FileMetaDataset()
        meta.TransferSyntaxUID = ExplicitVRLittleEndian
        image = FileDataset(None, {}, file_meta=meta, preamble=bytes(128))
        image.SOPClassUID, image.SOPInstanceUID = "1.2.840.10008.5.1.4.1.1.4", generate_uid()
        image.Modality, image.InstanceNumber, image.SliceThickness = "MR", number + 1, SLICE
        image.Rows = image.Columns = size
        image.PixelSpacing, image.ImageOrientationPatient = [PIXEL, PIXEL], list(axes)
        image.ImagePositionPatient = [float(value) for value in corner + normal * SLICE * number]
        image.SliceLocation = float((corner + normal * SLICE * number) @ normal)
        image.BitsAllocated = image.BitsStored = 16
        image.HighBit, image.PixelRepresentation, image.SamplesPerPixel = 15, 0, 1
        image.PhotometricInterpretation, image.PixelData = "MONOCHROME2", spot.astype("<u2").tobytes()
        image.is_little_endian, image.is_implicit_VR = True, False
        image.save_as(series / f"{number}.dcm", write_like_original=False)


for name, axes in (("axial", (1, 0, 0, 0, 1, 0)), ("sagittal", (0, 1, 0, 0, 0, -1))):
    for size in (40, 41):
        series = Path(f"{name}{size}")
        series.mkdir()
        write(series, size, axes)
        for kind in (ImageDomainDistortionCorrector, KspaceDistortionCorrector):
            with redirect_stdout(StringIO()):
                corrector = kind(ImageDirectory=series, gradient_harmonics=ideal, ImExtension="dcm", pad=0,
                                 correct_through_plane=False)
                corrector.correct_all_images()
            slice_ = corrector._image_array_corrected[:, :, 3]
            moved = np.array([(index * slice_).sum() / slice_.sum() for index in np.indices(slice_.shape)]) - SPOT
            print(f"{name}, {size} x {size}, {kind.__name__}: moved by {np.round(moved, 2)} pixels")
            right = -1 if size == 41 and kind is KspaceDistortionCorrector else -0.5
            assert np.allclose(moved, right, atol=0.03), "images of ideal gradients stay where they are now"
END
