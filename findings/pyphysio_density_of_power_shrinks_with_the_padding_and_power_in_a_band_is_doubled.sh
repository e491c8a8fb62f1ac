#!/bin/sh
# pyphysio 4.10.0, PSD with scaling "density" and PowerInBand: a belt that moves by 3 mm with a period of 4 s, 5 minutes
# at 4 Hz.
#
# Expected: the density of power, in mm^2 / Hz, adds up to the mean square of the signal, 4.5 mm^2, over all
# frequencies, however far the transform is padded (nfft). PowerInBand from 0.1 to 0.5 Hz, "Power in the frequency
# band", gives 4.5 mm^2. It is StDev, 2.12 mm, squared.
# Seen: the density of scipy is divided by its number of frequencies. It adds up to 0.0044 mm^2 with nfft of 2048, the
# default, and to 0.0011 with 8192. PowerInBand multiplies its sum by the sampling rate and gives 9.0 mm^2, twice the
# power. No word is said. The documentation of PSD names a "normalize", True by default. With False it is the same.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder"
"$folder/bin/python" -m pip install --quiet --disable-pip-version-check numpy==2.4.6 scipy==1.17.1 xarray==2026.9.0 \
	matplotlib==3.11.2 dask==2026.8.0 h5py==3.16.0 pywavelets==1.9.0 csaps==1.3.3 pyxdf==1.17.5 netcdf4==1.7.5.1.post1 \
	scikit-learn==1.9.1
"$folder/bin/python" -m pip install --quiet --disable-pip-version-check --no-deps pyphysio==4.10.0
cd "$folder"
MPLBACKEND=Agg "$folder/bin/python" -W ignore - <<'END'
import numpy as np
import pyphysio
import scipy.signal
from pyphysio.indicators.frequencydomain import PowerInBand
from pyphysio.indicators.timedomain import StDev
from pyphysio.utils import PSD

RATE = 4
place = 3 * np.sin(2 * np.pi * 0.25 * np.arange(300 * RATE) / RATE)
belt = pyphysio.create_signal(place, sampling_freq=RATE, name="belt")
square = float(StDev()(belt).values.ravel()[0]) ** 2
assert abs(square - 4.5) < 0.01
for padded in (2048, 8192):
    found = PSD("welch", nfft=padded)(belt)
    frequencies, density = found.coords["freq"].values, found.values.ravel()
    assert np.array_equal(PSD("welch", nfft=padded, normalize=False)(belt).values.ravel(), density)
    total = density.sum() * (frequencies[1] - frequencies[0])
    _, right = scipy.signal.welch(place, RATE, window="hamming", nfft=padded)
    band = float(PowerInBand(0.1, 0.5, "welch", nfft=padded)(belt).values.ravel()[0])
    print(f"nfft {padded}: density adds up to {total:.4f} mm^2, that of scipy to {right.sum() * RATE / padded:.2f};"
          f" power in the band {band:.2f}, mean square {square:.2f}")
    assert abs(right.sum() * RATE / padded - square) < 0.05
    assert abs(total * (padded // 2 + 1) / square - 1) < 0.02, "the density is one of mm^2 / Hz now"
    assert abs(band / square - 2) < 0.02, "power in a band is the mean square now"
END
