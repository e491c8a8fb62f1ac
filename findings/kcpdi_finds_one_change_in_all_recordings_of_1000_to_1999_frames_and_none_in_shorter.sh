#!/bin/sh
# kcpdi 0.1.1, kcp_ds with its defaults: positions of a marker at rest with 1 mm of noise, without a jump and with one
# jump of 10 mm in the middle.
#
# Expected: no change without a jump, and one with one jump, whatever the number of frames. A penalty is there for "a
# final decision as to how many of the detected change points are truly significant and not simply adjusted noise".
# Seen: the penalty is a line fitted to the costs of the upper part of 0 to 2 * floor(frames / 1000) changes. Below 2000
# frames that is a single cost, whose line is flat, and the penalty is zero. So recordings of 1000 to 1999 frames have
# one change each, those of noise, too. Below 1000 frames only "none" is compared, and no jump is seen. At 4 frames a
# second that is every recording of four minutes. With 2000 frames noise has none and the jump is one. The 1000 is
# expected_frac_anomaly, to be chosen "carefully" by how often changes are to be expected. That it is also the least
# length is not said, and there is no warning. With 1 / 100, 1000 and 1999 frames are right, too.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder"
"$folder/bin/python" -m pip install --quiet --disable-pip-version-check numpy==2.2.6 scipy==1.16.0 ruptures==1.1.9 \
	scikit-learn==1.7.1 matplotlib==3.10.5
"$folder/bin/python" -m pip install --quiet --disable-pip-version-check --no-deps kcpdi==0.1.1
cd "$folder"
MPLBACKEND=Agg "$folder/bin/python" -W ignore - <<'END'
import numpy as np
from kcpdi.kcp_ds import kcp_ds


def counted(frames, **settings):
    """Number of changes without and with a jump, for four recordings."""
    counts = []
    for seed in range(4):
        noise = np.random.default_rng(seed).normal(size=(frames, 1))
        jump = noise + 10 * (np.arange(frames) >= frames // 2)[:, None]
        counts.append([len(kcp_ds(places, **settings)[0]) for places in (noise, jump)])
    return np.array(counts)


for frames in (300, 999, 1000, 1500, 1999, 2000):
    counts = counted(frames)
    print(f"{frames} frames: {counts[:, 0]} changes without a jump, {counts[:, 1]} with one")
    if frames < 1000:
        assert np.all(counts == 0), "jumps are found in short recordings now"
    elif frames < 2000:
        assert np.all(counts == 1), "noise has no change now"
    else:
        assert np.all(counts == [0, 1])
for frames in (1000, 1999):
    assert np.all(counted(frames, expected_frac_anomaly=1 / 100) == [0, 1])
END
