#!/bin/sh
# moirestrain 0.1.1 (motion of gratings, as of tagged images), analyze and analyze_grid: a grating of period 8 pixels
# that moves by 0.6 pixels to the right. It begins at 40 places in turn, 0.2 pixels apart; then it lies a degree
# askew.
#
# Expected: one motion in the whole image, of 0.6 pixels, wherever the grating begins. (By its convention, which its
# help states, that is -0.6.) Phases are unwrapped, so a period more or less is the library's own care.
# Seen: of three of the 40 places it is +7.4 pixels in the whole image, and of the others -0.6. The phase of each
# image is unwrapped from its own first pixel; where the motion carries that past half a turn, a period is left over,
# and the unwrapped difference of both keeps it. Of the grating that lies askew, analyze along x says -0.6 in some
# rows and +7.4 in the others, and analyze_grid, which always works so, finds a shear of near 4 where there is none.
# No message says so: each row by itself looks smooth and right.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder"
"$folder/bin/python" -m pip install --quiet --disable-pip-version-check \
	moirestrain==0.1.1 numpy==2.4.6 imageio==2.38.1 matplotlib==3.11.2
MPLBACKEND=Agg "$folder/bin/python" -W ignore - <<'END'
import moirestrain
import numpy as np

PERIOD, MOVE = 8, 0.6
y, x = np.mgrid[:96, :128].astype(float)
inner = np.s_[8:-8, 8:-8]


def waves(start, askew=0.0, move=0.0):
    """The grating of lines across x that begins at a place (pixels), at an angle (radians), moved in x (pixels)."""
    return np.cos(2 * np.pi * (x - start - move + askew * (y - 48)) / PERIOD)


found = {}
for start in np.arange(0.1, PERIOD, 0.2).round(1):
    result = moirestrain.analyze(0.5 + 0.4 * waves(start), 0.5 + 0.4 * waves(start, move=MOVE), PERIOD, axis="x")
    motion = result.displacement[inner]
    assert np.ptp(motion) < 0.1
    found[float(start)] = round(float(motion.mean()), 1)
counts = {motion: sum(value == motion for value in found.values()) for motion in sorted(set(found.values()))}
print("how many places give which motion:", counts)
assert counts == {-0.6: 37, 7.4: 3}, "the motion is one now wherever the grating begins"

askew = np.radians(1.0)
across = np.cos(2 * np.pi * (y - 3) / PERIOD)
images = [0.5 + 0.2 * waves(4, askew, move) + 0.2 * across for move in (0.0, MOVE)]
result = moirestrain.analyze_grid(*images, PERIOD)
rows = sorted({round(float(value), 1) for value in result.x.displacement[inner].mean(axis=1)})
shear = float(np.abs(result.strain.gamma_xy[inner]).max())
print(f"a degree askew: motions of the rows {rows[0]} to {rows[-1]} pixels, shear up to {shear:.2f}")
assert rows[0] == -0.6 and rows[-1] == 7.4, "one motion is found in all rows now"
assert shear > 3.5, "the shear is small now"
END
