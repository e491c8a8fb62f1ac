#!/bin/sh
# mdreg 0.5.4 with itk-elastix 0.25.4, elastix.coreg on two images; the content moves by 3 rows and 2 columns.
#
# Expected: the deformation field is "measured in voxel units", so (3, 2) whatever the spacing in mm.
# Seen: right while rows and columns are equally far apart. With 1 mm and 2 mm the field says (1.5, 4). Its components
# are brought into the order of the array, but divided by the spacing in the order of ITK. The registered image is
# right, so that nothing looks wrong, and skimage.coreg of the same package says (3, 2).
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder"
"$folder/bin/python" -m pip install --quiet --disable-pip-version-check --no-compile \
	mdreg==0.5.4 itk-elastix==0.25.4 itk==5.4.7 numpy==2.4.6 scipy==1.17.1 scikit-image==0.26.0 scikit-learn==1.9.1 \
	zarr==3.1.6 dask==2026.8.0 matplotlib==3.11.2
cd "$folder"
"$folder/bin/python" -W ignore - <<'END'
import mdreg
import numpy as np
from scipy.ndimage import gaussian_filter, shift

fixed = gaussian_filter(np.random.default_rng(0).standard_normal((96, 80)), 3) * 1000
moving = shift(fixed, (3, 2), order=3, mode="nearest")
inside = np.s_[20:70, 20:60]
found = {}
for spacing in ([1.0, 1.0], [1.0, 2.0]):
    image, _, field = mdreg.elastix.coreg(
        moving, fixed, spacing=spacing, method="translation", return_deformation=True
    )
    left = np.abs(image - fixed)[inside].mean() / np.abs(moving - fixed)[inside].mean()
    found[tuple(spacing)] = field[inside].mean((0, 1)).round(1).tolist()
    print(f"spacing {spacing}: field {found[tuple(spacing)]} pixels, {left:.1%} of the difference left in the image")
    assert left < 0.01
other = mdreg.skimage.coreg(moving, fixed)[1][inside].mean((0, 1)).round(1).tolist()
print(f"skimage: field {other} pixels")
assert other == [3.0, 2.0]
assert found == {(1.0, 1.0): [3.0, 2.0], (1.0, 2.0): [1.5, 4.0]}, "each component has the spacing of its axis now"
END
