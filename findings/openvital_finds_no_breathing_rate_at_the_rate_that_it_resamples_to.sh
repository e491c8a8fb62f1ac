#!/bin/sh
# openvital 0.2.1, estimate_resp_rate ("count-adv algorithm"), which its own ART_RR, PPV and PVI call at 100 Hz, on a
# pure breath of 12, 15 and 20 a minute over two minutes.
#
# Expected: 12, 15 and 20, the surer the finer the signal is sampled.
# Seen: up to 25 Hz so it is. At 50 Hz it says 3.4, 6.9 and 6.7 a minute, at 100 Hz 14.1, 4.7 and 13.9, without a word;
# at 250 Hz "13 used" for all. Its band of 0.1 to 0.5 Hz is a Butterworth filter of order 5 as two polynomials of order
# 10, whose roots come too near to one another there: the filtered signal is 1e+74 mm at 50 Hz and NaN from 100 Hz on,
# and peaks are counted in it all the same. With second-order sections the same band leaves the breath as it is.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder"
"$folder/bin/python" -m pip install --quiet --disable-pip-version-check --no-deps \
	openvital==0.2.1 openecg==0.11.0 opendsp==0.1.0 numpy==2.4.6 scipy==1.17.1
cd "$folder"
"$folder/bin/python" -W ignore - <<'END'
import numpy as np
import openvital
from scipy.signal import butter, sosfiltfilt

BREATHS = 12, 15, 20
found = {}
for rate in (8, 25, 50, 100, 250):
    time = np.arange(0, 120, 1 / rate)
    signals = [10 * np.sin(2 * np.pi * breaths / 60 * time) for breaths in BREATHS]
    found[rate] = [float(openvital.estimate_resp_rate(signal, rate)) for signal in signals]
    largest = max(float(np.max(np.abs(openvital.band_pass(signal, rate, 0.1, 0.5)))) for signal in signals)
    sections = butter(5, [0.1, 0.5], btype="band", fs=rate, output="sos")
    kept = max(float(np.max(np.abs(sosfiltfilt(sections, signal)))) for signal in signals)
    print(f"{rate} Hz: {np.round(found[rate], 1).tolist()} breaths a minute; a breath of 10 mm is {largest:.3g} mm "
          f"after its filter, {kept:.3g} in second-order sections")
    assert kept < 16
for rate in (8, 25):
    assert np.allclose(found[rate], BREATHS, atol=0.3)
for rate in (50, 100):
    assert all(abs(got - true) > 1.5 for got, true in zip(found[rate], BREATHS)), "the filter is stable now"
assert found[250] == [13, 13, 13]
END
