#!/bin/sh
# demetria 0.1.0 (fields of scalars and of vectors), VectorField.div and rot: of a motion by 0.1 (x, y), which makes
# tissue grow by a tenth in both directions; of its opposite; and of a turn by 0.1 (-y, x).
#
# Expected: the divergence of a motion is the growth of an area for small motion: +0.2 for the first, -0.2 for the
# second and 0 for the third. The curl of the turn is +0.2, and that of the others 0.
# Seen: the curl is right, so that a check of it shows nothing. The divergence is taken as the value before a point
# less the one behind it: -0.2 where tissue grows, and +0.2 where it shrinks. What breathes in is said to breathe out.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder"
"$folder/bin/python" -m pip install --quiet --disable-pip-version-check \
	demetria==0.1.0 numpy==2.4.6 scipy==1.17.1 matplotlib==3.11.2
MPLBACKEND=Agg "$folder/bin/python" -W ignore - <<'END'
import numpy as np
from demetria import VectorField

x, y = np.meshgrid(np.linspace(-1, 1, 5), np.linspace(-1, 1, 7))
motions = {
    "growth": (VectorField(lambda x, y: 0.1 * x, lambda x, y: 0.1 * y), 0.2, 0.0),
    "shrinking": (VectorField(lambda x, y: -0.1 * x, lambda x, y: -0.1 * y), -0.2, 0.0),
    "turn": (VectorField(lambda x, y: -0.1 * y, lambda x, y: 0.1 * x), 0.0, 0.2),
}
for name, (motion, growth, turn) in motions.items():
    u, v = motion(x, y)
    by_hand = np.gradient(u, x[0], axis=1) + np.gradient(v, y[:, 0], axis=0)
    assert np.allclose(by_hand, growth), "numpy says otherwise"
    divergence, curl = motion.div(x, y), motion.rot(x, y)
    print(f"{name}: divergence {divergence.mean():+.2f} (by numpy {by_hand.mean():+.2f}), curl {curl.mean():+.2f}")
    assert np.allclose(curl, turn), "the curl is another now"
    assert np.allclose(divergence, -growth), "the divergence has its sign now"
END
