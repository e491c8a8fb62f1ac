#!/bin/sh
# stracking 0.1.10, SPLinker, on three markers in ten frames, of which some frames were lost or lie before the marker
# was there: a frame number without a particle.
#
# Expected: gap=2 bridges one lost frame, as its test shows where one of three markers is missing in a frame. What is in
# the last frames is linked, whatever was lost before. If frames were cut off at the beginning, nothing else changes.
# Seen: the number of frames is that of different times that occur, and the times are then counted from 0. For each
# frame without any particle, a newest frame is left out: with frames 4 and 7 of ten lost, the tracks end at frame 6,
# and so they do in a film that begins at frame 3. No word is said; it looks as if the markers had left the slice.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder"
"$folder/bin/python" -m pip install --quiet --disable-pip-version-check \
	stracking==0.1.10 numpy==2.4.6 scipy==1.17.1 scikit-image==0.26.0 pandas==3.1.1
cd "$folder"
"$folder/bin/python" -W ignore - <<'END'
import numpy as np
from stracking.containers import SParticles
from stracking.linkers import EuclideanCost, SPLinker


def linked(present):
    """Frames of the tracks of three markers that are all seen in the frames that are present."""
    places = [[t, marker, 20 + 3 * t] for t in present for marker in (20, 60, 100)]
    tracks = SPLinker(cost=EuclideanCost(max_cost=100), gap=2).run(SParticles(data=np.array(places, float))).data
    frames = [tracks[tracks[:, 0] == marker, 1].astype(int).tolist() for marker in np.unique(tracks[:, 0])]
    assert len(frames) == 3 and frames[0] == frames[1] == frames[2]
    return frames[0]


for lost in ((), (4,), (4, 7), (0,), (0, 1, 2)):
    present = [t for t in range(10) if t not in lost]
    found = linked(present)
    print(f"frames without a marker {lost}: seen in {present}, linked in {found}")
    expected = [t for t in present if t < 10 - len(lost)]
    assert found == expected, "the newest frames are linked now"
    assert (found == present) == (not lost)
END
