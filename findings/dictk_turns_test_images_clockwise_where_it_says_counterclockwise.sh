#!/bin/sh
# dictk 0.1.2, imaging.rotate and complex_deform, which make test images of a known motion for image correlation: a
# spot, 100 pixels to the right of the corner and 60 below it, is turned about the corner by 10 degrees.
#
# Expected: an angle that is "positive counterclockwise" brings a spot to the right of the corner upwards in the image,
# to (108.9, 41.7). So it does in Pillow and scikit-image, whose angles are counterclockwise too.
# Seen: the formula is that of axes with y upwards, while rows run downwards. The spot goes down, to (88.1, 76.5), 40
# pixels from where it is said to be. Who scores a measured motion by the angle that was asked for finds it turned the
# wrong way, by twice the angle. Displacements of translate are right: a positive one in y "moves content down".
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder"
"$folder/bin/python" -m pip install --quiet --disable-pip-version-check dictk==0.1.2 numpy==2.4.6 scipy==1.17.1 \
	matplotlib==3.11.2 imageio==2.38.1 scikit-image==0.26.0 pillow==13.0.0
cd "$folder"
MPLBACKEND=Agg "$folder/bin/python" -W ignore - <<'END'
import numpy as np
import skimage.transform
from dictk.imaging import complex_deform, rotate, translate
from PIL import Image

rows, columns = np.mgrid[0:160, 0:160]
image = (250 * np.exp(-((columns - 100) ** 2 + (rows - 60) ** 2) / 50)).astype(np.uint8)
angle = np.radians(10)
counter = np.array([100 * np.cos(angle) + 60 * np.sin(angle), 60 * np.cos(angle) - 100 * np.sin(angle)])
clock = np.array([100 * np.cos(angle) - 60 * np.sin(angle), 60 * np.cos(angle) + 100 * np.sin(angle)])


def spot(turned):
    weight = np.asarray(turned, dtype=float)
    return np.array([(weight * columns).sum(), (weight * rows).sum()]) / weight.sum()


found = {
    "scikit-image": spot(skimage.transform.rotate(image, 10, center=(0, 0), preserve_range=True)),
    "Pillow": spot(Image.fromarray(image).rotate(10, center=(0, 0), resample=Image.Resampling.BILINEAR)),
    "rotate": spot(rotate(image, 10)),
    "complex_deform": spot(complex_deform(image, 1, 1, 10)),
}
for name, place in found.items():
    print(f"{name}: column {place[0]:.1f}, row {place[1]:.1f}")
assert np.abs(spot(translate(image, 3, 7)) - [103, 67]).max() < 0.2
for name in ("scikit-image", "Pillow"):
    assert np.abs(found[name] - counter).max() < 0.6
for name in ("rotate", "complex_deform"):
    assert np.abs(found[name] - clock).max() < 0.2, "it turns counterclockwise now"
assert abs(np.linalg.norm(found["rotate"] - counter) - 40.5) < 0.5
END
