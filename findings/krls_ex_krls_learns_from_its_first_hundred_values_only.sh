#!/bin/sh
# krls 0.0.4, EX_KRLS (the extended kernel recursive least squares of Liu, Park, Wang and Principe 2009, which is for
# signals that change, with two forgetting factors), fed value by value with evolve(): breathing at 4 Hz whose baseline
# drifts by 3 mm in two minutes.
#
# Expected: each call of evolve() with a new pair moves the forecasts of the next values. N, 100 unless another number
# is given, is documented as an "accuracy parameter determining the level of sparsity". The other methods of the package
# go on learning with N centres: they slide, replace a centre, or change the weights.
# Seen: as soon as there are N centres, everything is left as it was, weights included. After 25 s nothing is learned
# any more, also not in fit(): the other values are looked at and dropped. Forecasts go on and keep the rhythm, with
# the baseline of the first 25 s: their error, 0.6 mm at first, is 3.8 mm at the end, where KRLS and SW_KRLS have 0.2 and
# 0.4 mm. Other values in the last 90 s do not change a single weight of the model.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder"
"$folder/bin/python" -m pip install --quiet --disable-pip-version-check krls==0.0.4 numpy==2.4.6 torch==2.13.0
cd "$folder"
"$folder/bin/python" -W ignore - <<'END'
import numpy as np
from krls.krls import EX_KRLS, KRLS, SW_KRLS

RATE, HISTORY = 4, 6  # Hz, values
seconds = np.arange(120 * RATE) / RATE
noise = 0.1 * np.random.default_rng(0).standard_normal(len(seconds))
breathing = 4 * np.sin(2 * np.pi * seconds / 4.1) + 3 * seconds / 120 + noise  # mm
histories = np.lib.stride_tricks.sliding_window_view(breathing[:-1], HISTORY)
targets = breathing[HISTORY:]
START = 40  # pairs for fit()


def run(make, values):
    model = make(kernel_type="Gaussian", sigma=5.0)
    model.fit(histories[:START], targets[:START])
    errors, kept = [], []
    for history, value in zip(histories[START:], values[START:]):
        errors.append(model.predict(history[None])[0] - value)
        model.evolve(history[None], np.array([value]))
        kept.append(model.parameters_dict["Theta"].copy())
    return np.array(errors), kept


rmse = {}
for make in (KRLS, SW_KRLS, EX_KRLS):
    errors, kept = run(make, targets)
    rmse[make.__name__] = [float(np.sqrt(np.mean(errors[part] ** 2))) for part in (slice(20, 60), slice(-60, None))]
    print(f"{make.__name__}: RMSE of the frames 60 to 100 {rmse[make.__name__][0]:.2f} mm, of the last 60 "
          f"{rmse[make.__name__][1]:.2f} mm")
other = targets.copy()
other[120:] = 50.0  # mm: another patient
same = np.array_equal(run(EX_KRLS, targets)[1][-1], run(EX_KRLS, other)[1][-1])
print(f"EX_KRLS ends with the same weights whatever the values after the first 120 are: {same}")
assert rmse["KRLS"][1] < 0.6 and rmse["SW_KRLS"][1] < 0.6
assert same and rmse["EX_KRLS"][1] > 4 * rmse["EX_KRLS"][0], "values after the first N are learned now"
END
