#!/bin/sh
# niphlem 0.0.3, load_bids_physio(..., sync_scan=True, the default): breathing at 50 Hz in a BIDS file with a StartTime
# of 2 s: the belt was started two seconds after the first image, which BIDS allows.
#
# Expected: the signal "synchronized with the scanner times": sample k, at SamplingFrequency and from the StartTime that
# are returned, is breathing at that time, as it is for recordings that began before the first image.
# Seen: the new times go from 0 to the end, in as many samples as there were. 300 s are stretched over 302, while
# SamplingFrequency stays 50 and StartTime becomes 0. The signal begins in time (with two seconds that nobody measured)
# and ends two seconds late, half a breath: by then it says expiration where the patient inspires. The regressors of
# the package count times from that frequency unless told otherwise.
# What is exactly 0 is taken for an artefact too: a column of triggers, 0 with a 1 for each image, comes back as 1
# throughout.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder"
"$folder/bin/python" -m pip install --quiet --disable-pip-version-check numpy==2.4.6 scipy==1.17.1 matplotlib==3.11.2 \
	scikit-learn==1.9.1
"$folder/bin/python" -m pip install --quiet --disable-pip-version-check --no-deps niphlem==0.0.3
cd "$folder"
"$folder/bin/python" -W ignore - <<'END'
import json
from pathlib import Path

import numpy as np
from niphlem.input_data import load_bids_physio

RATE, SECONDS = 50, 300


def breathing(seconds):
    return 2000 + 800 * np.cos(2 * np.pi * seconds / 4)


errors = {}
for start in (-2.0, 0.0, 2.0):
    seconds = start + np.arange(SECONDS * RATE) / RATE
    triggers = (np.arange(len(seconds)) % 100 == 0).astype(float)
    np.savetxt("sub-1_physio.tsv.gz", np.column_stack([breathing(seconds), triggers]), fmt="%.3f")
    header = {"SamplingFrequency": RATE, "StartTime": start, "Columns": ["respiratory", "trigger"]}
    Path("sub-1_physio.json").write_text(json.dumps(header), encoding="utf-8")
    signal, header = load_bids_physio("sub-1_physio.tsv.gz", "sub-1_physio.json")
    times = header["StartTime"] + np.arange(len(signal)) / header["SamplingFrequency"]
    found = np.abs(signal[:, 0] - breathing(times))
    errors[start] = [found[(times >= a) & (times < a + 4)].max() for a in (4, 100, 200, 290)]
    print(f"began at {start} s: {header['SamplingFrequency']} Hz from {header['StartTime']} s; largest difference "
          f"after 4, 100, 200 and 290 s {np.round(errors[start]).astype(int)} of a range of 1600; "
          f"mean of the triggers {signal[:, 1].mean():.2f} instead of {triggers.mean():.2f}")
    assert np.all(signal[:, 1] == 1), "triggers are kept now"
assert max(errors[-2.0]) < 2 and max(errors[0.0]) < 2
assert errors[2.0] == sorted(errors[2.0]) and errors[2.0][-1] > 1500, "the recording is no longer stretched"
END
