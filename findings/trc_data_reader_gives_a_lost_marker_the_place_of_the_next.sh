#!/bin/sh
# trc-data-reader 0.4.1, TRCData.load: three markers on chest, navel and hip for ten seconds at 25 frames a second. The
# chest is hidden for a second. The file is that of the package's own save: a lost place is three empty cells.
#
# Expected: what was saved is loaded, as its docs have "Load from a .trc file". A lost marker has NaN, which the reader
# makes of cells that it cannot read, and the others are where they were. pandas reads the same file so.
# Seen: the rows are split at white space, so empty cells are not there. All markers after the lost one move up to the
# place of the one before: the chest is at the navel (120 mm away), the navel at the hip (180 mm), and the hip is lost.
# No word is said. A row with six numbers for three markers is taken for one whose last marker is lost.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder"
"$folder/bin/python" -m pip install --quiet --disable-pip-version-check \
	trc-data-reader==0.4.1 c3d==0.6.0 numpy==2.4.6 pandas==3.1.1
cd "$folder"
"$folder/bin/python" -W ignore - <<'END'
import numpy as np
import pandas as pd
from trc import TRCData

RATE, FRAMES, HIDDEN = 25.0, 250, slice(100, 125)
MARKERS = {"chest": (0, 300, 100), "navel": (0, 180, 100), "hip": (0, 0, 100)}  # mm
time = np.arange(FRAMES) / RATE
places = np.repeat(np.array(list(MARKERS.values()), float)[None], FRAMES, axis=0)  # (frame, marker, axis)
places[:, :, 2] += np.sin(2 * np.pi * time / 4)[:, None] * [8, 12, 1]  # a breath in 4 s
places[HIDDEN, 0] = np.nan

saved = TRCData(PathFileType=4, DataFormat="(X/Y/Z)", FileName="breath.trc", DataRate=RATE, CameraRate=RATE)
saved.update(NumFrames=FRAMES, NumMarkers=3, Units="mm", OrigDataRate=RATE, OrigDataStartFrame=1, OrigNumFrames=FRAMES)
saved.update({"Markers": list(MARKERS), "Frame#": list(range(1, FRAMES + 1))})
saved.update({frame: (time[frame - 1], places[frame - 1].tolist()) for frame in saved["Frame#"]})
saved.save("breath.trc")

loaded = TRCData()
loaded.load("breath.trc")
read = np.stack([np.array(loaded[name]) for name in MARKERS], axis=1)
table = pd.read_csv("breath.trc", sep="\t", skiprows=6, header=None).to_numpy()[:, 2:].reshape(places.shape)
assert np.allclose(table, places, atol=1e-4, equal_nan=True), "the file is another one now"

shown = np.ones(FRAMES, bool)
shown[HIDDEN] = False
assert np.allclose(read[shown], places[shown], atol=1e-4)
for number, name in enumerate(MARKERS):
    away = np.linalg.norm(read[HIDDEN, number] - np.array(MARKERS[name]), axis=-1).mean()
    print(f"{name} while the chest is hidden: {'lost' if np.isnan(away) else f'{away:.0f} mm from where it rests'}")
assert np.allclose(read[HIDDEN, :2], places[HIDDEN, 1:], atol=1e-4), "a lost marker is lost now"
assert np.isnan(read[HIDDEN, 2]).all(), "the last marker is known now"
END
