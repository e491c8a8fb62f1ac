#!/bin/sh
# kcpdi 0.1.1, kcp_ds with its defaults: positions of a marker at rest with 1 mm of noise, without a jump, with one jump
# of 10 mm, and with three jumps of 10, 25 and 30 mm.
#
# Expected: no change without a jump, one with one jump, and three with three, whatever the number of frames. Its
# "penalized variable selection" is there "to obtain a final decision as to how many of the detected change points are
# truly significant and not simply adjusted noise".
# Seen: the penalty is a line fitted to the costs of the upper part of 0 to 2 * floor(frames / 1000) changes. Below 2000
# frames that is a single cost, whose line is flat, and the penalty is zero. So recordings of 1000 to 1999 frames have
# one change each: those of noise, too, and those of three jumps. Below 1000 frames only "none" is compared, and jumps
# of 30 mm are none. At 4 frames a second that is every recording of four minutes. With 2000 frames noise has none and
# one jump one. No word is said of a least number of frames but of 10, which is min_n_time_points.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder"
"$folder/bin/python" -m pip install --quiet --disable-pip-version-check numpy==2.4.6 scipy==1.17.1 ruptures==1.1.10 \
	scikit-learn==1.9.1 matplotlib==3.10.8
"$folder/bin/python" -m pip install --quiet --disable-pip-version-check --no-deps kcpdi==0.1.1
cd "$folder"
MPLBACKEND=Agg "$folder/bin/python" -W ignore - <<'END'
import numpy as np
from kcpdi.kcp_ds import kcp_ds


def jumped(noise, sizes):
    place = noise.copy()
    for number, size in enumerate(sizes, start=1):
        place[number * len(place) // (len(sizes) + 1) :] += size
    return place


for frames in (300, 999, 1000, 1500, 1999, 2000):
    counts, dates = [], []
    for seed in range(4):
        noise = np.random.default_rng(seed).normal(size=(frames, 1))
        found = [kcp_ds(jumped(noise, sizes))[0] for sizes in ((), (10,), (10, -25, 30))]
        counts.append([len(changes) for changes in found])
        dates += found[0]
    print(f"{frames} frames: {counts[0]} changes without, with one and with three jumps; without, at {dates}")
    if frames < 1000:
        assert np.all(np.array(counts) == 0), "jumps are found in short recordings now"
    elif frames < 2000:
        assert np.all(np.array(counts) == 1), "changes are counted by their size now"
    else:
        assert np.all(np.array(counts)[:, :2] == [0, 1])
END
