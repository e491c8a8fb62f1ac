#!/bin/sh
# adaptive-conformal-inference 1.0.1, ACI with relative_error_score and relative_interval_set, the pair that its page
# recommends where the scale of the forecasts changes: bands of 90 % about persistence on a breathing signal that goes
# up and down about 0, with an amplitude that changes over the minutes.
#
# Expected: a band goes from its lower to its upper end, and hit says whether the truth lies in it. The score is the
# error over the size of the forecast, abs(y_pred), so forecasts below 0 are meant to be scored too.
# Seen: the ends of the band are y (1 - q) and y (1 + q), with the sign of y. Below 0 the lower end lies above the upper
# one. hit comes from the score and says 90 %; no truth at all lies between lower and upper: 0 %. Above 0 both say 90 %.
# So coverage counted by anybody else than the package is about half, and widths are negative and take from the mean.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder"
"$folder/bin/python" -m pip install --quiet --disable-pip-version-check \
	adaptive-conformal-inference==1.0.1 numpy==2.4.6
cd "$folder"
"$folder/bin/python" - <<'END'
import numpy as np
from aci import ACI, absolute_error_score, relative_error_score, relative_interval_set, symmetric_interval_set

generator = np.random.default_rng(0)
seconds = 0.25 * np.arange(2000)
position = 8 * np.sin(2 * np.pi * seconds / 4) ** 3 + 0.3 * generator.standard_normal(2000)
position *= 1 + 0.5 * np.sin(2 * np.pi * seconds / 60)  # mm

found = {}
for name, score, band in (
    ("absolute", absolute_error_score, symmetric_interval_set),
    ("relative", relative_error_score, relative_interval_set),
):
    bands = ACI(alpha=0.1, gamma=0.005, lookback=100, score_fn=score, set_fn=band)
    hits, inside, widths = [], [], []
    for newest, truth in zip(position[:-1], position[1:]):
        lower, upper = bands.issue(newest)
        hits.append(bands.observe(truth)["hit"])
        inside.append(lower <= truth <= upper)
        widths.append(upper - lower)
    for side, chosen in (("above 0", position[:-1] > 0), ("below 0", position[:-1] < 0)):
        shares = [100 * float(np.mean(np.array(values)[chosen])) for values in (hits, inside)]
        found[name, side] = *shares, float(np.mean(np.array(widths)[chosen]))
        print("{} bands, forecasts {}: {:.0f} % hits, {:.0f} % between the ends, mean width {:+.1f} mm".format(
            name, side, *found[name, side]))
for case, (hits, inside, width) in found.items():
    assert 85 < hits < 95
    if case == ("relative", "below 0"):
        assert inside == 0 and width < -1, "relative bands of negative forecasts are upright now"
    else:
        assert inside == hits and width > 1
END
