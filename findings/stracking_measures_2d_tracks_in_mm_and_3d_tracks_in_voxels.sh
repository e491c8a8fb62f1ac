#!/bin/sh
# stracking 0.1.10, SPLinker, DistanceFeature and DisplacementFeature, on three markers that go 3 pixels of 2 mm on from
# frame to frame, once in a film of slices and once in a film of volumes of 4 x 2 x 2 mm, with the scale of each given.
#
# Expected: the tracks carry the scale of the particles, (T, Y, X) or (T, Z, Y, X), and the ways are in its units, in
# planes and in volumes alike: the same motion is 54 mm long.
# Seen: the scale of a volume is looked at only if it has three numbers, and it has four. Ways in volumes are counted in
# voxels: 27. (Were it three, the code would take the third and fourth of them.) For a motion along Z, of 4 mm a step,
# the way is a quarter of the true one. Nothing in the result says in which unit it is.
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
from stracking.features import DisplacementFeature, DistanceFeature
from stracking.linkers import EuclideanCost, SPLinker

FRAMES, MARKERS = range(10), (20, 60, 100)


def ways(scale, step):
    """Length of the way and distance of its ends, for markers that start on a row and go on by step."""
    dimensions = len(step)
    start = [[8] * (dimensions - 2) + [marker, 20] for marker in MARKERS]
    places = [[t, *(np.array(place) + t * np.array(step))] for t in FRAMES for place in start]
    particles = SParticles(data=np.array(places, float), scale=scale)
    tracks = SPLinker(cost=EuclideanCost(max_cost=100), gap=1).run(particles)
    assert tracks.scale == scale and len(tracks.data) == len(places)
    for feature in (DistanceFeature(), DisplacementFeature()):
        tracks = feature.run(tracks)
    return [set(np.round(list(tracks.features[name].values()), 6).tolist()) for name in ("distance", "displacement")]


slices, volumes = (1, 2, 2), (1, 4, 2, 2)
for name, scale, step, truth, said in (
    ("in slices, along X", slices, (0, 3), 54, 54),
    ("in slices, along Y", slices, (3, 0), 54, 54),
    ("in volumes, along X", volumes, (0, 0, 3), 54, 27),
    ("in volumes, along Z", volumes, (3, 0, 0), 108, 27),
):
    found = ways(scale, step)
    print(f"{name}: the markers moved by {truth} mm; distance and displacement are {found}")
    assert found == [{said}, {said}], "ways in volumes are counted with their scale now"
END
