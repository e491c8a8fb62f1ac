#!/bin/sh
# phantominator 0.7.0 (numerical phantoms for MR): one ellipse as an image (ct_shepp_logan) of 128 pixels a side, and as
# k-space samples (kspace_shepp_logan) on the grid of such an image, without coils and with eight.
#
# Expected: k-space coordinates are in "the units of BART's traj", in which neighbours of the full grid are 1 apart. So
# the inverse Fourier transform of the grid shows the ellipse at its place, to a pixel, with and without coils.
# Seen: without coils it is twice as large and twice as far from the middle; a Shepp-Logan phantom runs over all
# edges of the image and back in at the other side. Half the coordinates give the right image. With coils the size is
# right, but the ellipse is turned by a quarter about the middle. No word is said but for a FIXME in the source. The
# distances that a motion or a trajectory is tested with are wrong by two, or lie along the other axis.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder"
"$folder/bin/python" -m pip install --quiet --disable-pip-version-check phantominator==0.7.0 numpy==2.4.6 scipy==1.17.1
cd "$folder"
"$folder/bin/python" - <<'END'
import contextlib
import io

import numpy as np
from phantominator import ct_shepp_logan, kspace_shepp_logan

SIDE = 128
ELLIPSE = np.array([[1.0, 0.2, 0.1, 0.3, 0.1, 0.0]])  # grey value, half axes, middle (x, y), angle; the image is 2 wide
row, column = np.mgrid[:SIDE, :SIDE] - (SIDE - 1) / 2
kx, ky = (each.ravel() for each in np.meshgrid(np.arange(SIDE) - SIDE // 2, np.arange(SIDE) - SIDE // 2))


def image(samples):
    samples = samples.reshape(SIDE, SIDE, -1)
    coils = np.fft.fftshift(np.fft.ifft2(np.fft.ifftshift(samples, axes=(0, 1)), axes=(0, 1)), axes=(0, 1))
    return np.sqrt((np.abs(coils) ** 2).sum(axis=-1))


with contextlib.redirect_stdout(io.StringIO()):
    coils = kspace_shepp_logan(kx, ky, E=ELLIPSE, ncoil=8)
images = {
    "image": ct_shepp_logan(SIDE, E=ELLIPSE),
    "k-space": image(kspace_shepp_logan(kx, ky, E=ELLIPSE)),
    "k-space, coordinates halved": image(kspace_shepp_logan(kx / 2, ky / 2, E=ELLIPSE)),
    "k-space, eight coils": image(coils),
}
found = {}
for name, each in images.items():
    inside = each > each.max() / 2
    rows, columns = row[inside], column[inside]
    found[name] = np.array([rows.mean(), columns.mean(), np.ptp(rows) + 1, np.ptp(columns) + 1])
    print("{}: middle at row {:.1f}, column {:.1f}; {:.0f} rows, {:.0f} columns".format(name, *found[name]))
true = found["image"]
assert np.abs(found["k-space, coordinates halved"] - true).max() < 1.1
assert np.abs(found["k-space"] - 2 * true).max() < 1.5, "k-space has the size of the image now"
turned = true[[1, 0, 3, 2]] * [1, -1, 1, 1]
assert np.abs(found["k-space, eight coils"] - turned).max() < 1.5, "k-space with coils is turned otherwise now"
END
