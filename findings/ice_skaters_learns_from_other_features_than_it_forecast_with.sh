#!/bin/sh
# ice-skaters 0.1.3, LaplaceTarget and LaplaceFeatures, on river 0.26.1, whose progressive_val_score hands over each
# target when it is known. Breathing of 10 mm at 8 Hz is forecast 3 frames ahead (0.38 s) from its last four places, so
# that each target comes 3 frames after its forecast.
#
# Expected: "the predict path and the learn path see identical features", "the same pre-update pair is used at learn
# time". A regression that gets two more features is about as good as without them.
# Seen: the features of a forecast are not kept. When its target comes they are made anew, from a forecaster that has
# seen more by then: LaplaceTarget learns from the forecast of the very value that it learns, made one frame before it,
# and forecasts with that of a value three frames back. The regression learns to trust it, and errors are twice those
# without it, and more than ten times with LaplaceFeatures. No word is said. If targets come at once, as in the
# examples, or if the features of each forecast are kept by hand until then, LaplaceTarget halves the errors.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder"
"$folder/bin/python" -m pip install --quiet --disable-pip-version-check \
	ice-skaters==0.1.3 skaters==0.16.0 river==0.26.1 numpy==2.4.6 scipy==1.17.1
cd "$folder"
"$folder/bin/python" -W ignore - <<'END'
import numpy as np
from ice_skaters import LaplaceFeatures, LaplaceTarget
from river import base, evaluate, linear_model, metrics, preprocessing, utils

AHEAD, FRAMES, LAST = 3, 700, 300
time = np.arange(FRAMES) / 8
noise = np.random.default_rng(0).standard_normal(FRAMES)
place = 10 * np.sin(2 * np.pi * time / 4 + 0.6 * np.sin(2 * np.pi * time / 37)) + 0.2 * noise


class Kept(base.Regressor):
    """Learns from the features that it forecast with, by the number of the frame."""

    def __init__(self, regressor):
        self.regressor, self.features = regressor, {}

    def predict_one(self, x):
        self.features[x["frame"]] = {key: value for key, value in x.items() if key != "frame"}
        return self.regressor.predict_one(self.features[x["frame"]])

    def learn_one(self, x, y):
        self.regressor.learn_one(self.features.pop(x["frame"]), y)


def linear():
    return preprocessing.StandardScaler() | linear_model.LinearRegression()


def samples(numbered=False):
    for frame in range(AHEAD + 4, FRAMES):
        known = {f"place_{back}": float(place[frame - AHEAD - back]) for back in range(4)}
        yield known | ({"frame": frame} if numbered else {}), float(place[frame])


def error(model, delay, numbered=False):
    return evaluate.progressive_val_score(
        samples(numbered), model, utils.Rolling(metrics.MAE(), window_size=LAST), delay=delay
    ).get()


found = {
    "no features added, targets 3 frames later": error(linear(), AHEAD),
    "LaplaceTarget, targets at once": error(LaplaceTarget(regressor=linear()), None),
    "LaplaceTarget, targets 3 frames later": error(LaplaceTarget(regressor=linear()), AHEAD),
    "LaplaceTarget, the same, features kept by hand": error(LaplaceTarget(regressor=Kept(linear())), AHEAD, True),
    "LaplaceFeatures, targets 3 frames later": error(LaplaceFeatures() | linear(), AHEAD),
}
for name, value in found.items():
    print(f"{name}: mean error {value:.2f} mm")
plain, at_once, later, kept, features_later = found.values()
assert at_once < plain and kept < plain
assert later > 1.7 * plain and later > 2.5 * kept, "LaplaceTarget keeps the features of a forecast now"
assert features_later > 8 * plain, "LaplaceFeatures keeps them now"
END
