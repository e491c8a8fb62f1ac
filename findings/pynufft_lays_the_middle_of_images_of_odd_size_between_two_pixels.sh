#!/bin/sh
# pynufft 2025.2.1, NUFFT on radial readouts (120 spokes) of a spot that lies 5 pixels below and 8 right of isocentre,
# where k-space has no phase. Its samples are exact, those of a Gaussian.
#
# Expected: in an image of N pixels isocentre is the pixel N // 2, counted from 0, as in numpy.fft and in other
# packages for the same readouts: finufft, sigpy, torchkbnufft. So it is with 64 x 64.
# Seen: isocentre is N / 2. With 65 x 65, 65 x 64 or 65 x 48 pixels it lies between two pixels along each axis of odd
# size: the spot comes out half a pixel further, and forward() gives samples whose phase turns by up to a quarter along
# the spoke, so that images of the one package do not fit the samples of another (coil maps, models, motion fields that
# were made with an FFT of the same size). The adjoint fits forward(), so a test of that does not find it.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder"
"$folder/bin/python" -m pip install --quiet --disable-pip-version-check \
	pynufft==2025.2.1 finufft==2.5.1 numpy==2.4.6 scipy==1.17.1
cd "$folder"
"$folder/bin/python" -W ignore - <<'END'
import finufft
import numpy as np
from pynufft import NUFFT

PLACE, WIDTH, SPOKES = np.array([5.0, 8.0]), 3.0, 120  # pixels from isocentre; pixels

angles = np.pi * np.arange(SPOKES) / SPOKES
along = np.linspace(-0.5, 0.5, 128, endpoint=False)  # cycles a pixel
points = np.stack([np.outer(along, np.sin(angles)).ravel(), np.outer(along, np.cos(angles)).ravel()], axis=1)
samples = np.exp(-2 * (np.pi * WIDTH) ** 2 * (points**2).sum(axis=1) - 2j * np.pi * points @ PLACE)
weights = np.hypot(*points.T)  # the density of radial readouts
turns = 2 * np.pi * points


def middle(image):
    image = np.abs(image) ** 2
    return np.array([(index * image).sum() / image.sum() for index in np.indices(image.shape)])


shift = {}
for size in ((64, 64), (65, 65), (65, 64), (65, 48)):
    right = np.array([count // 2 for count in size]) + PLACE
    tool = NUFFT()
    tool.plan(turns, size, tuple(2 * count for count in size), (6, 6))
    other = finufft.nufft2d1(*turns.T, samples * weights, size, isign=1, eps=1e-9)
    found = middle(tool.adjoint(samples * weights))
    shift[size] = found - right
    spot = np.zeros(size)
    spot[tuple(right.astype(int))] = 1
    phase = np.angle(tool.forward(spot.astype(complex)) / np.exp(-2j * np.pi * points @ PLACE))
    print(f"{size}: spot at {right}; finufft {np.round(middle(other), 2)}, "
          f"pynufft {np.round(found, 2)}, phase off by up to {np.abs(phase).max():.2f}")
    assert np.allclose(middle(other), right, atol=0.02)
    assert np.allclose(shift[size], [count % 2 / 2 for count in size], atol=0.02), "isocentre is a pixel now"
assert np.allclose(shift[64, 64], 0, atol=0.02)
END
