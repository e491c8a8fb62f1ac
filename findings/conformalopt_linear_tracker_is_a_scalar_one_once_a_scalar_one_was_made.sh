#!/bin/sh
# conformalopt 0.1.0, two quantile trackers in one process, on errors that depend on the error before.
#
# Expected: each ConformalPredictor is its own. The linear one tunes how many earlier errors it looks at, and its bands
# do not depend on what else was made before it.
# Seen: the settings of a scalar tracker go into the default of the argument "hypers", which all share. A linear one
# that is made after a scalar one keeps order 0 and bias 1, tunes nothing but its step, and gives the very bounds of the
# scalar one: its quantile loss is 3 times that of the same line before. A comparison of the two finds them equal.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder"
"$folder/bin/python" -m pip install --quiet --disable-pip-version-check \
	conformalopt==0.1.0 numpy==2.4.6 pandas==3.1.1 scipy==1.17.1 statsmodels==0.15.0 matplotlib==3.11.2 tqdm==4.70.1
cd "$folder"
MPLBACKEND=Agg "$folder/bin/python" -W ignore - 2>/dev/null <<'END'
import contextlib
import io

import numpy as np
from conformalopt.main import ConformalPredictor

generator = np.random.default_rng(0)
errors = np.zeros(1300)
for step in range(1, errors.size):
    errors[step] = 0.9 * errors[step - 1] + abs(generator.standard_normal())
tuning, test = errors[:300], errors[300:]


def bounds(tracker):
    predictor = ConformalPredictor(quantile_tracker=tracker)
    with contextlib.redirect_stdout(io.StringIO()):
        predictor.fit(list(tuning))
    given = []
    for error in test:
        given.append(predictor.predict())
        predictor.step(given[-1], error)
    return predictor.hypers, np.array(given)


found = {}
for name, tracker in (("linear", "linear"), ("scalar", "scalar"), ("linear again", "linear")):
    settings, given = bounds(tracker)
    loss = float(np.mean(np.maximum(0.9 * (test - given), 0.1 * (given - test))))
    found[name] = settings["p_order_qt"], loss, given
    print(f"{name}: settings {settings}, coverage {np.mean(test <= given):.3f}, quantile loss {loss:.3f}")
assert found["linear"][0] == 1 and found["linear again"][0] == 0, "the order of a linear tracker is its own now"
assert np.array_equal(found["linear again"][2], found["scalar"][2])
assert found["linear again"][1] > 3 * found["linear"][1]
END
