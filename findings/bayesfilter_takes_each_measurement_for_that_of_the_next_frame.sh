#!/bin/sh
# bayesfilter 0.2.0, BayesianFilter.run_synchronous and run, and kalmangrad 0.0.4, which smooths and differentiates
# with it. Breathing of 10 mm is measured without noise, 8 times a second.
#
# Expected: the states have the times of the measurements ("times_s referres to the observation times"). A smoothed
# curve, which looks both ways, has no delay.
# Seen: run_synchronous predicts to the time of frame k + 1 and then takes the measurement of frame k there. Everything
# is one frame late, 0.125 s here and 1.4 mm off, and the last measurement is never looked at. run takes each
# measurement at the next tick of its own clock, which begins with the first one. If frames come evenly all is right;
# if they come up to 50 ms early or late, as live ones do, kalmangrad with delta_t=0.125 is half a frame late, in the
# speed, too. The times that are returned say nothing of it.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder"
"$folder/bin/python" -m pip install --quiet --disable-pip-version-check \
	bayesfilter==0.2.0 kalmangrad==0.0.4 numpy==2.4.6 scipy==1.17.1
cd "$folder"
"$folder/bin/python" - <<'END'
import contextlib
import io
import math

import numpy as np
from bayesfilter.distributions import Gaussian
from bayesfilter.filtering import BayesianFilter
from bayesfilter.model import StateTransitionModel
from bayesfilter.observation import Observation
from bayesfilter.smoothing import RTS
from kalmangrad import grad

STEP, TURN = 0.125, 2 * np.pi / 4
COVARIANCE = np.diag([1e-12, 1e-12, 0.5])


def breathing(time):
    return 10 * np.sin(TURN * time)


def matrix(step):
    return np.array([[step ** (k - i) / math.factorial(k - i) if k >= i else 0 for k in range(3)] for i in range(3)])


def late(states, times):
    delays, inside = np.arange(-0.2, 0.2, 0.001), slice(len(times) // 8, -len(times) // 8)
    place, time = np.array([state.mean()[0] for state in states])[inside], np.array(times)[inside]
    delay = min(delays, key=lambda each: np.mean((place - breathing(time - each)) ** 2))
    return float(delay), float(np.sqrt(np.mean((place - breathing(time)) ** 2)))


def synchronous(times):
    model = StateTransitionModel(lambda x, dt: matrix(dt) @ x, COVARIANCE, lambda _, dt: matrix(dt))
    watched = BayesianFilter(model, Gaussian(np.zeros(3), np.eye(3)))
    seen = [
        Observation(
            np.array([value]), 0.05**2 * np.eye(1), lambda state: state[:1], lambda _: np.array([[1.0, 0.0, 0.0]])
        )
        for value in breathing(times)
    ]
    states = watched.run_synchronous(seen, list(times), use_jacobian=True)
    return late(RTS(watched).apply(states, list(times), use_jacobian=True), times)


def differentiated(times):
    with contextlib.redirect_stdout(io.StringIO()):
        return late(*grad(breathing(times), times, n=2, delta_t=STEP, obs_noise_std=0.05, final_cov=0.5))


even = STEP * np.arange(400)
uneven = np.sort(even + np.random.default_rng(0).uniform(-0.05, 0.05, 400))
found = {
    "run_synchronous and RTS, even frames": synchronous(even),
    "kalmangrad, even frames": differentiated(even),
    "kalmangrad, frames 50 ms early to late": differentiated(uneven - uneven[0]),
}
for name, (delay, error) in found.items():
    print(f"{name}: {delay:.3f} s late, {error:.2f} mm off")
synchronous_late, even_late, uneven_late = (delay for delay, _ in found.values())
assert abs(even_late) < 0.005
assert abs(synchronous_late - STEP) < 0.01, "measurements are taken at their own times now"
assert abs(uneven_late - STEP / 2) < 0.02, "uneven frames are taken at their own times now"
END
