#!/bin/sh
# ngff-zarr 0.50.0 (with nibabel 5.4.2), nibabel_image_to_ngff_image, which its command line takes for NIfTI files, on a
# cine of 0.25 s a frame whose first pixel lies 60 mm to the left and 40 mm to the front.
#
# Expected: it is "preserving spatial metadata", so that the place of a pixel is what it was; and 0.25 s a frame.
# Seen: axes are named in the sense of the array ("right-to-left"), but the origin is that of NIfTI, which counts to the
# right and to the front. So on such an axis, -60 mm lies to the right. What itk_image_to_ngff_image makes of the very
# same image lies 120 mm and 80 mm away. ngff_image_to_itk_image then hands the mirrored origin to ITK.
# The time axis has a step of 1 and no unit, whatever the file says. A mask or a DVF that came by way of ITK is laid
# beside its image, and all breathing is four times too slow. No word is said.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder"
"$folder/bin/python" -m pip install --quiet --disable-pip-version-check \
	ngff-zarr==0.50.0 nibabel==5.4.2 numpy==2.2.6 zarr==3.1.6 dask==2026.8.0 SimpleITK==2.5.7
cd "$folder"
"$folder/bin/python" -W ignore - <<'END'
from importlib.metadata import version

import nibabel
import numpy as np
import SimpleITK
from itkwasm import FloatTypes, Image, ImageType
from ngff_zarr import itk_image_to_ngff_image, nibabel_image_to_ngff_image

print("ngff-zarr", version("ngff-zarr"))
pixels = np.zeros((20, 16, 10), dtype=np.float32)
pixels[3, 5, 2] = 1
affine = np.diag([-2.0, -2, 4, 1])  # columns run to the left, rows to the back, both 2 mm
affine[:3, 3] = -60, 40, 30  # mm to the right, to the front, upwards
nibabel.save(nibabel.Nifti1Image(pixels, affine), "volume.nii")

volume = SimpleITK.ReadImage("volume.nii")  # mm to the left, to the back, upwards
assert volume.GetOrigin() == (60, -40, 30) and np.array_equal(np.reshape(volume.GetDirection(), (3, 3)), np.eye(3))
by_itk = itk_image_to_ngff_image(Image(
    imageType=ImageType(dimension=3, componentType=FloatTypes.Float32), origin=list(volume.GetOrigin()),
    spacing=list(volume.GetSpacing()), direction=np.eye(3), size=list(volume.GetSize()),
    data=SimpleITK.GetArrayFromImage(volume),
))
by_nibabel = nibabel_image_to_ngff_image(nibabel.load("volume.nii"))
places = {}
for name, image in {"itk": by_itk, "nibabel": by_nibabel}.items():
    index = dict(zip(image.dims, np.argwhere(np.asarray(image.data) == 1)[0]))
    places[name] = [float(image.translation[dim] + image.scale[dim] * index[dim]) for dim in "xyz"]
    axes = [getattr(axis.value, "value", axis.value) for axis in map(image.axes_orientations.get, "xyz")]
    print(f"by way of {name}: axes {axes}, place of the bright pixel in mm {places[name]}")
    assert axes == ["right-to-left", "anterior-to-posterior", "inferior-to-superior"]
true = list(volume.TransformIndexToPhysicalPoint((3, 5, 2)))
print(f"SimpleITK: {true}")
assert places["itk"] == true == [66, -30, 38]

cine = nibabel.Nifti1Image(np.zeros((20, 16, 1, 40), dtype=np.int16), affine)
cine.header.set_zooms((2, 2, 4, 0.25))
cine.header.set_xyzt_units("mm", "sec")
image = nibabel_image_to_ngff_image(cine)
print(f"time step {image.scale['t']}, units {image.axes_units}")
assert places["nibabel"] == [-54, 50, 38], "the origin follows the axes now"
assert (image.scale["t"], image.axes_units) == (1.0, None), "the time step is read now"
END
