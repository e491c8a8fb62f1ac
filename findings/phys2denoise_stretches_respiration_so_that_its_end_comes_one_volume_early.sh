#!/bin/sh
# phys2denoise 0.5.0, export_metric, which writes a measure of respiration for each volume of a scan: 600 samples at
# 10 Hz, 30 volumes of 2 s.
#
# Expected: the value for volume k is that at 2 k seconds.
# Seen: both time axes are laid from 0 to 60 s with their ends included. So volume 29, of 58 s, has the value of 59.9 s,
# and volume 15 that of 31 s. The shift grows over the scan to one volume, so that no one lag takes it off. In
# frames of 0.25 s, it grows to 0.15 s.
# With ntp=30, the number of volumes, a measure with a convolved column is written with 58 rows: columns
# are taken for volumes, and the last value is repeated. With one column, it has 30.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder"
"$folder/bin/python" -m pip install --quiet --disable-pip-version-check \
	phys2denoise==0.5.0 numpy==1.26.4 scipy==1.14.1 pandas==2.2.3 matplotlib==3.10.9 setuptools==65.5.0
cd "$folder"
"$folder/bin/python" -W ignore - <<'END'
from importlib.metadata import version

import numpy as np
from phys2denoise.metrics.utils import export_metric

print("phys2denoise", version("phys2denoise"))
rate = 10.0
seconds = np.arange(600) / rate  # the measure is the time itself, so that one reads off when it was taken
errors = {}
for step in (2.0, 0.25):
    export_metric(seconds, rate, step, f"every_{step}")
    written = np.loadtxt(f"every_{step}_resampled.1D")
    volumes = np.arange(len(written)) * step
    middle = len(written) // 2
    errors[step] = float((written - volumes)[-1])
    print(f"{len(written)} volumes of {step} s: the value of volume 0 is of {written[0]:.2f} s, that of {middle}, at "
          f"{volumes[middle]} s, of {written[middle]:.2f} s, the last, at {volumes[-1]} s, of {written[-1]:.2f} s")

export_metric(seconds, rate, 2.0, "one", ntp=30)
export_metric(np.stack([seconds, seconds], axis=1), rate, 2.0, "two", ntp=30)
rows = [len(np.loadtxt(name)) for name in ("one_resampled.1D", "two_resampled_raw.1D")]
print(f"rows with ntp=30: {rows[0]} of one column, {rows[1]} of two")
assert abs(errors[2.0] - 1.9) < 1e-6 and abs(errors[0.25] - 0.15) < 1e-6, "values are those of their volumes now"
assert rows == [30, 58], "volumes are counted now"
END
