#!/bin/sh
# phys2bids 2.10.0 on a text file of LabChart: a belt and the triggers of the scanner at 100 Hz, recorded from some time
# before the first image on (with which patients are always recorded), 110 images with one second each.
#
# Expected: StartTime in the JSON file is that of BIDS: seconds "in relation to the start of acquisition of the first
# data sample in the corresponding neural dataset", negative for a recording that began before it. Sample k belongs to
# StartTime + k / SamplingFrequency. The column of times that is written beside it says the same.
# Seen: the sign is turned round twice. The column of times begins at -9.5 s, StartTime is 9.5, and the report says
# "Sampling started at: 9.5000 s. Tip: Time 0 is the time of first trigger". Whoever goes by StartTime, as BIDS says,
# takes breathing for that of 19 s later, here 4.75 breaths: the end of inspiration for the middle of a breath. Only a
# recording that begins with its first trigger comes out right.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder"
"$folder/bin/python" -m pip install --quiet --disable-pip-version-check \
	phys2bids==2.10.0 numpy==1.23.5 matplotlib==3.8.4 PyYAML==6.0.3
cd "$folder"
MPLBACKEND=agg "$folder/bin/python" -W ignore - <<'END'
import json
import logging
from pathlib import Path

import numpy as np
from phys2bids.phys2bids import phys2bids

RATE, IMAGES, BREATH = 100, 110, 4.0  # Hz, one a second, s
HEADER = [
    "Interval=\t0.01 s", "ExcelDateTime=\t4.3e4\t1/1/2026 10:00:00", "TimeFormat=\tStartOfBlock", "DateFormat=\t",
    "ChannelTitle=\ttrigger\tbelt", "Range=\t10.000 V\t10.000 V",
]  # fmt: skip


def breathing(seconds):
    """Position of the belt, by the time since the first image."""
    return np.cos(2 * np.pi * seconds / BREATH)


off = {}
for before in (0.1, 2.0, 9.5):
    since = np.arange(int((IMAGES + before + 5) * RATE)) / RATE - before  # s since the first image
    image = np.floor(since + 1e-9)
    pulses = (since + 1e-9 - image) < np.where(image % 2, 0.05, 0.06)  # s
    triggers = 5.0 * (pulses & (image >= 0) & (image < IMAGES))
    rows = np.column_stack([since + before, triggers, breathing(since)])
    lines = ["\t".join(f"{value:.4f}" for value in row) for row in rows]
    Path("belt.txt").write_text("\n".join(HEADER + lines) + "\n", encoding="utf-8")
    phys2bids("belt.txt", outdir=f"before {before}", chtrig=1, num_timepoints_expected=[IMAGES], tr=[1.0], thr=2.5)
    logging.getLogger().handlers.clear()
    header = json.loads(Path(f"before {before}/belt.json").read_text(encoding="utf-8"))
    values = np.loadtxt(f"before {before}/belt.tsv.gz")
    times = header["StartTime"] + np.arange(len(values)) / header["SamplingFrequency"]
    off[before] = float(np.abs(values[:, header["Columns"].index("belt")] - breathing(times)).max())
    print(f"began {before} s before: StartTime {header['StartTime']}, column of times from {values[0, 0]:.2f} s on; "
          f"belt off by up to {off[before]:.2f} of a range of 2")
    assert abs(values[0, 0] + before) < 0.011, "the column of times is another one"
    assert abs(header["StartTime"] + values[0, 0]) < 1e-3, "StartTime has its sign now"
assert off[0.1] < 0.4 and off[9.5] > 0.9
END
