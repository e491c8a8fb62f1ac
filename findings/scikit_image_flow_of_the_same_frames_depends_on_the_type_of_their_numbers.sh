#!/bin/sh
# scikit-image 0.26.0, optical_flow_tvl1 and optical_flow_ilk, on two MR frames with values from 0 to 1000, moved by
# exactly (1.3, -0.6) pixels. The same numbers are given in the types that readers of DICOM and NIfTI make of them.
#
# Expected: the same motion from the same numbers, whatever their type; the help asks for "a grayscale image".
# Seen: whole numbers are divided by the largest one of their type, those with a point are not. With the default settings
# of TV-L1, frames scaled to 0..1 give (1.35, -0.58). In uint16 less than half of the motion is found, (0.58, -0.28); in
# int32 none at all; in float32 vectors are nearly 5 pixels off on average. ilk is right to 0.03 pixels in all types but
# int32, where it finds no motion either. A mean of two frames, a product with a mask or another reader changes the type,
# and so the motion. No word is said.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder"
"$folder/bin/python" -m pip install --quiet --disable-pip-version-check \
	scikit-image==0.26.0 numpy==2.4.6 scipy==1.17.1
cd "$folder"
"$folder/bin/python" -W error - <<'END'
import numpy as np
from skimage.registration import optical_flow_ilk, optical_flow_tvl1

SIZE, MOTION = (96, 112), np.array([1.3, -0.6])  # pixels, down and right


def image(down, right):
    rows, columns = np.meshgrid(*map(np.fft.fftfreq, SIZE), indexing="ij")
    texture = np.fft.fft2(np.random.default_rng(0).standard_normal(SIZE))
    smooth = np.exp(-2 * (np.pi * 0.8) ** 2 * (rows**2 + columns**2))
    return np.fft.ifft2(texture * smooth * np.exp(-2j * np.pi * (rows * down + columns * right))).real


first, second = image(0, 0), image(*MOTION)
darkest, brightest = min(first.min(), second.min()), max(first.max(), second.max())
first, second = (np.round(1000 * (frame - darkest) / (brightest - darkest)) for frame in (first, second))
means, errors = {}, {}
for method in (optical_flow_tvl1, optical_flow_ilk):
    for kind in ("0 to 1", "uint16", "int16", "int32", "float32"):
        pair = (first / 1000, second / 1000) if kind == "0 to 1" else (first.astype(kind), second.astype(kind))
        flow = method(*pair)[:, 10:-10, 10:-10]
        key = method.__name__.rsplit("_", 1)[1], kind
        means[key] = flow.mean(axis=(1, 2))
        errors[key] = float(np.hypot(*(flow - MOTION[:, None, None])).mean())
        print(f"{key[0]}, {kind}: mean motion {means[key].round(2)}, vectors {errors[key]:.2f} pixels off on average")
assert errors["tvl1", "0 to 1"] < 0.2
assert 0.3 < means["tvl1", "uint16"][0] / MOTION[0] < 0.6, "uint16 gives the whole motion now"
assert np.abs(means["tvl1", "int32"]).max() < 1e-3 and errors["tvl1", "float32"] > 2
assert all(errors["ilk", kind] < 0.05 for kind in ("0 to 1", "uint16", "int16", "float32"))
assert np.abs(means["ilk", "int32"]).max() < 1e-3, "int32 has motion now"
END
