#!/bin/sh
# neurokit2 0.3.0, rsp_clean(method="hampel") and rsp_rvt(method="power2020") on breathing of 15 a minute, sampled at
# 1000 Hz, for which all defaults are made, and at 25 to 200 Hz.
#
# Expected: the window of the Hampel filter is "in seconds", so that a spike of one sample is taken off at any
# sampling rate. Respiratory volume per time (RVT) is a volume a second: the same breathing has the same RVT at any
# rate.
# Seen: the sampling rate does not reach the Hampel filter. 0.5 s are 500 samples, 20 s at 25 Hz. A spike one and a
# half times as large as the breathing is taken off at 1000 Hz, and stays as it is at 100 and 25 Hz. No word is said.
# RVT of Power is divided by the number of samples between two peaks: at 200 Hz it is an eighth of that at 25 Hz. The
# other two methods have the same value at all rates. So values of two scanners cannot be put side by side.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder"
"$folder/bin/python" -m pip install --quiet --disable-pip-version-check \
	neurokit2==0.3.0 numpy==2.4.6 pandas==3.1.1 scipy==1.17.1 scikit-learn==1.9.1 matplotlib==3.11.2
cd "$folder"
"$folder/bin/python" -W ignore - <<'END'
import neurokit2
import numpy as np


def breathing(rate):
    return np.sin(2 * np.pi * np.arange(30 * rate) / rate / 4)


left = {}
for rate in (1000, 100, 25):
    spiked, place = breathing(rate), 15 * rate + rate // 3
    spiked[place] += 3
    cleaned = neurokit2.rsp_clean(spiked, sampling_rate=rate, method="hampel", window_length=0.5)
    left[rate] = cleaned[place] - breathing(rate)[place]
    print(f"{rate} Hz: {left[rate]:.3f} is left of a spike of 3; breathing goes from -1 to 1")
rvt = {}
for method in ("power2020", "birn2006", "harrison2021"):
    for rate in (25, 50, 100, 200):
        values = neurokit2.rsp_rvt(breathing(rate), sampling_rate=rate, method=method, silent=True)
        rvt[method, rate] = float(np.nanmedian(values))
    print(f"RVT, {method}, at 25, 50, 100 and 200 Hz: {[round(rvt[method, r], 4) for r in (25, 50, 100, 200)]}")
    ratio = rvt[method, 25] / rvt[method, 200]
    assert np.isclose(ratio, 8 if method == "power2020" else 1, rtol=1e-3), "RVT is a volume a second now"
assert abs(left[1000]) < 0.01 and all(left[rate] == 3 for rate in (100, 25)), "the filter knows the rate now"
END
