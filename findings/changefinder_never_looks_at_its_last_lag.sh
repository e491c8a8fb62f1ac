#!/bin/sh
# changefinder 0.03, ChangeFinder(order=1, the default): breathing of 4 s and 6 mm at 4 Hz, with noise of 0.3 mm, whose
# phase jumps by a quarter of a breath after 200 s (a cough), or which is lifted by 4 mm for two samples.
#
# Expected: ChangeFinder (Takeuchi and Yamanishi 2006) learns an autoregressive model of the given order, with
# covariances of the lags 0 to order, and scores how unlikely each value is after those before it. Both events stand
# out: with the recursion of the paper, in the same code, the score rises to 22 and 17, where it was below 5 before.
# Seen: the loop over lags ends one too early, so that the covariance of the last lag stays 0. With order 1 there is no
# autoregression left: the model forecasts the mean, takes breathing itself for noise of 4 mm, and neither event gives
# a higher score than plain breathing did before. A higher order does not help: with 2, the first covariance is learned
# and the second is not, and the forecasts are worse than the mean, with errors of 5.6 mm where the model has 0.8.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder"
"$folder/bin/python" -m pip install --quiet --disable-pip-version-check numpy==2.4.6 scipy==1.17.1 \
	statsmodels==0.14.6 setuptools==80.9.0
"$folder/bin/python" -m pip install --quiet --disable-pip-version-check --no-deps changefinder==0.03
cd "$folder"
"$folder/bin/python" -W ignore - <<'END'
import math

import changefinder
import numpy as np

RATE, EVENT, FORGET = 4, 800, 0.02  # Hz, sample, per sample
seconds = np.arange(1200) / RATE
noise = 0.3 * np.random.default_rng(0).standard_normal(len(seconds))
before, breathing = np.arange(len(seconds)) < EVENT, 6 * np.sin(2 * np.pi * seconds / 4)
events = {  # mm
    "jump of phase": np.where(before, breathing, 6 * np.sin(2 * np.pi * (seconds + 1) / 4)),
    "lift of 4 mm": breathing + 4 * (np.abs(np.arange(len(seconds)) - EVENT - 0.5) < 1),
}


class Sdar:
    """As in the paper: covariances of all lags up to the order."""

    def __init__(self, order):
        self.mean, self.variance, self.order = 0.0, 1.0, order
        self.covariances = np.zeros(order + 1)

    def update(self, value, newest):
        newest = np.array(newest)[::-1]
        self.mean += FORGET * (value - self.mean)
        away = value - self.mean
        products = away * np.concatenate([[away], newest - self.mean])
        self.covariances += FORGET * (products - self.covariances)
        weights, _ = changefinder.LevinsonDurbin(self.covariances, self.order)
        error = away + weights[1:] @ (newest - self.mean)
        self.variance += FORGET * (error**2 - self.variance)
        return 0.5 * math.log(2 * math.pi * self.variance) + 0.5 * error**2 / self.variance


def finder(order, own):
    np.random.seed(0)
    made = changefinder.ChangeFinder(r=FORGET, order=order, smooth=5)
    if own:
        made._sdar_first, made._sdar_second = Sdar(order), Sdar(order)
    return made


def highest(values, own):
    made = finder(1, own)
    found = np.array([made.update(value) for value in values])
    return found[400 : EVENT - 5].max(), found[EVENT : EVENT + 30].max()


for name, values in events.items():
    (calm, event), (own_calm, own_event) = (highest(values + noise, own) for own in (False, True))
    print(f"{name}: highest score before {calm:.1f}, after {event:.1f}; "
          f"with the last lag {own_calm:.1f} and {own_event:.1f}")  # fmt: skip
    assert own_event > 3 * own_calm
    assert event < calm, "the event stands out now"
for order in (1, 2, 3):
    made, own = finder(order, False), finder(order, True)
    for value in breathing + noise:
        made.update(value), own.update(value)
    error, least = made._sdar_first._sigma ** 0.5, own._sdar_first.variance**0.5
    print(f"order {order}: RMS error of forecasts of calm breathing {error:.1f} mm, with the last lag {least:.1f} mm")
    assert error > 0.7 * breathing.std() and least < 0.5 * breathing.std()
END
