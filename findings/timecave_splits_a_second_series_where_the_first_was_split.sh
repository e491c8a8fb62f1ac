#!/bin/sh
# timecave 1.0.0 (validation of forecasts), RepeatedHoldout with its settings as they are: a series of 100 frames, and
# after it one of 1000 frames.
#
# Expected: splitting_interval is [0.7, 0.8], "the minimum and maximum allowable sizes for the training set": of each
# series, 70 to 80 % are for training and the others for validation.
# Seen: the shares are replaced by numbers of frames in the list itself, which is that of the default. After the first
# series, the default is [70, 80] frames for each series of the same process: of 1000 frames, 7 to 8 % are for training
# and the rest for validation. The errors still look like errors, only larger: 2.4 mm in place of 2.0 for a linear
# forecaster. With a list written out anew, the same series has 70 to 80 % for training. A list that is given is
# changed, too, with no word.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder"
"$folder/bin/python" -m pip install --quiet --disable-pip-version-check \
	timecave==1.0.0 numpy==2.2.6 scipy==1.14.1 pandas==2.3.3
cd "$folder"
"$folder/bin/python" -W ignore - <<'END'
import numpy as np
from timecave.validation_methods.OOS import RepeatedHoldout

HISTORY = 16  # frames that a forecast is made from


def breath(count):
    frame = np.arange(count)
    return 10 * np.sin(2 * np.pi * frame / 16) + 2 * np.random.default_rng(0).standard_normal(count)  # mm


def validated(series, **settings):
    shares, errors = [], []
    for train, validation, _ in RepeatedHoldout(series, **settings).split():
        rows = np.lib.stride_tricks.sliding_window_view(series, HISTORY + 1)
        learnt, asked = rows[: len(train) - HISTORY], rows[len(train) - HISTORY :]
        weights = np.linalg.lstsq(learnt[:, :-1], learnt[:, -1], rcond=None)[0]
        errors.append(np.sqrt(np.mean((asked[:, :-1] @ weights - asked[:, -1]) ** 2)))
        shares.append(len(train) / len(series))
    return np.mean(errors), min(shares), max(shares)


def told(name, found):
    print(f"{name}: training with {100 * found[1]:.0f} to {100 * found[2]:.0f} %, error {found[0]:.2f} mm")
    return found


told("100 frames", validated(breath(100)))
second = told("1000 frames after them", validated(breath(1000)))
fresh = told("1000 frames with [0.7, 0.8] written out", validated(breath(1000), splitting_interval=[0.7, 0.8]))
assert 0.7 <= fresh[1] <= fresh[2] <= 0.8
assert 0.07 <= second[1] <= second[2] <= 0.08, "a second series has its own shares now"
own = [0.7, 0.8]
RepeatedHoldout(breath(100), splitting_interval=own)
print(f"a list [0.7, 0.8] is {own} after a series of 100 frames")
assert own == [70, 80], "a list that is given is left as it is now"
END
