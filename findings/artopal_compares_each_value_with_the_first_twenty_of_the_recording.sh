#!/bin/sh
# artopal 0.1.0, monitor_features ("online monitor features for physiological time series"): breathing whose baseline
# shifts once, by 8 mm, after 60 s, and then stays.
#
# Expected: the monitors gauss_20 and gauss_100 have a "memory" of 20 and 100 values: the distance of each value from
# the mean of those before it, in standard deviations. The shift stands out, and after 20 values (5 s) the monitor has
# got used to it.
# Seen: a full memory drops what it has just taken in, not what is oldest, so that it keeps the first 20 (or 100) values
# of the recording for good. After the shift the score stays high for ever, 3.5 instead of 0.8; a slow drift grows
# into an alarm without end, and what happens within it cannot be told from calm. The slope over the last 20 values,
# angle_20, is that of the first 20 as well. During the first 20 values, all is right.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder"
"$folder/bin/python" -m pip install --quiet --disable-pip-version-check artopal==0.1.0 numpy==2.4.6 pandas==3.0.5
cd "$folder"
"$folder/bin/python" -W ignore - <<'END'
import numpy as np
import pandas as pd
from artopal import monitor_features

RATE = 4  # Hz
seconds = np.arange(120 * RATE) / RATE
breathing = 20 + 3 * np.sin(2 * np.pi * seconds / 4) + 0.2 * np.random.default_rng(0).standard_normal(len(seconds))
shifted = breathing + np.where(seconds < 60, 0, 8)  # mm
found = monitor_features(pd.Series(shifted, name="mm"))


def own(values, memory, newest):
    scores = np.zeros(len(values))
    for k in range(3, len(values)):
        kept = values[max(0, k - memory) : k] if newest else values[: min(k, memory)]
        scores[k] = abs(values[k] - kept.mean()) / kept.std(ddof=1)
    return scores


late = seconds >= 90
for memory in (20, 100):
    scores = found[f"mm_gauss_{memory}"].to_numpy()
    moving, first = own(shifted, memory, True), own(shifted, memory, False)
    print(f"memory {memory}: at the shift {scores[60 * RATE]:.1f}; on average of the last 30 s "
          f"{scores[late].mean():.1f}, with the newest {memory} values {moving[late].mean():.1f}, "
          f"with the first {first[late].mean():.1f}")
    assert np.allclose(scores[: memory + 1], moving[: memory + 1])
    assert scores[late].mean() > 3 and moving[late].mean() < 1.1
    assert np.allclose(scores, first), "the memory keeps other values than the first now"
END
