#!/bin/sh
# torchpiv 0.1.18, OfflinePIV: tissue that breathes by 24 pixels with a period of 16 frames, in 65 frames with noise.
# Displacements are asked for from frame to frame (folder_mode "sequential"), for windows of 32 pixels.
#
# Expected: 64 fields, one for each pair of frames, with a mean speed of 6 pixels a frame. Vectors whose correlation has
# two peaks alike are filled from their neighbours, and a pair without such vectors needs no filling.
# Seen: the function that fills vectors gives None where there is nothing to fill, and such pairs are passed over as if
# too much had been missing. What comes back are the 11 pairs that have bad vectors, those of fast motion. Their mean
# speed is 8.9 pixels a frame. The fields have no numbers, so that the n-th is not of the n-th pair. With a tenth of the
# noise no field comes back. No word is said, while "too many false vectors" has its warning.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder"
"$folder/bin/python" -m pip install --quiet --disable-pip-version-check torch==2.13.0 numpy==2.4.6 scipy==1.17.1 \
	pandas==3.1.1 matplotlib==3.11.2 imageio==2.38.1 opencv-python-headless==5.0.0.93 PySide6-Essentials==6.12.0 \
	watchdog==7.1.0
"$folder/bin/python" -m pip install --quiet --disable-pip-version-check --no-deps torchpiv==0.1.18
cd "$folder"
MPLBACKEND=Agg "$folder/bin/python" -W ignore - <<'END'
import contextlib
import io
import os
import tempfile

import cv2
import numpy as np
from scipy.ndimage import gaussian_filter, map_coordinates
from torchPIV.PIVbackend import OfflinePIV

SIZE, COUNT, WINDOW = 160, 65, 32
place = 24 * np.sin(2 * np.pi * np.arange(COUNT) / 16)
speed = np.abs(np.diff(place))
tissue = gaussian_filter(np.random.default_rng(0).normal(size=(SIZE + 60, SIZE)), 1.5)
tissue = 255 * (tissue - tissue.min()) / np.ptp(tissue)
columns = np.arange(SIZE)
for noise, fields in ((30, 11), (3, 0)):
    with tempfile.TemporaryDirectory() as frames, contextlib.redirect_stdout(io.StringIO()) as words:
        for number, down in enumerate(place):
            image = map_coordinates(tissue, np.meshgrid(columns + 30 - down, columns, indexing="ij"), order=3)
            image += np.random.default_rng(number).normal(size=image.shape) * noise
            cv2.imwrite(os.path.join(frames, f"{number:02d}.png"), np.clip(image, 0, 255).astype(np.uint8))
        pairs = OfflinePIV(frames, "cpu", "png", WINDOW, WINDOW // 2, dt=1000, folder_mode="sequential")
        found = np.array([np.abs(np.median(down)) for _, _, _, down in pairs()])
    print(f"noise of {noise}: {len(found)} fields for {len(pairs)} pairs; speeds {found.round(1)}")
    assert len(pairs) == COUNT - 1 and "false" not in words.getvalue() and abs(speed.mean() - 6) < 0.1
    assert abs(len(found) - fields) <= 1, "pairs without a bad vector come back now"
    if len(found):
        assert abs(found.mean() - 8.9) < 0.2
END
