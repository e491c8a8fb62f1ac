#!/bin/sh
# pylinac 3.49.0, core.gamma.gamma_2d, on a field of 16 x 16 pixels with a wide skirt of scattered dose, measured 3 %
# too high everywhere; gamma of 2 % and 2 pixels, global.
#
# Expected: points below dose_threshold, "a number between 0 and 100 of the % of max dose", are not calculated, as by
# gamma_1d and gamma_geometric of the same file.
# Seen: doses are divided by the dose criterion first, the threshold by 100. So "10 %" is 10 % of the criterion: of 2 %,
# that is 0.2 % of the maximum. The skirt is counted, ten times as many points, and passes: 3 % of a small dose is
# small. 66 % of the points above 10 % pass; pylinac says 97 %. The tighter the criterion, the lower the doses that are
# counted: with 1 %, from 0.1 % on. pylinac 3.30.0 counts right.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder"
"$folder/bin/python" -m pip install --quiet --disable-pip-version-check \
	pylinac==3.49.0 numpy==2.4.6 scipy==1.17.1 scikit-image==0.26.0
cd "$folder"
"$folder/bin/python" -W ignore - <<'END'
import numpy as np
from pylinac.core.gamma import gamma_2d
from scipy.ndimage import gaussian_filter

SIZE, DISTANCE, THRESHOLD = 80, 2, 10
rows, columns = np.indices((SIZE, SIZE))
field = ((abs(rows - 40) < 8) & (abs(columns - 40) < 8)).astype(float)
planned = 60 * (gaussian_filter(field, 1.5) + 0.3 * gaussian_filter(field, 12))
planned *= 60 / planned.max()
measured = 1.03 * planned


def brute_force(percent):
    found = np.empty((SIZE, SIZE))
    for row, column in np.ndindex(SIZE, SIZE):
        apart = ((rows - row) ** 2 + (columns - column) ** 2) / DISTANCE**2
        differ = (measured - planned[row, column]) / (percent / 100 * planned.max())
        found[row, column] = np.sqrt((apart + differ**2).min())
    return found


for percent in (2, 1):
    found = gamma_2d(planned, measured, dose_to_agreement=percent, distance_to_agreement=DISTANCE,
                     dose_threshold=THRESHOLD, gamma_cap_value=2)
    right, counted = brute_force(percent), ~np.isnan(found)
    passes = counted & (right <= 1)
    assert np.allclose(found[passes], right[passes]) and (found[counted & ~passes] > 1).all()
    meant = planned >= THRESHOLD / 100 * planned.max()
    lowest = 100 * planned[counted].min() / planned.max()
    passed, true = 100 * (found[counted] <= 1).mean(), 100 * (right[meant] <= 1).mean()
    print(f"{percent} % and {DISTANCE} pixels, threshold {THRESHOLD} %: {counted.sum()} points from {lowest:.2f} % on, "
          f"{passed:.0f} % pass; above the threshold lie {meant.sum()}, of which {true:.0f} % pass")
    assert meant.sum() < counted.sum() / 2, "the threshold is one of the maximum now"
    assert np.array_equal(counted, planned / planned.max() >= THRESHOLD / 100 * percent / 100)
    assert passed > true + 20
END
