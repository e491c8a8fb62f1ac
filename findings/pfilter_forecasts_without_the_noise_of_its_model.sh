#!/bin/sh
# pfilter 0.2.5, ParticleFilter.predictor and copy: a particle filter follows a target that wanders by 0.5 mm a frame,
# measured with 0.3 mm, and then forecasts eight frames.
#
# Expected: the help of copy says "an exact copy, that can be run forward indepedently of the first", and predictor
# "runs a copy of the filter forward for prediction". So the spread of the particles grows with the horizon, to 1.4 mm,
# as it does when the filter itself is updated with None. predictor(observed=...) begins with that observation.
# Seen: copy hands on every function but noise_fn. The spread stays that of now, 0.26 mm, at every horizon: a band of
# 95 % holds 31 % of where the target is eight frames later. The observation that is given to predictor is set to None
# in its first line and changes nothing. A copy that goes on with measurements is left with one single particle in the
# end. No word is said.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder"
"$folder/bin/python" -m pip install --quiet --disable-pip-version-check pfilter==0.2.5 numpy==2.4.6
cd "$folder"
"$folder/bin/python" - <<'END'
import numpy as np
from pfilter import ParticleFilter

WANDER, NOISE, AHEAD = 0.5, 0.3, 8
np.random.seed(0)
place = np.cumsum(WANDER * np.random.standard_normal(400))
measured = place + NOISE * np.random.standard_normal(400)


def new_filter():
    return ParticleFilter(
        prior_fn=lambda n: np.random.standard_normal((n, 1)),
        noise_fn=lambda states: states + WANDER * np.random.standard_normal(states.shape),
        weight_fn=lambda seen, real: np.exp(-((seen - real)[:, 0] ** 2) / (2 * NOISE**2)),
        n_particles=1000,
    )


target, spread, true_spread, inside = new_filter(), [], [], []
for frame in range(400 - AHEAD):
    target.update(measured[frame : frame + 1])
    if frame < 40 or frame % 4:
        continue
    ahead = [(float(step.mean_state[0]), float(np.sqrt(step.cov_state))) for step in target.predictor(AHEAD)]
    spread.append([wide for _, wide in ahead])
    inside.append(abs(ahead[-1][0] - place[frame + AHEAD]) < 1.96 * ahead[-1][1])
    by_hand = target.original_particles[np.random.choice(1000, 1000, p=target.original_weights)]
    true_spread.append(
        [float((by_hand := by_hand + WANDER * np.random.standard_normal((1000, 1))).std()) for _ in range(AHEAD)]
    )
spread, true_spread = np.mean(spread, axis=0), np.mean(true_spread, axis=0)
print(f"spread 1 to {AHEAD} frames ahead, predictor: {spread.round(2).tolist()} mm")
print(f"by hand, with the noise of the model: {true_spread.round(2).tolist()} mm")
print(f"the band of 95 %, {AHEAD} frames ahead, holds {np.mean(inside):.0%}")
near, far = (next(target.predictor(1, observed=seen)).mean_state[0] for seen in (measured[-1:], measured[-1:] + 20))
print(f"observations 20 mm apart move the forecast by {abs(far - near):.2f} mm")
other = target.copy()
for seen in measured[-60:]:
    other.update(np.array([seen]))
print(f"different particles after 60 more frames: {len(np.unique(other.particles))} in a copy, of 1000")
assert true_spread[0] > 0.5 and true_spread[-1] > 1.3
assert np.ptp(spread) < 0.05 and spread[-1] < 0.35, "forecasts have the noise of the model now"
assert np.mean(inside) < 0.6
assert abs(far - near) < 0.01, "the observation is used now"
assert len(np.unique(other.particles)) < 5
END
