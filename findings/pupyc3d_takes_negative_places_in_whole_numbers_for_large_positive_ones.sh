#!/bin/sh
# pupyC3D 0.1.3, C3DFile: a C3D file in whole numbers of two bytes, as cameras write to halve a file, with a scale of
# 0.01 mm. One marker breathes 10 mm about the origin of the room, and is not seen in a tenth of the frames.
#
# Expected: the places that are in the file, -10 to 10 mm, as c3d 0.6.0 and the C3D manual have them ("signed integer").
# Frames in which it was not seen have a residual of -1.
# Seen: the numbers are read without a sign. What lies at -10 mm is said to lie at 645.36 mm: half of each breath is
# 655.36 mm away, and the mean is 328 mm for 0. With a scale of 0.1 mm it is 6.5 m. The residual of a lost frame is
# 655.35 for -1, so no frame is lost. The same places in a file of real numbers are read rightly.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder"
"$folder/bin/python" -m pip install --quiet --disable-pip-version-check pupyC3D==0.1.3 c3d==0.6.0 numpy==2.4.6
cd "$folder"
"$folder/bin/python" -W ignore - <<'END'
import struct

import c3d
import numpy as np
from pupyC3D import C3DFile

RATE, FRAMES, SCALE = 25.0, 300, 0.01
place = 10 * np.sin(2 * np.pi * (np.arange(FRAMES) + 0.3) / (4 * RATE))  # mm
seen = np.arange(FRAMES) % 10 != 5


def parameter(name, kind, data, shape=(), last=False):
    """A parameter of group 1 as the C3D manual has it."""
    body = struct.pack("<bB", kind, len(shape)) + bytes(shape) + data + b"\0"
    return struct.pack("<bb", len(name), 1) + name.encode() + struct.pack("<H", 0 if last else len(body) + 2) + body


def write(path, whole):
    scale = SCALE if whole else -SCALE
    head = struct.pack("<BBHHHHHfHHf", 2, 80, 1, 0, 1, FRAMES, 10, scale, 3, 0, RATE).ljust(512, b"\0")
    group = struct.pack("<bb", 5, -1) + b"POINT" + struct.pack("<H", 3) + b"\0"
    group += parameter("USED", 2, struct.pack("<H", 1)) + parameter("FRAMES", 2, struct.pack("<H", FRAMES))
    group += parameter("SCALE", 4, struct.pack("<f", scale)) + parameter("RATE", 4, struct.pack("<f", RATE))
    group += parameter("DATA_START", 2, struct.pack("<H", 3)) + parameter("UNITS", -1, b"mm", (2,))
    group += parameter("LABELS", -1, b"chest", (5, 1), last=True)
    rows = np.column_stack([place, np.zeros((FRAMES, 2)), np.where(seen, 0, -1)])
    if whole:
        rows[:, :3] = np.round(rows[:, :3] / SCALE)
    data = rows.astype("<i2" if whole else "<f4").tobytes()
    with open(path, "wb") as file:
        file.write(head + (struct.pack("<BBBB", 1, 80, 1, 84) + group).ljust(512, b"\0") + data.ljust(5120, b"\0"))


for path, whole in (("whole.c3d", True), ("real.c3d", False)):
    write(path, whole)
    points = C3DFile(path).get_point_data("chest")
    with open(path, "rb") as file:
        other = np.array([frame[1][0] for frame in c3d.Reader(file).read_frames()])
    assert np.allclose(other[:, 0], place, atol=0.006) and ((other[:, 3] == -1) == ~seen).all()
    off = points[:, 0] - place
    print(f"{path}: {points[:, 0].min():.2f} to {points[:, 0].max():.2f} mm, mean {points[:, 0].mean():.1f},", end="")
    print(f" up to {np.abs(off).max():.2f} mm off; residual of lost frames {points[~seen, 3].max():.2f}")
    if whole:
        below = place < -0.006
        assert np.allclose(off[below], 65536 * SCALE, atol=0.006), "negative places are read rightly now"
        assert np.allclose(points[~seen, 3], 65535 * SCALE) and abs(points[:, 0].mean() - 328) < 3
    else:
        assert np.abs(off).max() < 1e-3 and (points[~seen, 3] == -1).all()
END
