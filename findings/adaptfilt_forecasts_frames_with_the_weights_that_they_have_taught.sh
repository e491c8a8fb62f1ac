#!/bin/sh
# adaptfilt 0.3, lms, nlms and nlmsru: one frame of noise forecast from the four before it, 2000 frames, which nobody
# can forecast.
#
# Expected: y is "the output of the adaptive filter" and e is "Error signal, i.e, d-y": each frame is forecast with the
# weights learnt before it. ap of the same package, and padasip, do so.
# Seen: y is computed anew after the weights have learnt the frame, and returned so; e is of the forecast before. So
# d - y is not e. y of noise correlates with the noise that it "forecast", by 0.72 at a step of 0.5 and 0.99 at 0.9,
# where the honest forecast has 0.05. Its error falls as the step grows: a step of 1 misses by 0.00, while e says 2.0.
# Who scores y, or tunes the step by it, has the future in it.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder"
"$folder/bin/python" -m pip install --quiet --disable-pip-version-check adaptfilt==0.3 numpy==2.4.6
cd "$folder"
"$folder/bin/python" -W ignore - <<'END'
import adaptfilt
import numpy as np

TAPS = 4
noise = np.random.default_rng(0).standard_normal(2001)
past, coming = noise[:-1], noise[1:]
wanted = coming[TAPS - 1 :]


def forecasts(step):
    # normalised least mean squares by hand, the weights of each frame being those learnt before it
    weights, made = np.zeros(TAPS), []
    for frame in range(len(wanted)):
        history = past[frame : frame + TAPS][::-1]
        made.append(history @ weights)
        weights = weights + step * (wanted[frame] - made[-1]) * history / (history @ history + 0.001)
    return np.array(made)


def rms(values):
    return float(np.sqrt(np.mean(values**2)))


for step in (0.1, 0.5, 0.9, 1.0):
    own = forecasts(step)
    for method in (adaptfilt.nlms, adaptfilt.nlmsru):
        y, error, _ = method(past, coming, TAPS, step)
        assert np.allclose(error, wanted - own, atol=1e-6)
        assert not np.allclose(y, own), "y is the forecast now"
    print(f"step {step}: honest forecasts miss by {rms(wanted - own):.2f} and correlate by "
          f"{np.corrcoef(own, wanted)[0, 1]:+.2f}, y misses by {rms(wanted - y):.2f} and correlates by "
          f"{np.corrcoef(y, wanted)[0, 1]:+.2f}")
assert rms(wanted - y) < 0.01 < 1.3 < rms(wanted - own), "y does not know the frame that it forecasts now"
y, error, _ = adaptfilt.lms(past, coming, TAPS, 0.1)
assert not np.allclose(coming[TAPS - 1 :] - y, error), "d - y is e of lms now"
y, error, _ = adaptfilt.ap(past, coming, TAPS, 0.5, 1)
assert np.allclose(coming[TAPS - 1 :][: len(y)] - y, error), "d - y is not e of ap now"
END
