#!/bin/sh
# opentps-core 2.0.0 (Python 3.11) or 3.0.1 (Python 3.12), signalGeneration, from which SyntheticBreathingSignal and
# the 4D sequences made with it come: 10 mm, 4 s, no noise, no apnoea. The period varies by 0.02 s at most, the
# amplitude by 2 %.
#
# Expected: breathing that goes on with another rate. In a step of 0.2 s it moves by 1.6 mm at most, as a sine of 10 mm
# and 4 s does; an event may add 0.1 mm.
# Seen: it jumps by up to 8.1 mm from one sample to the next. The changed rate is multiplied with the time since the
# start, so that the phase jumps too, and the more the later: after 500 s, half a percent of the rate is more than
# half a breath. Between events all looks well. The documentation calls this a variation of amplitude and frequency.
# An error of a forecast or of a gate on such a signal is in part that of jumps that no patient makes.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder"
"$folder/bin/python" -m pip install --quiet --disable-pip-version-check \
	'opentps-core==2.0.0; python_version < "3.12"' 'opentps-core==3.0.1; python_version >= "3.12"' matplotlib==3.10.9
cd "$folder"
HOME="$folder" "$folder/bin/python" -W ignore - 2>log <<'END' || { cat log; exit 1; }
import logging

import numpy as np

logging.disable(logging.CRITICAL)
from opentps.core.processing.deformableDataAugmentationToolBox.BreathingSignalGeneration import signalGeneration

np.random.seed(4)  # the package draws from the global generator
settings = {"amplitude": 10, "period": 4.0, "mean": 0, "sigma": 0, "step": 0.2, "signalDuration": 600}
calm = {"coeffMin": 0.0, "coeffMax": 0.02, "meanEventApnea": 0}
largest = {}
for name, rate_of_events in {"no events": 0, "an event a minute": 1 / 60}.items():
    times, places = signalGeneration(**settings, **calm, meanEvent=rate_of_events)
    moves = np.abs(np.diff(places))
    jumps = {round(float(times[k + 1]) / 1000, 1): round(float(moves[k]), 1) for k in np.flatnonzero(moves > 2)}
    largest[name] = moves.max()
    print(f"{name}: range {np.ptp(places):.1f} mm, moves in 0.2 s of more than 2 mm, by time in s: {jumps}")
fastest = 10.2 / 2 * 2 * np.pi / 3.98 * 0.2 + 0.1
print(f"largest move in 0.2 s: {largest['an event a minute']:.1f} mm, of a continuous signal: {fastest:.1f} mm")
assert largest["no events"] < fastest
assert largest["an event a minute"] > 3 * fastest, "the phase goes on over changes of the rate now"
END
