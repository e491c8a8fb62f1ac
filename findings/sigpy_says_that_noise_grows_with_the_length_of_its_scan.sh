#!/bin/sh
# sigpy 0.1.27 (reconstruction of MR), mri.get_cov and mri.whiten: the covariance of the noise of the coils, from a scan
# without signal, and k-space in which that noise is taken to be alike and independent in all coils.
#
# Expected: the covariance of numpy, whatever the length of the noise scan. After whitening the noise of each coil has
# the deviation 1, so that signals are in units of it. The tools of ISMRMRD, too, divide by the number of samples. The
# noise handed over stays as it is.
# Seen: products are added up and never divided by their number. The covariance of the same noise is 255 times too large
# from 256 samples and 4095 times from 4096. Whitened noise then has a deviation of 0.062 and 0.016, and signals look 16
# and 64 times weaker. A noise scan twice as long lowers each whitened signal by 1.4. Weights of regularisation,
# thresholds and comparisons of scans go wrong. The coils are made independent, as they should be. The mean of each
# coil is taken off in the array of the caller, too.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder"
"$folder/bin/python" -m pip install --quiet --disable-pip-version-check sigpy==0.1.27 numpy==2.4.6 scipy==1.17.1 \
	numba==0.68.1
cd "$folder"
"$folder/bin/python" -W ignore - <<'END'
import numpy as np
from sigpy import mri

COILS = 4
draws = np.random.default_rng(0)
mixing = draws.normal(size=(COILS, COILS)) + 2 * np.eye(COILS)
signal = mixing @ (10 * np.exp(2j * np.pi * draws.uniform(size=(COILS, 64))))  # k-space of one scan
found = {}
for samples in (256, 512, 4096):
    plain = (draws.normal(size=(COILS, samples)) + 1j * draws.normal(size=(COILS, samples))) / np.sqrt(2)
    noise = mixing @ plain + 0.3  # and a little offset of the receivers
    kept, truth = noise.copy(), np.cov(noise)
    covariance = mri.get_cov(noise)
    ratio = np.abs(covariance[0, 0] / truth[0, 0])
    white = mri.whiten(kept - kept.mean(axis=1, keepdims=True), covariance)
    size, true = np.abs(mri.whiten(signal, covariance)).mean(), np.abs(mri.whiten(signal, truth)).mean()
    alike = np.abs(np.corrcoef(white) - np.eye(COILS)).max()
    found[samples] = ratio, white.std(), size
    print(f"{samples} samples of noise: covariance {ratio:.0f} times that of numpy; deviation after whitening "
          f"{white.std():.3f}, truth 1; signal {size:.2f}, truth {true:.2f}; coils alike to {alike:.3f}; the noise of "
          f"the caller is changed by {np.abs(noise - kept).max():.2f}")
    assert np.allclose(covariance, truth * (samples - 1)) and alike < 1e-6
    assert np.allclose(mri.whiten(kept, truth).std(), 1, rtol=0.05) and np.isclose(true / size, np.sqrt(samples - 1))
    assert np.allclose(noise, kept - kept.mean(axis=1, keepdims=True)) and np.abs(noise - kept).max() > 0.2
assert abs(found[256][0] - 255) < 0.01 and abs(found[4096][0] - 4095) < 0.01, "the covariance is one now"
assert abs(found[256][1] - 0.062) < 0.001 and abs(found[4096][1] - 0.016) < 0.001
assert abs(found[256][2] / found[512][2] - 1.4) < 0.1
END
