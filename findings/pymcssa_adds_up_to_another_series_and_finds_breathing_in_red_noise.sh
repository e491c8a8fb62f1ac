#!/bin/sh
# pymcssa 0.1.1: SSA of a breath of 16 frames with some noise, all 20 components of a window of 20; and MCSSA, which
# asks of each component whether red noise (AR(1)) would have as much, on thirty series that are such red noise.
#
# Expected: the components of singular spectrum analysis add up to the series that was taken apart. And as the test asks
# for the upper 2.5 %, about that share of the components of red noise stands out. Noise of lag-1 correlation g and
# variance c needs steps of variance c (1 - g^2), as in Allen and Smith (1996), whom the page names.
# Seen: the decomposition of the trajectory matrix (windows as rows) gives the patterns on its right side; those on its
# left, which belong to the times, are taken and cut to 20. The sum is 2.7 away from a series of size 3.6, though the
# shares of variance (57 % and 42 %) look right. The steps get the variance c (1 - g): the noise to compare with is too
# quiet by 1 + g, and 50 % and 85 % of what is in red noise stands out as a finding.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder"
"$folder/bin/python" -m pip install --quiet --disable-pip-version-check pymcssa==0.1.1 numpy==1.26.4
cd "$folder"
"$folder/bin/python" -W ignore - <<'END'
import numpy as np
from pymcssa import MCSSA, SSA

FRAMES, WINDOW = 120, 20
generator = np.random.default_rng(0)
np.random.seed(0)
breath = 5 * np.sin(2 * np.pi * np.arange(FRAMES) / 16) + 0.3 * generator.standard_normal(FRAMES)


def own_components(series):
    """The same by its definition: parts of the matrix of windows, each averaged along its diagonals."""
    windows = np.lib.stride_tricks.sliding_window_view(series, WINDOW)
    left, sizes, right = np.linalg.svd(windows, full_matrices=False)
    parts = np.einsum("tk,k,kl->ktl", left, sizes, right)
    lag = np.add.outer(np.arange(len(windows)), np.arange(WINDOW))
    return np.array([[part[lag == t].mean() for t in range(len(series))] for part in parts]).T


def away(parts):
    return float(np.sqrt(np.mean((parts.sum(axis=1) - breath) ** 2)))


found = SSA(breath, WINDOW, WINDOW).ssa()
own, theirs = away(own_components(breath)), away(found["rcs"])
print(f"series of size {breath.std():.1f}; sum of all components is off by {own:.1g}, of pymcssa by {theirs:.1f}")
print("shares of the first two in per cent:", found["percent_explained"][:2].round())
assert own < 1e-9
assert theirs > 2, "the components add up to the series now"

for correlation, quiet, least in ((0.5, 1.5, 0.4), (0.9, 1.9, 0.7)):
    ratios, stand_out = [], []
    for _ in range(30):
        noise = np.zeros(600)
        for i in range(1, 600):
            noise[i] = correlation * noise[i - 1] + generator.standard_normal()
        result = MCSSA(noise[300:], WINDOW).mcssa_ensemble(97.5, 2.5, ns=100, return_surrogates=True)
        ratios.append(noise[300:].var() / result["surrogates"].var())
        stand_out.append(np.mean(np.array(result["data_eigenvalues"]) > np.array(result["upper_confidence"])))
    ratio, share = np.mean(ratios), np.mean(stand_out)
    print(f"red noise of {correlation}: {ratio:.2f} times the variance of what it is compared with, "
          f"{100 * share:.0f} % of its components stand out, where 2.5 % should")
    assert abs(ratio / quiet - 1) < 0.1 and share > least, "the noise of the test is as loud as the data now"
END
