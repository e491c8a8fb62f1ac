#!/bin/sh
# temporalcv 2.3.0, AdaptiveConformalPredictor ("Gibbs & Candes (2021) ACI", alpha 0.1, gamma at its default), on errors
# of 1 mm that grow to 3 mm, given in micrometres, millimetres, centimetres and metres.
#
# Expected: the same bands, as gamma is a rate ("higher = faster adaptation") that adapts a level between 0 and 1.
# Seen: gamma is added to the half width of the band itself, whatever its unit. In millimetres a miss widens the band by
# 0.18 mm. In micrometres it is 0.18 um: bands do not follow, and hold 37 % of the larger errors. In metres it is 0.18
# m: after each miss the band is 180 mm wide, falls to nothing by the tenth value, and misses again. So 90 % lie inside,
# as they should, and the coverage shows nothing. No word is said of the unit.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder"
"$folder/bin/python" -m pip install --quiet --disable-pip-version-check \
	temporalcv==2.3.0 numpy==2.4.6 scipy==1.17.1 pandas==3.1.1 scikit-learn==1.9.1 statsmodels==0.15.0 matplotlib==3.11.2
cd "$folder"
"$folder/bin/python" -W ignore - <<'END'
import numpy as np
from temporalcv.conformal import AdaptiveConformalPredictor

FIRST, STEADY, GROWN = 200, 300, 300
errors = np.random.default_rng(0).standard_normal(FIRST + STEADY + GROWN)  # mm
errors[FIRST + STEADY :] *= 3
found = {}
for unit, size in {"um": 1000.0, "mm": 1.0, "cm": 0.1, "m": 0.001}.items():
    given = errors * size
    predictor = AdaptiveConformalPredictor(alpha=0.1)
    predictor.initialize(np.zeros(FIRST), given[:FIRST])
    widths, inside = [], []
    for error in given[FIRST:]:
        lower, upper = predictor.predict_interval(0.0)
        widths.append((upper - lower) / size)
        inside.append(lower <= error <= upper)
        predictor.update(0.0, error)
    steady, grown = slice(100, STEADY), slice(STEADY + 100, None)
    found[unit] = [np.mean(widths[steady]), np.max(widths[steady]), np.mean(inside[steady]), np.mean(inside[grown])]
    print(f"in {unit}: bands of {found[unit][0]:.1f} mm, up to {found[unit][1]:.1f}, {found[unit][2]:.0%} inside; of "
          f"the larger errors {found[unit][3]:.0%}")
best = 2 * np.quantile(np.abs(errors[:FIRST]), 0.9)
print(f"band that holds 90 % of the first errors: {best:.1f} mm")
assert abs(found["mm"][0] - best) < 0.5
assert found["um"][3] < 0.5 and found["mm"][3] > 0.75, "the bands do not depend on the unit now"
assert found["m"][0] > 20 * best and found["m"][1] > 150 and abs(found["m"][2] - 0.9) < 0.03
END
