#!/bin/sh
# mopipe 0.2.0, calc_rqa, the recurrence quantification of a chest marker in five breath holds, each of 20 frames and at
# another height. Its fifth number is the mean length of vertical lines, the "trapping time": how long it stays.
#
# Expected: 20 frames, the mean of the lengths of all vertical lines of two points and more, as the share of these lines
# (laminarity) is.
# Seen: 11 frames. The sum of their lengths is divided by the number of diagonal lines, of which there are nearly
# twice as many. The mean length of diagonal lines, and the shares of both, are right.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder"
"$folder/bin/python" -m pip install --quiet --disable-pip-version-check \
	mopipe==0.2.0 numpy==2.4.6 scipy==1.17.1 pandas==3.1.1 joblib==1.5.3
cd "$folder"
"$folder/bin/python" -W ignore - <<'END'
import numpy as np
from mopipe.core.analysis.rqa import calc_rqa

HOLD, NEAR, SHORTEST = 20, 0.1, 2
place = np.repeat([0.0, 12, 5, 9, 3], HOLD) + np.random.default_rng(0).normal(size=5 * HOLD) * 0.005  # mm


def lengths(rows):
    """Lengths of all runs of true values, row by row, that are long enough."""
    found = []
    for row in rows:
        edges = np.flatnonzero(np.diff(np.concatenate([[0], row, [0]])))
        found += list(edges[1::2] - edges[::2])
    return np.array([length for length in found if length >= SHORTEST])


near = (np.abs(place[:, None] - place[None]) < NEAR).astype(int)
vertical = lengths(near.T)
diagonal = lengths([np.diagonal(near, offset) for offset in range(1 - len(place), len(place))])
found = calc_rqa(place, place, threshold=NEAR, lmin=SHORTEST)
print(f"{len(vertical)} vertical lines of {vertical.mean():.2f}, {len(diagonal)} diagonal of {diagonal.mean():.2f}")
print(f"calc_rqa: vertical {found[4]:.2f} frames, diagonal {found[3]:.2f} frames; laminarity {found[2]:.3f}", end="")
print(f" for {vertical.sum() / near.sum():.3f}")
assert np.isclose(found[2], vertical.sum() / near.sum()) and np.isclose(found[3], diagonal.mean())
assert np.isclose(found[4], vertical.sum() / len(diagonal)), "trapping times are of vertical lines now"
assert vertical.mean() == HOLD and abs(found[4] - 11.05) < 0.1
END
