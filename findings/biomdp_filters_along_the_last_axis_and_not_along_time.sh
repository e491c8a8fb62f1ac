#!/bin/sh
# biomdp 0.11.2, filter_butter on an xarray.DataArray of 20 landmarks that breathe without noise: 4 s a breath, 25
# frames a second, dimensions (time, landmark). And its high pass (kind="high") on a plain array.
#
# Expected: a low pass at 2 Hz leaves breathing as it is (to 0.01 mm), whichever way its dimensions are listed: they
# have names, and the function itself fills gaps along "time" by name. A high pass has 0.71 left at its "cut-off
# frequency", half of the power, as the low pass has: the function corrects it for its two passes.
# Seen: the filter goes along the last dimension, so it mixes the landmarks of each frame: they are up to 6 mm off, and
# the one of 10 mm moves 4 mm. No word is said; (landmark, time) is right. A high pass is corrected as if it was a low
# pass: 0.29 is left at the cut-off frequency, and 0.71 at 1.55 times it only.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder"
"$folder/bin/python" -m pip install --quiet --disable-pip-version-check \
	biomdp==0.11.2 numpy==2.4.6 scipy==1.17.1 pandas==3.1.1 xarray==2026.4.0
cd "$folder"
"$folder/bin/python" -W ignore - <<'END'
import numpy as np
import xarray as xr
from biomdp.filter_butter import filter_butter

RATE = 25.0
time = np.arange(0, 120, 1 / RATE)
sizes = np.random.default_rng(0).permutation(np.linspace(1, 10, 20))  # mm, landmark by landmark
breath = np.sin(2 * np.pi * time / 4)
film = xr.DataArray(breath[:, None] * sizes, dims=("time", "landmark"), coords={"time": time}, attrs={"freq": RATE})

largest = int(np.argmax(sizes))
for dimensions in (("time", "landmark"), ("landmark", "time")):
    filtered = filter_butter(film.transpose(*dimensions), fc=2).transpose("time", "landmark")
    off = float(np.abs(filtered - film).max())
    moved = float(np.abs(filtered[:, largest]).max())
    print(f"dimensions {dimensions}: up to {off:.2f} mm off; what moves 10 mm moves {moved:.1f} mm")
    if dimensions[-1] == "time":
        assert off < 0.02 and abs(moved - 10) < 0.02
    else:
        assert off > 4 and moved < 7, "films are filtered along time now"

middle = slice(500, -500)
for kind, times, share in (("low", 1, 0.7071), ("high", 1, 0.2929), ("high", 1.553, 0.7071)):
    wave = np.sin(2 * np.pi * 0.5 * times * time)
    left = np.std(filter_butter(wave, fr=RATE, fc=0.5, kind=kind)[middle]) / np.std(wave[middle])
    print(f"{kind} pass at 0.5 Hz: {left:.2f} left of {0.5 * times:.2f} Hz")
    assert abs(left - share) < 0.02, f"the {kind} pass has another cut-off frequency now"
END
