#!/bin/sh
# changepoint-online 1.2.1, nunc (Austin et al. 2023; "experimental"): changes of any kind in a window of 100 values, by
# five quantiles, the default ones or evenly spread ones. The errors of a forecaster shift by twice their spread.
#
# Expected: the likelihood of which of n values lie below a quantile is n (F log F + (1 - F) log(1 - F)). A shift of two
# spreads is plain then: with even quantiles the statistic is 180, and 26 without a change. It cannot matter whether
# errors are counted up or down.
# Seen: the second term has the wrong sign ("cdf_val * log(cdf_val) - conj * log(conj)"), so that what is gained below a
# quantile is lost above it. With even quantiles it is 20 for a shift up, 24 for one down and 8 for none. The default
# quantiles lie low besides: they are numbered from 0, where Haynes et al. (2017), whose they are, number them from 1,
# so that the upper tail is never looked at. A shift up then gives 15, where up to 21 come without a shift, and is found
# in none of 20 recordings. One down gives 26 and is found in 18.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder"
"$folder/bin/python" -m pip install --quiet --disable-pip-version-check \
	changepoint-online==1.2.1 numpy==2.4.6 scipy==1.17.1 sortedcontainers==2.4.0
cd "$folder"
"$folder/bin/python" -W ignore - <<'END'
import numpy as np
from changepoint_online.nunc import nunc, nunc_default_quantiles

WINDOW, COUNT, RANKS = 100, 20, (0.1, 0.3, 0.5, 0.7, 0.9)


def even(window, count):
    return [float(np.quantile(list(window), rank)) for rank in RANKS]


def largest(values, quantiles=even):
    detector, seen = nunc(WINDOW, len(RANKS), quantiles), []
    for value in values:
        detector.update(float(value))
        seen.append(detector.statistic())
    return max(seen[WINDOW - 1 :])


def surprise(values, cut):
    below = (np.sum(values < cut) + 0.5 * np.sum(values == cut)) / len(values)
    terms = [share * np.log(share) for share in (below, 1 - below) if 0 < share < 1]
    return len(values) * sum(terms)


def true(values):
    # the same windows, cuts and frames, with the likelihood written out
    gains = []
    for end in range(WINDOW, len(values) + 1):
        window = values[end - WINDOW : end]
        cuts = np.quantile(window, RANKS)
        for split in range(1, WINDOW):
            parts = sum(surprise(part, cut) for cut in cuts for part in (window[:split], window[split:]))
            gains.append(2 * (parts - sum(surprise(window, cut) for cut in cuts)))
    return max(gains)


rows = {"none": [], "up": [], "down": []}
for seed in range(COUNT):
    errors = np.random.default_rng(seed).normal(size=150)
    for name, shift in (("none", 0), ("up", 2), ("down", -2)):
        values = errors + np.where(np.arange(150) >= 100, shift, 0.0)
        exact = (true(values), true(-values)) if seed < 2 else (np.nan, np.nan)
        rows[name].append([largest(values), largest(values, nunc_default_quantiles), *exact])
rows = {name: np.array(row) for name, row in rows.items()}
for name, row in rows.items():
    mean, caught = np.nanmean(row, axis=0).round(1).tolist(), row[:, :2] > rows["none"][:, :2].max(axis=0)
    print(f"shift {name}: even quantiles {mean[0]}, default {mean[1]}; with the right sign {mean[2]}, of -x {mean[3]};")
    print("    above all without a shift:", caught.sum(axis=0).tolist(), "of", COUNT)
    assert np.allclose(row[:2, 2], row[:2, 3])
    assert np.all(row[:2, 2] > 140) or name == "none"
assert rows["up"][:, 0].mean() < 40 and rows["down"][:, 0].mean() < 40, "the sign is right now"
assert np.all(rows["up"][:, 1] < rows["none"][:, 1].max()) and rows["down"][:, 1].mean() > 22
END
