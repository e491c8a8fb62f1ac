#!/bin/sh
# sysidentpy 0.9.0, FROLS, predict(steps_ahead=8), on a random walk with steps of 1 mm and an input without effect.
#
# Expected: each value is forecast from what was known 8 steps before it. The error (root mean square) is that of
# persistence, 2.9 mm here.
# Seen: the series is cut into pieces of 8 values, each forecast from its beginning. The first value of a piece is one
# step ahead, and only the last is eight: the error is 2.2 mm, that of all horizons from 1 to 8 together. A change of
# value 40 moves the forecasts for 41 to 48, one of value 42 none. The help says "n-step ahead prediction" and no more;
# lengths agree, and nothing marks the pieces. A NAR model, without inputs, ends in an error of numpy.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder"
"$folder/bin/python" -m pip install --quiet --disable-pip-version-check \
	sysidentpy==0.9.0 numpy==2.3.5 scipy==1.17.1
cd "$folder"
"$folder/bin/python" -W ignore - <<'END'
import numpy as np
from sysidentpy.basis_function import Polynomial
from sysidentpy.model_structure_selection import FROLS
from sysidentpy.parameter_estimation import LeastSquares

LEARNED, LENGTH = 4000, 8001
generator = np.random.default_rng(0)
walk = np.cumsum(generator.standard_normal(LENGTH))[:, None]
no_effect = generator.standard_normal((LENGTH, 1))
model = FROLS(
    order_selection=False, n_terms=1, ylag=1, xlag=1, basis_function=Polynomial(degree=1), estimator=LeastSquares(),
    model_type="NARMAX",
)
model.fit(X=no_effect[:LEARNED], y=walk[:LEARNED])
assert model.final_model.ravel().tolist() == [1001] and abs(model.theta.item() - 1) < 0.01, "not a persistence"
real = walk[LEARNED:]


def size(errors):
    return float(np.sqrt(np.mean(np.square(errors))))


ratio = {}
for steps in (1, 2, 8):
    forecast = model.predict(X=no_effect[LEARNED:], y=real, steps_ahead=steps)
    assert forecast.shape == real.shape
    errors = (forecast - real)[1:]
    true, last = size(real[steps:] - real[:-steps]), size(errors[steps - 1 :: steps])
    ratio[steps] = size(errors) / true
    by_place = [round(size(errors[place::steps]), 2) for place in range(steps)]
    print(f"{steps} steps: {size(errors):.2f} mm, persistence {true:.2f}; by place in the piece {by_place}")
    assert abs(last / true - 1) < 0.1
    moved = {}
    for time in (40, 42):
        changed = real.copy()
        changed[time] += 50
        difference = model.predict(X=no_effect[LEARNED:], y=changed, steps_ahead=steps) - forecast
        moved[time] = np.flatnonzero(np.abs(difference) > 1).tolist()
    print(f"  values whose change moves forecasts, and these forecasts: {moved}")
    assert moved[40] == list(range(41, 41 + steps)) and bool(moved[42]) == (steps < 8), "not in pieces now"
assert abs(ratio[1] - 1) < 0.01 and 0.7 < ratio[8] < 0.8, "all values are eight steps ahead now"
END
