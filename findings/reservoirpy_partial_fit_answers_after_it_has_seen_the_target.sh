#!/bin/sh
# reservoirpy 0.4.2, partial_fit of the online readouts RLS and LMS.
#
# Expected: the outputs that partial_fit returns, "computed during the training", are the predictions of each step
# before its target is learned, by which learning online is scored. The target is white noise of variance 1, so that no
# forecaster has an RMSE below 1 or a correlation above 0 with it.
# Seen: each output is computed with the weights that have just learned the target of the same step. RLS gets an RMSE of
# 0.78 and a correlation of 0.60 with noise, LMS 0.54 and 0.87; asked with run() before each step, they have 1.23 and
# 1.07, and no correlation. So the outputs look like a good forecast of whatever is learned.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder"
"$folder/bin/python" -m pip install --quiet --disable-pip-version-check \
	reservoirpy==0.4.2 numpy==1.26.4 scipy==1.17.1 joblib==1.6.0
"$folder/bin/python" -W ignore - <<'END'
import numpy as np
from reservoirpy.nodes import LMS, RLS

COUNT = 400
rng = np.random.default_rng(0)
inputs, targets = rng.normal(size=(COUNT, 50)), rng.normal(size=(COUNT, 1))  # nothing to learn


def scores(outputs):
    rmse = float(np.sqrt(np.mean((outputs - targets[1:]) ** 2)))
    return round(rmse, 3), round(float(np.corrcoef(outputs.ravel(), targets[1:].ravel())[0, 1]), 3)


found = {}
for make in (lambda: RLS(alpha=1.0), lambda: LMS(learning_rate=0.01)):
    node, answered, before = make(), [], []
    for t in range(COUNT):
        if t > 0:
            before.append(node.run(inputs[t : t + 1])[0])
        answered.append(node.partial_fit(inputs[t : t + 1], targets[t : t + 1])[0])
    at_once = np.asarray(make().partial_fit(inputs, targets))
    assert np.allclose(at_once, answered), "steps one by one give what all at once give"
    name = type(node).__name__
    found[name] = {"partial_fit": scores(at_once[1:]), "run before each step": scores(np.asarray(before))}
    print(f"{name}: RMSE and correlation with noise {found[name]}")
for name, (rmse, correlation) in ((name, pair["partial_fit"]) for name, pair in found.items()):
    assert rmse < 0.95 and correlation > 0.4, f"{name} answers before it has seen the target now"
for rmse, correlation in (pair["run before each step"] for pair in found.values()):
    assert rmse > 1 and abs(correlation) < 0.1
END
