#!/bin/sh
# minkf 0.0.5, run_filter(..., likelihood=True): a random walk with steps of 1 mm, measured with a noise of 2 mm.
#
# Expected: "loglike" is the "log-likelihood of the data", for "estimating hyperparameters": it is the sum of the
# logarithms of the densities of the one-step forecasts, which the filter returns too. It is largest near the
# variances that the data were made with.
# Seen: it is half the squared errors plus the whole logarithm of the variance: the sign is turned, and the logarithm
# counts twice. To take it for the negative log-likelihood, or for the deviance, does not help: it is smallest where
# the variances are half of what they should be, and largest at the end of whatever range is searched. The noise alone
# comes out as 1.3 mm instead of 2. The filter's means and covariances are right, so that nothing else looks odd.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder"
"$folder/bin/python" -m pip install --quiet --disable-pip-version-check minkf==0.0.5 numpy==2.4.6
cd "$folder"
"$folder/bin/python" -W ignore - <<'END'
import minkf
import numpy as np

COUNT, STEP, NOISE = 2000, 1.0, 2.0  # frames, mm, mm
draw = np.random.default_rng(0)
place = np.cumsum(STEP * draw.standard_normal(COUNT))
measured = [value[None] for value in place + NOISE * draw.standard_normal(COUNT)]
ONE = np.eye(1)


def likelihoods(step, noise):  # variances, mm²
    found = minkf.run_filter(measured, np.zeros(1), step * ONE, ONE, ONE, step * ONE, noise * ONE,
                             likelihood=True, predict_y=True)  # fmt: skip
    mean, variance = np.ravel(found["yp"]), np.ravel(found["Cyp"])
    errors = np.ravel(measured) - mean
    return found["loglike"], (-0.5 * (np.log(2 * np.pi * variance) + errors**2 / variance)).sum()


factors = np.arange(0.2, 2.01, 0.02)  # of both variances
package, own = np.transpose([likelihoods(factor * STEP**2, factor * NOISE**2) for factor in factors])
best, lowest, highest = factors[own.argmax()], factors[package.argmin()], factors[package.argmax()]
print(f"the forecasts are likeliest with {best:.2f} of the variances; loglike is smallest at {lowest:.2f} of them and "
      f"largest at {highest:.2f}, the end of the range")
noises = np.arange(0.6, 4.01, 0.05)
package, own = np.transpose([likelihoods(STEP**2, noise**2) for noise in noises])
print(f"noise alone: likeliest {noises[own.argmax()]:.2f} mm, loglike smallest at {noises[package.argmin()]:.2f} mm")
assert abs(best - 1) < 0.1 and abs(noises[own.argmax()] - NOISE) < 0.1
assert np.isclose(highest, factors[-1]), "loglike is largest within the range now"
assert abs(lowest / best - 0.5) < 0.02, "the smallest loglike lies elsewhere now"
END
