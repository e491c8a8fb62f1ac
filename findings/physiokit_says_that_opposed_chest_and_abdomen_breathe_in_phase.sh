#!/bin/sh
# physiokit 0.10.1, rsp.compute_dual_band_metrics(rc, ab): a belt around the chest and one around the abdomen at 25 Hz,
# four seconds a breath (it varies by a tenth), a little noise; the abdomen follows the chest by a given phase.
#
# Expected: "phase: Phase angle (degrees)" between the two, 0 when they move together and 180 when they are opposed
# (paradoxical breathing, the reason to wear two belts), to a degree, as found for 0 to 175.
# Seen: the angle is averaged over the strongest frequencies as a number, in which +179 and -179 degrees make 0. Opposed
# belts get any angle between 0 and 180: 17 of 100 recordings of 30 s, and 44 of 100 of 5 minutes, are more than 10
# degrees off, where the same frequencies averaged as vectors say 179 to 180. The longer the recording, the more
# frequencies are averaged and the more often it happens. Nothing marks them.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder"
"$folder/bin/python" -m pip install --quiet --disable-pip-version-check numpy==2.4.6 scipy==1.17.1 requests==2.32.5
"$folder/bin/python" -m pip install --quiet --disable-pip-version-check --no-deps physiokit==0.10.1
cd "$folder"
"$folder/bin/python" -W ignore - <<'END'
import numpy as np
from physiokit.rsp.metrics import compute_dual_band_metrics

RATE, COUNT = 25, 200


def belts(seed, seconds, lag):
    """Chest and abdomen, which follows by lag degrees; the rate of breathing wanders."""
    random = np.random.default_rng(seed)
    slow = np.convolve(random.standard_normal((seconds + 8) * RATE), np.ones(8 * RATE), "valid")[: seconds * RATE]
    phase = 2 * np.pi * np.cumsum(0.25 * (1 + 0.1 * slow / slow.std())) / RATE
    noise = 0.05 * random.standard_normal((2, seconds * RATE))
    return np.sin(phase) + noise[0], 0.8 * np.sin(phase - np.deg2rad(lag)) + noise[1]


def vector_angle(chest, abdomen):
    """Angle of the summed cross spectrum: the same data, averaged as vectors."""
    window = np.blackman(len(chest))
    spectra = [np.fft.rfft(window * (belt - belt.mean())) for belt in (chest, abdomen)]
    return abs(np.rad2deg(np.angle(np.sum(spectra[0] * np.conj(spectra[1])))))


off = {}
for seconds in (30, 60, 300):
    for lag in (0, 90, 170, 175, 180):
        pairs = [belts(seed, seconds, lag) for seed in range(COUNT)]
        found = np.array([compute_dual_band_metrics(*pair, sample_rate=RATE).phase for pair in pairs])
        right = np.array([vector_angle(*pair) for pair in pairs])
        off[seconds, lag] = float(np.mean(np.abs(found - lag) > 10))
        print(f"{seconds} s, {lag} degrees: {found.min():.0f} to {found.max():.0f} found, {off[seconds, lag]:.1%} more "
              f"than 10 off; as vectors {right.min():.0f} to {right.max():.0f}")
        assert np.abs(right - lag).max() < 10
assert all(share == 0 for (seconds, lag), share in off.items() if lag < 180)
assert off[30, 180] > 0.1 and off[300, 180] > 0.3, "opposed belts are found now"
END
