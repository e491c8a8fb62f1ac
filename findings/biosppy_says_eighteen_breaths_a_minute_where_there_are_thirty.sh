#!/bin/sh
# biosppy 2.2.4, signals.resp.resp, on ten minutes of breathing of 12 to 30 a minute, each breath 10 % longer or
# shorter.
#
# Expected: "instantaneous respiration rate (Hz)". Where it is beyond what the function can see, there is none, or
# NaN.
# Seen: right up to 18 a minute. Each breath above 21 a minute is dropped, and the rate is that of the slow ones that
# are left, smoothed over three of them however far apart they are. So breathing of 24 a minute, as patients have it,
# has a mean rate of 19.8, and of 30 a minute 18.2. The help has no limit, and no word is said. The count of values
# tells it: 24 of 240 breaths, 20 of 301.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder"
"$folder/bin/python" -m pip install --quiet --disable-pip-version-check \
	biosppy==2.2.4 peakutils==1.3.5 numpy==2.4.6 scipy==1.17.1 scikit-learn==1.9.1 matplotlib==3.11.2
cd "$folder"
"$folder/bin/python" -W ignore - <<'END'
import numpy as np
from biosppy.signals import resp

RATE, SECONDS = 100, 600


def breathing(breaths_a_minute):
    rng = np.random.default_rng(0)
    frequency = []
    while len(frequency) < SECONDS * RATE:
        period = 60 / breaths_a_minute * (1 + 0.1 * rng.standard_normal())
        frequency += [1 / period] * int(period * RATE)
    cycles = np.cumsum(frequency[: SECONDS * RATE]) / RATE
    return np.sin(2 * np.pi * cycles), cycles[-1]


said = {}
for mean in (12, 15, 18, 21, 24, 30):
    signal, breaths = breathing(mean)
    found = resp.resp(signal, sampling_rate=RATE, show=False)["resp_rate"]
    said[mean] = 60 * float(np.mean(found))
    rate = breaths / SECONDS * 60
    print(f"{rate:.1f} breaths a minute, {breaths:.0f} in all: {len(found)} rates, mean {said[mean]:.1f}")
assert all(abs(said[mean] - mean) < 0.3 for mean in (12, 15, 18))
assert max(said[21], said[24]) < 20 and said[30] < 18.5, "fast breathing has its rate now, or none"
END
