#!/bin/sh
# itk 5.4.7 with xarray 2026.9.0, xarray_from_image and image_from_xarray: an image of one slice, 5 mm thick, 80 mm
# towards the head, and the fourth slice of a stack.
#
# Expected: "Metadata encoded with xarray_from_image is applied to the itk.Image": there and back, the slice lies at
# 80 mm and is 5 mm thick.
# Seen: at 0 mm, and 1 mm thick. The coordinate of an axis with one entry is not looked at, though it holds the place;
# zero and one stand in its stead. Rows and columns are right, so that the slice looks good. A frame of a cine, and a
# slice taken out of a stack with isel, end up in another part of the body, and volumes are a fifth. Two slices are
# right.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder"
"$folder/bin/python" -m pip install --quiet --disable-pip-version-check \
	itk==5.4.7 xarray==2026.9.0 numpy==2.4.6 pandas==3.1.1
cd "$folder"
"$folder/bin/python" -W ignore - <<'END'
import itk
import numpy as np


def image_of(slices):
    image = itk.image_from_array(np.ones((slices, 30, 40), np.float32))
    image.SetOrigin([-20.0, -60.0, 80.0])
    image.SetSpacing([1.5, 2.0, 5.0])
    return image


def place(image):
    return list(image.GetOrigin()), list(image.GetSpacing())


found = {}
for slices in (1, 2, 6):
    labelled = itk.xarray_from_image(image_of(slices))
    assert labelled.coords["z"][0] == 80
    found[slices] = place(itk.image_from_xarray(labelled))
    print(f"{slices} slices there and back: origin {found[slices][0]}, spacing {found[slices][1]}")
assert found[2] == found[6] == place(image_of(2))
fourth = itk.image_from_xarray(labelled.isel(z=slice(3, 4)).copy())
print(f"the fourth of 6 slices, at 95 mm: origin {place(fourth)[0]}, spacing {place(fourth)[1]}")
assert labelled.coords["z"][3] == 95
for origin, spacing in (found[1], place(fourth)):
    assert origin[:2] == [-20, -60] and spacing[:2] == [1.5, 2]
    assert origin[2] == 0 and spacing[2] == 1, "a single slice keeps its place now"
END
