#!/bin/sh
# preqts 0.3.1, run_prequential with a covariate of kind "past" and a lag, of which the docstring says "the value at
# time s becomes available at time s + lag". The target follows a belt 3 frames behind; the forecast of the next frame
# is what the belt showed 3 frames before it.
#
# Expected: a belt whose values come 1 or 2 frames late serves as well as one that is in time, as the value needed has
# long come.
# Seen: each step hands over the rows of the new frames only, with NaN for what has not come yet, and never goes back to
# them. After the warm-up no value of a late covariate is given at all: of 200 the forecaster ends with 19 or 18. Its
# error is 4 to 5 mm where it is 0 in time. A comparison of lags says that one frame of lateness makes a belt worthless.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder"
"$folder/bin/python" -m pip install --quiet --disable-pip-version-check preqts==0.3.1 numpy==2.4.6
"$folder/bin/python" - <<'END'
import numpy as np
from preqts import Covariate, ReplayAdapter, Stream, run_prequential

belt = 5 * np.sin(2 * np.pi * np.arange(200) / 16)
target = np.concatenate([np.zeros(3), belt[:-3]])
seen = {}


def forecast(context, horizon, past, future, levels):
    known = past[: len(context) - 2, 0]
    seen[len(context)] = int(np.isfinite(past[:, 0]).sum())
    return np.full((horizon, len(levels)), known[np.isfinite(known)][-1])


found = {}
for lag in (0, 1, 2):
    stream = Stream(target, [Covariate("belt", belt, kind="past", lag=lag)])
    result = run_prequential(ReplayAdapter(forecast), stream, horizon=1, warmup=20)
    found[lag] = seen[199], float(np.sqrt(np.mean(result.rmse**2)))
    print(f"belt {lag} frames late: {found[lag][0]} values handed over, error {found[lag][1]:.2f} mm")
    assert stream.past_covariate_matrix(199)[198 - lag, 0] == belt[198 - lag], "the value is known by then"
assert found[0] == (199, 0.0)
assert [found[lag][0] for lag in (1, 2)] == [19, 18], "late values are handed over now"
assert min(found[lag][1] for lag in (1, 2)) > 3
END
