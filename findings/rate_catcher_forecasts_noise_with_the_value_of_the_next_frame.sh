#!/bin/sh
# rate-catcher 0.1.0, predict: values of a belt 4 times a second that are pure noise, 200 s to learn from and 200 s to
# predict. What is to be predicted is whether the next value lies above the mean.
#
# Expected: noise cannot be forecast. Where the package says so (num_activated), the next value is above in half of the
# frames. And what is said of a frame does not change when a later value does: it is a library "to predict future
# events".
# Seen: the slope at a frame is taken from its moving average to that of the next frame, in learning and in predicting.
# Where it says so the next value is above in 88 % of the frames, and else in 12 %; with averages over 4 frames in 73
# and 27 %. Turn the sign of value 500, and what is said of frame 499 is another. Live there is no such slope. No word
# is said.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder"
"$folder/bin/python" -m pip install --quiet --disable-pip-version-check \
	rate-catcher==0.1.0 numpy==2.4.6 pandas==3.1.1 plotly==7.1.0 tqdm==4.70.1
cd "$folder"
"$folder/bin/python" -W ignore - 2>/dev/null <<'END'
import numpy as np
import pandas as pd
from rate_catcher import predict


def recorded(values):
    times = pd.Timestamp("2026-01-01") + pd.to_timedelta(np.arange(len(values)) * 0.25, unit="s")
    return pd.DataFrame({"timestamp": times, "signal_name": "belt", "count": values})


def next_is_above(timestamp, data, memory):
    if not memory:
        memory.update(zip(data["timestamp"], data["count"].shift(-1)))
    return float(memory[timestamp] > 0)


def activated(values, average):
    said = predict("belt", recorded(past), recorded(values), next_is_above, ma_values=[average])
    return said["num_activated"].to_numpy()[:-1] > 0


past, present = 5 * np.random.default_rng(0).normal(size=(2, 800))
above = present[1:] > 0
for average, right in ((1, 0.88), (4, 0.73)):
    said = activated(present, average)
    print(f"over {average}: above in {above[said].mean():.2f} of its frames, else in {above[~said].mean():.2f}")
    assert abs(above.mean() - 0.5) < 0.05 and said.sum() > 300
    assert np.abs([above[said].mean() - right, above[~said].mean() - 1 + right]).max() < 0.01, "not forecast now"

turned = present.copy()
turned[500] *= -1
changed = np.flatnonzero(activated(present, 1) != activated(turned, 1))
print("value 500 turned: what is said changes at", changed)
assert changed.min() == 499, "no frame looks at a later value now"
END
