#!/bin/sh
# resurfemg 1.1.3, VentilatorDataGroup: pressure, flow and volume of a ventilator, 100 samples a second, 30 breaths in
# 120 s with the most volume at 1, 5, 9 s and so on, and an occlusion at 75 s.
#
# Expected: start_idx is the "start sample of the window in which to be searched". The peaks that are stored are samples
# of the signal, wherever the search began: those of find_occluded_breaths and detect_emg_breaths are.
# Seen: find_ventilator_peaks stores samples of the window, as if it were the signal. Searched from 50.5 s on, the
# breath of 53 s is said to be at 2.5 s, and so is each, with no word. Their number and distances are right; whatever
# is looked up at them is of another moment: where the volume is largest, 0.5 L, there is none now, and the EMG of a
# breath is that of 50 s before. Searched from the first sample, as by default, all is right.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder"
"$folder/bin/python" -m pip install --quiet --disable-pip-version-check \
	resurfemg==1.1.3 numpy==2.4.6 scipy==1.17.1 pandas==3.1.1 scikit-learn==1.9.1 mne==1.13.2 neurokit2==0.3.0
cd "$folder"
"$folder/bin/python" -W ignore - <<'END'
import contextlib
import io

import numpy as np
from resurfemg.data_connector.data_classes import VentilatorDataGroup

RATE, PERIOD, PEEP, OCCLUSION = 100, 4, 5, 75  # Hz, s, cmH2O, s
time = np.arange(0, 120, 1 / RATE)
volume = 0.5 * np.clip(np.sin(2 * np.pi * time / PERIOD), 0, None)  # L
pressure = PEEP + 10 * (volume > 0) - 15 * np.exp(-0.5 * ((time - OCCLUSION) / 0.2) ** 2)
right = np.arange(PERIOD / 4, 120, PERIOD)

with contextlib.redirect_stdout(io.StringIO()):
    group = VentilatorDataGroup(
        np.vstack([pressure, np.gradient(volume, 1 / RATE), volume]),
        fs=RATE, labels=["Paw", "F", "Vvent"], units=["cmH2O", "L/s", "L"],
    )  # fmt: skip
for start in (0.0, 50.5):
    first = int(start * RATE)
    group.find_ventilator_peaks(start_idx=first, overwrite=True)
    group.find_occluded_breaths(peep=PEEP, start_idx=first, overwrite=True)
    breaths = group.channels[group.v_vent_idx].peaks["ventilator_breaths"].peak_df["peak_idx"].to_numpy()
    occlusion = group.channels[group.p_vent_idx].peaks["Pocc"].peak_df["peak_idx"].to_numpy() / RATE
    there = right[right > start]
    print(f"searched from {start} s on: {len(breaths)} breaths at {breaths[:3] / RATE} s and so on, right are "
          f"{there[:3]} s; volume at them {volume[breaths].mean():.2f} L; occlusion at {occlusion} s")
    assert len(breaths) == len(there) and np.allclose(occlusion, OCCLUSION, atol=0.1)
    assert np.allclose(breaths / RATE, there - start, atol=0.011), "breaths have the times of the signal now"
END
