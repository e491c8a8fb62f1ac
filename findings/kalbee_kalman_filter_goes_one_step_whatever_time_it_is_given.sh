#!/bin/sh
# kalbee 1.0.0: KalmanFilter.predict(dt=...), documented as "time step", and AsyncSensorBuffer, which takes measurements
# with their times, "out-of-order or variable-rate", into a filter. A target moves at 10 mm/s; frames come at 4 Hz, and
# eight of thirty are lost.
#
# Expected: predict(dt=1.0) goes four times as far as predict(dt=0.25), as AlphaBetaGammaFilter of the same package
# does. The buffer gives the Kalman filter with the true times, worked out by hand.
# Seen: KalmanFilter leaves dt aside and makes the step that its matrix was built for: 2.5 mm in 0.25 s, in 1 s and in
# 10 s. So in the buffer only the order of the times counts. Each lost frame makes the target jump: after the last gap,
# of four frames, it has 16.9 mm/s in place of 9.9 and is 1.5 mm off, four standard deviations of those that it
# states. No word is said. Without lost frames the buffer is right, and frames that come late are put in their order.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder"
"$folder/bin/python" -m pip install --quiet --disable-pip-version-check kalbee==1.0.0 numpy==2.4.6 scipy==1.17.1
cd "$folder"
"$folder/bin/python" -W ignore - <<'END'
import numpy as np
from kalbee import AlphaBetaGammaFilter, AsyncSensorBuffer, KalmanFilter, constant_velocity

PERIOD, COUNT, SPEED, NOISE = 0.25, 30, 10.0, 0.5
START, SPREAD, SEEN = np.zeros((2, 1)), np.diag([100.0, 100.0]), np.array([[1.0, 0.0]])
times = PERIOD * np.arange(1, COUNT + 1)
places = SPEED * times + np.random.default_rng(0).normal(scale=NOISE, size=COUNT)


def make():
    return KalmanFilter(START, SPREAD, *constant_velocity(dt=PERIOD, process_var=4.0), SEEN, np.array([[NOISE**2]]))


def by_hand(frames):
    state, spread, now = START, SPREAD, 0.0
    for frame in frames:
        step, noise = constant_velocity(dt=times[frame] - now, process_var=4.0)
        state, spread, now = step @ state, step @ spread @ step.T + noise, times[frame]
        gain = spread @ SEEN.T / (SEEN @ spread @ SEEN.T + NOISE**2)
        state = state + gain * (places[frame] - SEEN @ state)
        spread = spread - gain @ SEEN @ spread
    return state.ravel(), float(np.sqrt(spread[0, 0]))


def by_buffer(frames):
    buffer = AsyncSensorBuffer(make())
    buffer.initialize(0.0, START, SPREAD)
    for frame in frames:
        state, spread = buffer.add_measurement(times[frame], np.array([[places[frame]]]))
    return state.ravel(), float(np.sqrt(spread[0, 0]))


steps = {}
for dt in (0.25, 1.0, 10.0):
    kalman, gains = make(), AlphaBetaGammaFilter(np.array([[0.0], [SPEED], [0.0]]), 0.5, 0.3, 0.1)
    kalman.state = np.array([[0.0], [SPEED]])
    steps[dt] = float(kalman.predict(dt=dt)[0, 0]), float(gains.predict(dt=dt)[0, 0])
    print(f"predict(dt={dt}): {steps[dt][0]:.1f} mm by KalmanFilter, {steps[dt][1]:.1f} mm by AlphaBetaGammaFilter")
late = np.arange(COUNT)
late[[20, 25]] = late[[25, 20]]
lost = np.delete(np.arange(COUNT), [8, 9, 10, 17, 22, 23, 24, 25])
off = {}
for name, frames in (("all frames", np.arange(COUNT)), ("two frames late", late), ("eight frames lost", lost)):
    (found, stated), (true, _) = by_buffer(frames), by_hand(np.sort(frames))
    off[name] = np.abs(found - true)
    print(f"{name}: {found[0]:.2f} mm ({stated:.2f}), {found[1]:.2f} mm/s; by hand {true[0]:.2f}, {true[1]:.2f}")
assert all(abs(gains - SPEED * dt) < 1e-9 for dt, (_, gains) in steps.items())
assert all(abs(kalman - 2.5) < 1e-9 for kalman, _ in steps.values()), "KalmanFilter goes as far as its dt says now"
assert off["all frames"].max() < 1e-3 and off["two frames late"].max() < 1e-3
assert off["eight frames lost"][0] > 1 and off["eight frames lost"][1] > 5, "the buffer knows the time of gaps now"
END
