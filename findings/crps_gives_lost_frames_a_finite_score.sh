#!/bin/sh
# crps 2.0.4, CRPS(ensemble, observation).compute(), a forecast of 20 members with a spread of 2 mm for each of 400
# frames, of which one in five was lost and is NaN in the array of observations.
#
# Expected: a frame that was lost has no score: NaN. The package has a branch for it, "if self.ob is not np.nan", that
# returns NaN.
# Seen: that asks whether the observation is the very object np.nan. A NaN out of an array is another one, so that the
# frame is scored: as if it had been measured at the lowest member. The score is finite and of a usual size (2.5 mm,
# where measured frames have 1.2), and the mean over the frames, 1.4 instead of 1.2, has no NaN that would give it away.
# The worse the forecasts, the more do lost frames flatter them: 10 mm off, they score 7.7 instead of 9.0.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder"
"$folder/bin/python" -m pip install --quiet --disable-pip-version-check crps==2.0.4 numpy==2.4.6
cd "$folder"
"$folder/bin/python" -W ignore - <<'END'
import numpy as np
from CRPS import CRPS

COUNT, SPREAD = 400, 2.0  # frames, mm
draw = np.random.default_rng(0)
place = 10 * np.sin(2 * np.pi * np.arange(COUNT) / 16)
measured = place + SPREAD * draw.standard_normal(COUNT)
members = place[:, None] + SPREAD * draw.standard_normal((COUNT, 20))
lost = draw.random(COUNT) < 0.2
measured[lost] = np.nan

assert np.isnan(CRPS(members[0], np.nan).compute()[0])
for shift in (0, 10):
    scores = np.array([CRPS(row + shift, value).compute()[0] for row, value in zip(members, measured)])
    apart = np.abs(members[:, :, None] - members[:, None]).mean(axis=(1, 2))
    right = np.abs(members + shift - measured[:, None]).mean(axis=1) - apart / 2
    lowest = np.array([CRPS(row + shift, row.min() + shift).compute()[0] for row in members])
    print(f"forecasts {shift} mm off: score of measured frames {scores[~lost].mean():.2f} mm, of lost ones "
          f"{scores[lost].mean():.2f} mm, of all {scores.mean():.2f} mm")
    assert np.allclose(scores[~lost], right[~lost]) and np.isnan(right[lost]).all()
    assert np.isfinite(scores[lost]).all(), "lost frames have no score now"
    assert np.allclose(scores[lost], lowest[lost]), "lost frames have another score now"
END
