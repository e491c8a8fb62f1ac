#!/bin/sh
# Two controllers of a band of 90 % that learn online: AdaptiveConformalRegressor of conformalpy 1.0.0, as it comes, and
# ConformalPID of insurance-conformal-ts 0.2.0 (clip_lower=False, as for values of either sign; gains of 0, 0.1, 0.5).
#
# Expected: a miss makes the band wider, a hit makes it narrower, so that 90 % are covered in the long run, also where
# errors slowly grow or shrink. ACI of insurance-conformal-ts, which does so, has 90 % in each case.
# Seen: both push the other way. conformalpy adds (miss - 0.1) to alpha, the share that may be missed, where the paper
# subtracts it: alpha runs to one of its limits, by chance where errors are steady, so that the "90 %" are about 50 % or
# 100 %; where errors grow, 15 %. The PID controller subtracts what it should add (the comment above that line is
# right): errors that grow are covered worse, and bands of errors that shrink are wider, the larger the gains.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder"
"$folder/bin/python" -m pip install --quiet --disable-pip-version-check conformalpy==1.0.0 \
	insurance-conformal-ts==0.2.0 numpy==2.4.6 scipy==1.17.1 pandas==3.1.1 scikit-learn==1.9.1 statsmodels==0.15.0
"$folder/bin/python" - <<'END'
import numpy as np
from conformalpy.timeseries import AdaptiveConformalRegressor
from insurance_conformal_ts import ACI, AbsoluteResidualScore, ConformalPID, ConstantForecaster

COUNT = 2000
LATE = slice(-COUNT // 4, None)
SCALES = {"steady": np.ones(COUNT), "growing": np.linspace(1, 4, COUNT), "shrinking": np.linspace(4, 1, COUNT)}


class Zero:
    def predict(self, inputs):
        return np.zeros(len(inputs))


def by_conformalpy(before, values):
    method = AdaptiveConformalRegressor(model=Zero(), target_coverage=0.9)
    method.calibrate(np.zeros((len(before), 1)), before)
    bands = []
    for value in values:
        bands.append(method.predict_interval(np.zeros((1, 1)))[0])
        method.update(np.zeros((1, 1)), np.array([value]))
    return np.array(bands).T


def by_insurance(make, **options):
    def bands(before, values):
        method = make(ConstantForecaster(), AbsoluteResidualScore(clip_lower=False), **options)
        method.fit(before)
        return method.predict_interval(values, alpha=0.1)

    return bands


def pid(gain):
    return by_insurance(ConformalPID, Kp=gain, Ki=gain / 10, Kd=gain / 10, window_size=None)


def measured(bands, scale, seed):
    rng = np.random.default_rng(seed)
    before, values = scale[0] * rng.normal(size=500), scale * rng.normal(size=COUNT)
    low, high = bands(before, values)
    covered = (low <= values) & (values <= high)
    return float(np.mean(covered[LATE])), float(np.median((high - low)[LATE]))


METHODS = {"conformalpy": by_conformalpy, **{f"PID, gain {gain}": pid(gain) for gain in (0, 0.1, 0.5)}}
found = {}
for errors, scale in SCALES.items():
    for name, bands in {**METHODS, "ACI": by_insurance(ACI)}.items():
        for seed in (0, 1, 2, 3) if name == "conformalpy" else (0,):
            found[errors, name, seed] = measured(bands, scale, seed)
            covered, width = found[errors, name, seed]
            print(f"errors {errors}, {name}, seed {seed}: last quarter covered to {covered:.1%}, width {width:.2f}")
assert all(0.87 < found[errors, "ACI", 0][0] < 0.93 for errors in SCALES)
steady = [found["steady", "conformalpy", seed][0] for seed in range(4)]
assert not any(0.6 < covered < 0.99 for covered in steady), "conformalpy has about 90 % of steady errors now"
assert found["growing", "conformalpy", 0][0] < 0.3, "conformalpy follows growing errors now"
grown = [found["growing", f"PID, gain {gain}", 0][0] for gain in (0, 0.1, 0.5)]
widths = [found["shrinking", f"PID, gain {gain}", 0][1] for gain in (0, 0.1, 0.5)]
assert grown[2] < grown[1] < grown[0], "larger gains cover more of growing errors now"
assert widths[2] > widths[1] > widths[0], "larger gains narrow the band of shrinking errors now"
END
