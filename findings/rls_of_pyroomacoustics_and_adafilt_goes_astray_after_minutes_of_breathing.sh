#!/bin/sh
# pyroomacoustics 0.10.1 (adaptive.RLS) and adafilt 0.1.0 (RLSFilter), beside padasip 1.2.2 (FilterRLS): recursive least
# squares forecast breathing at 8 Hz from its eight newest samples, one step ahead, for half an hour.
#
# Expected: all three give the weighted least squares of the past, so that the errors are those of a direct solution;
# with float64 for as long as one likes, as the signal has noise and excites every direction.
# Seen: padasip does. With a forgetting factor of 0.99 adafilt is right for five minutes and then off by the size of
# the breathing and far more; pyroomacoustics is so within five minutes in float32, its default, and within
# ten in float64. With 0.95 it takes a minute. No word is said. P is updated by P - k (x P); where P x stands in the
# place of x P (np.inner(x, P) takes the last axis), what rounding makes unsymmetric in P grows by 1 / 0.99 a step.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder"
"$folder/bin/python" -m pip install --quiet --disable-pip-version-check \
	pyroomacoustics==0.10.1 adafilt==0.1.0 padasip==1.2.2 numpy==2.4.6 scipy==1.17.1
cd "$folder"
"$folder/bin/python" -W ignore - <<'END'
import adafilt
import numpy as np
import padasip
from pyroomacoustics import adaptive

TAPS, RATE, COUNT = 8, 8, 14400
t = np.arange(COUNT) / RATE
breathing = np.sin(2 * np.pi * t / 4.1) ** 3 + 0.3 * np.sin(2 * np.pi * t / 3.3)
breathing += np.random.default_rng(0).normal(scale=0.05, size=COUNT)
pasts = np.lib.stride_tricks.sliding_window_view(breathing, TAPS)[:-1, ::-1]
MINUTES = {"1-2": (480, 960), "4-5": (1920, 2400), "9-10": (4320, 4800), "29-30": (13920, 14392)}


def direct(forgetting, steps):
    """Return the error of each step with the weighted least squares of all before it."""
    errors = []
    for step in steps:
        oldest = max(0, step - int(40 / (1 - forgetting)))
        weights = forgetting ** (0.5 * np.arange(step - oldest)[::-1])
        values = weights * breathing[oldest + TAPS : step + TAPS]
        solved = np.linalg.lstsq(weights[:, None] * pasts[oldest:step], values)
        errors.append(breathing[step + TAPS] - pasts[step] @ solved[0])
    return np.array(errors)


def online(model, learn):
    """Return the errors of forecasts that are made before the value is learned."""
    errors = np.zeros(len(pasts))
    for step, past in enumerate(pasts):
        errors[step] = breathing[step + TAPS] - past @ model.w
        learn(model, past, breathing[step + TAPS], errors[step])
    return errors


def room(forgetting, kind):
    model = adaptive.RLS(TAPS, lmbd=forgetting, delta=10, dtype=kind)
    for value in breathing[: TAPS - 1]:
        model.x.push(value)
    return online(model, lambda model, past, value, error: model.update(past[0], value))


def ada(forgetting):
    model = adafilt.RLSFilter(TAPS, alpha=forgetting**-0.5, initial_covariance=10, meas_noise_var=1.0)
    model._xbuff[: TAPS - 1] = breathing[: TAPS - 1][::-1]
    return online(model, lambda model, past, value, error: model.adapt(past[0], error))


def pad(forgetting):
    model = padasip.filters.FilterRLS(n=TAPS, mu=forgetting, eps=0.1, w="zeros")
    return online(model, lambda model, past, value, error: model.adapt(value, past))


def size(errors):
    return float(np.nan_to_num(np.sqrt(np.mean(errors**2)), nan=np.inf))


for forgetting in (0.99, 0.95):
    truth = {name: size(direct(forgetting, range(*span))) for name, span in MINUTES.items()}
    found = {
        "padasip": pad(forgetting),
        "adafilt": ada(forgetting),
        "pyroomacoustics, float32": room(forgetting, np.float32),
        "pyroomacoustics, float64": room(forgetting, np.float64),
    }
    sizes = {who: {name: size(errors[slice(*span)]) for name, span in MINUTES.items()} for who, errors in found.items()}
    print(f"forgetting {forgetting}, errors in minute:", {name: round(is_, 3) for name, is_ in truth.items()})
    for who, each in sizes.items():
        print(f"  {who}:", {name: round(is_, 3) for name, is_ in each.items()})
    assert all(abs(sizes["padasip"][name] / is_ - 1) < 0.01 for name, is_ in truth.items())
    gone = "9-10" if forgetting == 0.99 else "4-5"
    for who in list(found)[1:]:
        assert sizes[who][gone] > 3 * truth[gone], f"{who} stays as good as least squares now"
    if forgetting == 0.99:
        assert sizes["adafilt"]["1-2"] < 1.01 * truth["1-2"]
END
