#!/bin/sh
# particlefilterbox 0.1.0, RegularizedPF, a filter that jitters its particles after each resampling, "bandwidth:
# silverman for automatic Silverman bandwidth". A target breathes with 8 mm and a period of 4 s, measured at 25 Hz with
# 0.3 mm. The state is its place in mm and its speed, and its place is forecast 12 frames ahead, 0.48 s.
#
# Expected: each part of the state is jittered in the measure of its own spread, so that the filter is the same whether
# the speed is in mm a frame or in mm a second; and it forecasts as well as BootstrapPF without jitter and as the exact
# Kalman filter.
# Seen: one bandwidth is used for all parts, from the mean of their variances, which is that of the place. A speed in
# mm a frame, whose spread is 0.008, is jittered by as much as the place, whose spread is ten times that. The forecast
# is 0.30 mm off where the Kalman filter is 0.11 mm off, and the spread that is stated for the place is nearly twice
# the right one. With the speed in mm a second all three agree. No word is said.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder"
"$folder/bin/python" -m pip install --quiet --disable-pip-version-check \
	particlefilterbox==0.1.0 numpy==2.4.6 scipy==1.17.1
cd "$folder"
"$folder/bin/python" - <<'END'
import numpy as np
from particlefilterbox.core.config import PFConfig
from particlefilterbox.core.model import ParticleFilterModel
from particlefilterbox.filters.bootstrap import BootstrapPF
from particlefilterbox.filters.regularized import RegularizedPF

RATE, AHEAD, NOISE, TURN = 25, 12, 0.3, 2 * np.pi / 100
STEP = np.array([[np.cos(TURN), np.sin(TURN) / TURN], [-TURN * np.sin(TURN), np.cos(TURN)]])
WANDER, START, SPREAD = np.array([0.02, 0.3 * TURN**2]), np.array([8.0, 0.0]), np.array([1.0, 0.06])
rng = np.random.default_rng(0)
states = [START]
for _ in range(800):
    states.append(STEP @ states[-1] + WANDER * rng.standard_normal(2))
place = np.array(states)[1:, 0]
measured = place + NOISE * rng.standard_normal(800)


class Breathing(ParticleFilterModel):
    k_states, k_obs = 2, 1

    def __init__(self, unit):
        self.unit = np.array([1.0, unit])

    def transition(self, particles, t, rng):
        return ((particles / self.unit) @ STEP.T + WANDER * rng.standard_normal(particles.shape)) * self.unit

    def log_observation_likelihood(self, particles, y_t, t):
        return -0.5 * ((particles[:, 0] - y_t[0]) / NOISE) ** 2

    def initial_distribution(self, n_particles, rng):
        return (START + SPREAD * rng.standard_normal((n_particles, 2))) * self.unit


def judge(name, means, spread):
    forecast = (means @ np.linalg.matrix_power(STEP, AHEAD).T)[40:-AHEAD, 0]
    error = np.sqrt(np.mean((forecast - place[40 + AHEAD :]) ** 2))
    print(f"{name}: forecast {error:.2f} mm off, spread of the place now {spread:.2f} mm")
    return error


mean, cov, kalman = START, np.diag(SPREAD**2), []
for value in measured:
    mean, cov = STEP @ mean, STEP @ cov @ STEP.T + np.diag(WANDER**2)
    gain = cov[:, 0] / (cov[0, 0] + NOISE**2)
    mean, cov = mean + gain * (value - mean[0]), cov - np.outer(gain, cov[0])
    kalman.append(mean)
exact, error = judge("Kalman filter", np.array(kalman), np.sqrt(cov[0, 0])), {}
for words, unit in (("mm a frame", 1), ("mm a second", RATE)):
    for kind in (BootstrapPF, RegularizedPF):
        found = kind(Breathing(unit), PFConfig(n_particles=1000, seed=1)).filter(measured)
        spread = np.sqrt(found.filtered_covs[40:, 0, 0].mean())
        error[kind, unit] = judge(f"{kind.__name__}, speed in {words}", found.filtered_means / (1, unit), spread)
assert max(error[BootstrapPF, 1], error[BootstrapPF, RATE], error[RegularizedPF, RATE]) < 1.3 * exact
assert error[RegularizedPF, 1] > 2 * exact, "each part of the state has its own bandwidth now"
END
