#!/bin/sh
# mps-motion 0.5.1 (motion and strain of cardiac sequences) on a texture that is stretched along its rows by 6 %.
#
# Expected: the displacement at column c is 0.06 (c - middle), the Green-Lagrange strain along the rows
# (1.06^2 - 1) / 2 = 6.2 %, no other, and the principal strains 6.2 % and 0. At half size, which is faster, the
# displacement in micrometres is about the same.
# Seen: the displacement is right, with x along the columns. Its derivatives are taken with x along the rows, so
# what is d(ux)/dx is kept as a shear: both strains along axes are under 0.5 %, the shear is 3 %, and the principal
# strains are +3.3 and -3.0 %, a lengthening and a shortening where nothing gets shorter. At scale=0.5 all displacements
# are twice too large: they are divided by the scale, and then multiplied by a micrometres-per-pixel that was, too.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder"
"$folder/bin/python" -m pip install --quiet --disable-pip-version-check mps-motion==0.5.1 numpy==2.4.6 \
	scipy==1.17.1 dask==2026.8.0 ap-features==2026.2.1 cardiac-mps==2026.1.0 opencv-contrib-python==5.1.0.95
cd "$folder"
"$folder/bin/python" -W ignore - <<'END'
import contextlib
import io
import logging

import cv2
import numpy as np
from mps_motion import Mechanics, OpticalFlow, utils

logging.disable(logging.INFO)
ROWS, COLUMNS, STRETCH = 120, 150, 0.06
texture = cv2.GaussianBlur(np.random.default_rng(0).normal(size=(ROWS, COLUMNS)), (0, 0), 3)
texture = (texture - texture.min()) / np.ptp(texture) * 60000
row, column = np.mgrid[:ROWS, :COLUMNS].astype(np.float32)
middle = COLUMNS / 2
source = ((column - middle) / (1 + STRETCH) + middle).astype(np.float32)
stretched = cv2.remap(texture, source, row, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REFLECT)
frames = np.stack([texture, texture, texture, stretched], axis=-1).clip(0, 65535).astype(np.uint16)
info = {"um_per_pixel": 1.0, "num_frames": 4, "size_x": ROWS, "size_y": COLUMNS}
data = utils.MPSData(frames=frames, time_stamps=250.0 * np.arange(4), info=info)

with contextlib.redirect_stdout(io.StringIO()):
    flow = OpticalFlow(data)
    half = flow.get_displacements(unit="um", scale=0.5, smooth_ref_transition=False).array_np[30, 60, 3]
    motion = flow.get_displacements(unit="um", smooth_ref_transition=False, recompute=True)
    full = motion.array_np[60, 120, 3]
    strains = Mechanics(motion)
    inside = np.s_[30:90, 40:110, 3]
    along = [100 * float(getattr(strains.E, name).array_np[inside].mean()) for name in ("x", "y", "xy")]
    principal = 100 * strains.principal_strain.array_np[inside].mean((0, 1))
print(f"displacement at column 120: {full[0]:.2f} of {STRETCH * (120 - middle):.2f}; at half size {half[0]:.2f}")
print(f"strain along x and y: {along[0]:.2f} and {along[1]:.2f} %, shear {along[2]:.2f} %")
true = 50 * ((1 + STRETCH) ** 2 - 1)
print(f"principal strains: {principal[0]:.2f} and {principal[1]:.2f} %; true are 0 and {true:.2f} %")
assert abs(full[0] - 2.7) < 0.2 and abs(full[1]) < 0.1
assert max(abs(along[0]), abs(along[1])) < 0.5 and along[2] > 2.5, "a stretch is a strain along its axis now"
assert principal[0] < -2.5 and principal[1] < 4, "principal strains are right now"
assert half[0] > 1.8 * full[0], "displacements at half size are those at full size now"
END
