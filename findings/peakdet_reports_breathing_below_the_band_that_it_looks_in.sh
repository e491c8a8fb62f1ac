#!/bin/sh
# peakdet 0.6.1, HRV: 300 s of heart beats whose intervals rise and fall with the breath (0.28 Hz) and slowly (0.1 Hz),
# given as peaks at 1000, 250 and 100 samples a second.
#
# Expected: hf_peak is the "Peak frequency in `hf` band (0.15-0.40 Hz)", which is that of the breath, and lf_peak that
# "in `lf` band (0.04-0.15 Hz)". avgnn, sdnn and rmssd are in ms at whichever rate, and nn20 is the "Number of N-N
# intervals greater than 20ms".
# Seen: the number of the peak within its band is looked up in the list of all frequencies, from 0 Hz. So the breath is
# said to have 0.1 Hz, a third of its rate, and the slow rhythm 0.03 Hz: both below the bands that they are sought in,
# and both possible rates of breathing. avgnn and sdnn are in ms, but rmssd, sdsd, nn20 and nn50 are of samples: rmssd
# of the same beats is 38 at 1000 samples a second and 3.8 at 100. nn20 counts rises only, and none below 1000 samples
# a second: 137, 0 and 0 of 270.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder"
"$folder/bin/python" -m pip install --quiet --disable-pip-version-check \
	peakdet==0.6.1 numpy==2.4.6 scipy==1.17.1 matplotlib==3.10.8
cd "$folder"
"$folder/bin/python" -W ignore - <<'END'
import numpy as np
from loguru import logger
from peakdet import HRV, Physio
from scipy.signal import welch

logger.remove()
BREATHING, SLOW = 0.28, 0.1  # Hz
BANDS = {"high": (0.15, 0.4, BREATHING), "low": (0.04, 0.15, SLOW)}  # Hz
beats = [0.0]
while beats[-1] < 300:
    phase = 2 * np.pi * beats[-1]
    beats.append(beats[-1] + 0.8 + 0.04 * np.sin(BREATHING * phase) + 0.03 * np.sin(SLOW * phase))

for rate in (1000, 250, 100):
    peaks = np.round(np.array(beats) * rate).astype(int)
    found = HRV(Physio(np.zeros(peaks[-1] + 1), fs=rate, metadata={"peaks": peaks}))
    intervals = 1000 * np.diff(peaks) / rate  # ms
    rmssd = float(np.sqrt(np.mean(np.diff(intervals) ** 2)))
    frequency, power = welch(found._irri, nperseg=120, fs=4)
    nn20 = int((np.abs(np.diff(intervals)) > 20).sum())
    print(f"{rate} samples a second: high peak {found.hf_peak:.3f} Hz, low peak {found.lf_peak:.3f} Hz, sdnn "
          f"{found.sdnn:.1f} ms, rmssd {found.rmssd:.1f} (right {rmssd:.1f} ms), nn20 {found.nn20} (right {nn20})")
    for name, (low, high, right) in BANDS.items():
        within = np.flatnonzero((frequency >= low) & (frequency < high))
        peak = frequency[within[power[within].argmax()]]
        reported = found.hf_peak if name == "high" else found.lf_peak
        assert abs(peak - right) < 0.034
        assert np.isclose(reported, peak - frequency[within[0]]), "peaks are looked up within their band now"
    assert found.hf_peak < 0.15, "the peak of the high band lies in it now"
    assert np.isclose(found.sdnn, intervals.std())
    assert np.isclose(found.rmssd, rmssd * rate / 1000), "rmssd is in ms now"
    assert found.nn20 < 0.6 * nn20, "nn20 counts intervals that differ by 20 ms now"
END
