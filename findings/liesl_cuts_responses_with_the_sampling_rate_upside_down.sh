#!/bin/sh
# liesl 0.3.5.0, buffers.response.Response: the answer of a muscle, 25 ms (trough 35 ms) after a trigger and 1 mV from
# peak to trough. The stream has 500, 1000, 2000 or 5000 samples a second. "pre_in_ms: how many milliseconds to use
# before the trigger", "ep_window_in_ms: the expected timeframe when the evoked potential starts and stops", 15-50 ms.
#
# Expected: the same answer at each rate: 1 mV, extremes at 25 and 35 ms, a trace of 30 + 75 ms.
# Seen: milliseconds become samples by 1000 / fs for fs / 1000, which is right at 1000 Hz only. At 2000 Hz the trace is
# 26 ms long for 105 ms, and the window is from 4 to 12 ms, before the answer: 0 mV, "no answer". At 5000 Hz it is from
# 0.6 to 2 ms. At 500 Hz the window is from 60 to 200 ms, after it. The trigger itself is found rightly.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder"
"$folder/bin/python" -m pip install --quiet --disable-pip-version-check \
	liesl==0.3.5.0 pylsl==1.18.6 pyxdf==1.17.5 numpy==2.4.6
cd "$folder"
"$folder/bin/python" -W ignore - <<'END'
import numpy as np
from liesl.buffers.response import Response

TRIGGER = 0.5  # s on the clock of the stream
for rate in (500, 1000, 2000, 5000):
    stamps = np.arange(0, 1, 1 / rate)
    after = (stamps - TRIGGER) * 1000  # ms
    volts = 0.5 * np.exp(-(((after - 25) / 3) ** 2)) - 0.5 * np.exp(-(((after - 35) / 3) ** 2))  # mV
    inside = volts[(after >= 15) & (after <= 50)]
    truth = inside.max() - inside.min()
    response = Response(volts[:, None], stamps, TRIGGER, fs=rate)
    trough, peak = response.get_latency()
    length = len(response.get_trace()) / rate * 1000
    print(f"{rate} Hz: {response.get_vpp():.2f} mV for {truth:.2f} mV, peak {peak:.1f}, trough {trough:.1f},", end="")
    print(f" trace of {length:.0f} ms; the trigger is at {stamps[response.onset]:.3f} s")
    assert truth > 0.85 and abs(stamps[response.onset] - TRIGGER) < 1e-9
    if rate == 1000:
        assert abs(response.get_vpp() - truth) < 1e-3 and abs(peak - 25) < 1 and abs(length - 105) < 1.5
    else:
        assert response.get_vpp() < 0.01, "milliseconds become samples rightly now"
        assert abs(length - 105 * (1000 / rate) ** 2) < 3
END
