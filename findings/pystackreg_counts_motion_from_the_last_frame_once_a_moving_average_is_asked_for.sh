#!/bin/sh
# pystackreg 0.2.8, register_stack with the default reference "previous" ("Aligns each frame (image) to its previous
# frame in the stack") and with moving_average=3, "a moving average of the stack is first created before registration".
# A target breathes up and down by 6 pixels with a period of 20 frames; films of 21 frames (it ends where it began), 26
# and 36 frames.
#
# Expected: frame 0 has no frame before it and stays where it is, as without an average and as with "first"; its matrix
# is the identity, and the matrices say how far each frame has moved since. The average takes a little of the height.
# Seen: with an average, frame 0 is aligned to the last frame of the film, which is taken for the one before it, and
# all other matrices are multiplied by that one. So the whole course of the motion is shifted by what lies between the
# first and the last frame, here by up to 6 pixels: it depends on the phase in which the film ends. No word is said.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder"
"$folder/bin/python" -m pip install --quiet --disable-pip-version-check pystackreg==0.2.8 numpy==2.4.6
cd "$folder"
"$folder/bin/python" -W ignore - <<'END'
import numpy as np
from pystackreg import StackReg

rows, columns = np.mgrid[:96, :96]


def frame(shift):
    return sum(
        height * np.exp(-((rows - row - shift) ** 2 + (columns - column) ** 2) / (2 * width**2))
        for height, row, column, width in ((1000, 48, 40, 10), (400, 34, 66, 7))
    )


def smoothed(values):
    return np.convolve(np.pad(values, 1, mode="edge"), np.full(3, 1 / 3), mode="valid")


for count in (21, 26, 36):
    moved = 6 * np.sin(2 * np.pi * np.arange(count) / 20)  # pixels
    film = np.stack([frame(shift) for shift in moved])
    course = {}
    for reference, average in (("previous", 1), ("first", 3), ("previous", 3)):
        matrices = StackReg(StackReg.TRANSLATION).register_stack(film, reference, moving_average=average)
        course[reference, average] = matrices[:, 1, 2]
        print(f"{count} frames, {reference}, average of {average}: "
              f"frames 0, 5, 10, 15 moved by {np.round(course[reference, average][[0, 5, 10, 15]], 1)} pixels, "
              f"right {np.round(moved[[0, 5, 10, 15]], 1)}")
    assert np.abs(course["previous", 1] - moved).max() < 0.1
    assert np.abs(course["first", 3] - moved).max() < 1.5
    between = smoothed(moved)[-1] - smoothed(moved)[0]
    shift = course["previous", 3] - (smoothed(moved) - smoothed(moved)[0])
    assert np.allclose(shift, -between, atol=0.3), "the motion is counted from the first frame now"
    print(f"    the course is shifted by {shift.mean():.1f} pixels")
assert between < -4
END
