#!/bin/sh
# MRPhantom 3.0.2 (which needs a C++ compiler to install), genResAmp, ten minutes of breathing with a period of 4 s and
# a temporal resolution of 0.5 to 0.005 s.
#
# Expected: the resolution says when the breathing is looked at, not how the phantom breathes. Breaths vary in length by
# as much at each of them.
# Seen: the times of the samples are drawn at random from the whole scan and sorted, so they stray from their places by
# the less, the more there are. Breaths vary by 1.6 s at 0.5 s a sample, by 1.0 s at 0.25 s, by 0.26 s at 0.02 s and by
# 0.13 s at 0.005 s. A forecaster judged on cines of 4 Hz faces one kind of breathing, and on a belt of 200 Hz another.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder"
"$folder/bin/python" -m pip install --quiet --disable-pip-version-check mrphantom==3.0.2 numpy==2.4.6 scipy==1.17.1
"$folder/bin/python" - <<'END'
import numpy as np
from mrphantom import genResAmp


def spread(resolution):
    lengths = []
    for seed in range(8):
        np.random.seed(seed)
        place = genResAmp(600, resolution, 4)
        before = np.flatnonzero((place[:-1] < 0) & (place[1:] >= 0))
        crossings = resolution * (before - place[before] / (place[before + 1] - place[before]))
        lengths.append(np.diff(crossings))
    return float(np.mean(np.concatenate(lengths))), float(np.mean([each.std() for each in lengths]))


found = {}
for resolution in (0.5, 0.25, 0.02, 0.005):
    mean, found[resolution] = spread(resolution)
    print(f"{resolution} s a sample: breaths of {mean:.2f} s, standard deviation {found[resolution]:.2f} s")
assert found[0.25] > 3 * found[0.02] > 5 * found[0.005], "breaths vary by as much at each resolution now"
assert found[0.5] > 10 * found[0.005]
END
