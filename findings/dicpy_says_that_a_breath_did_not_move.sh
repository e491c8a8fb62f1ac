#!/bin/sh
# DICpy 0.3.1, ImageRegistration (and Oversampling, which inherits its run) on five frames of one breath: the speckle
# moves 2, 4, 2 and 0 pixels to the right of where it was in the first frame.
#
# Expected: u[k] holds the displacements of frame k + 1, as LucasKanade of the same package gives them: means of 2, 4, 2
# and 0 in an array of shape (4, ny - 1, nx - 1).
# Seen: one array is summed up in place and appended each time, and that once for each row of the mesh. So u has 12
# entries, all of them the last sum: 0 everywhere. A breath that ends where it began is said not to have moved, and any
# other motion is said to have been where it ended from the first frame on. The strains are computed from that.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder"
"$folder/bin/python" -m pip install --quiet --disable-pip-version-check \
	DICpy==0.3.1 numpy==2.4.6 scipy==1.17.1 scikit-image==0.26.0 opencv-python-headless==5.0.0.93 matplotlib==3.11.2 \
	setuptools==80.9.0
mkdir "$folder/frames"
cd "$folder"
MPLBACKEND=Agg "$folder/bin/python" -W ignore - <<'END'
import cv2
import numpy as np
from DICpy.DIC_2D import ImageRegistration, Images, LucasKanade, Oversampling, RegularGrid
from scipy.ndimage import gaussian_filter

moved = [0, 2, 4, 2, 0]
speckle = gaussian_filter(np.random.default_rng(0).standard_normal((160, 200)), 2)
speckle = np.round(255 * (speckle - speckle.min()) / np.ptp(speckle)).astype(np.uint8)
for number, pixels in enumerate(moved):
    cv2.imwrite(f"frames/{number}.png", np.roll(speckle, pixels, axis=1))
images = Images()
images.read_speckle_images(path="frames", extension="png")
images.calibration(pixel_dim=1)
mesh = RegularGrid(images_obj=images)
mesh.define_mesh(point_a=(20, 20), point_b=(180, 140), nx=4, ny=4)
found = {}
for method, options in ((LucasKanade, {}), (ImageRegistration, {}), (Oversampling, {"over_x": 2, "over_y": 2})):
    analysis = method(mesh_obj=mesh, **options)
    analysis.run()
    found[method.__name__] = [round(float(np.mean(each)), 1) for each in analysis.u]
    print(f"{method.__name__}: shape of u {analysis.u.shape}, means in pixels {found[method.__name__]}")
print(f"truth {moved[1:]}")
assert found["LucasKanade"] == moved[1:]
assert found["ImageRegistration"] == [0] * 12, "ImageRegistration has changed"
assert found["Oversampling"] == [0] * 12, "Oversampling has changed"
END
