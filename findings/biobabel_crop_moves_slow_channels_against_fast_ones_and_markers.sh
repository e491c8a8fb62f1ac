#!/bin/sh
# biobabel 1.1.0, Biodata.crop(tfrom, tend): a belt at 50 Hz, the position of the diaphragm in the frames of a cine at
# 4 Hz, both of the same breathing, and a marker at the end of each inspiration; the first seconds are cropped off.
#
# Expected: "clip all data before 5 seconds": channels and markers that fit together before fit together after, each
# channel still starting at time zero of the new data.
# Seen: what is later than tfrom is kept, but not what is at tfrom; the first sample that is left gets the time 0 in
# each channel, while markers are moved by tfrom. With whole seconds the belt comes a sample (0.02 s) early and the
# frames one of theirs (0.25 s): 0.23 s against each other, and against the markers. Each further crop adds as much:
# after four it is 0.92 s, a quarter of a breath. Cropping the end alone (tfrom=None) puts all markers at infinity.
# Values, rates and the look of each channel stay as they were.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder"
"$folder/bin/python" -m pip install --quiet --disable-pip-version-check biobabel==1.1.0 numpy==2.4.6 scipy==1.17.1 \
	pandas==2.3.3 matplotlib==3.11.2 h5py==3.16.0 pyxdf==1.17.5 bioread==2025.5.2 opensignalsreader==0.2.2 pyEDFlib==0.1.42
cd "$folder"
"$folder/bin/python" -W ignore - <<'END'
import numpy as np
from biobabel import Biodata


def breathing(seconds):
    return np.sin(2 * np.pi * seconds / 4)


def recording():
    made = Biodata()
    for name, rate in (("belt", 50.0), ("frames", 4.0)):
        seconds = np.arange(int(200 * rate)) / rate
        header = {"id": name, "participant": "one", "sampling_frequency": rate, "modality": "resp"}
        made.add_channel((header, breathing(seconds)))
    made.add_marker("inspired", [1.0 + 4 * k for k in range(49)])
    return made


def early(made, name, removed):
    """By how much a channel comes early, in s, found by trying."""
    _, values = made.get(name)
    shifts = np.arange(0, 2, 0.005)
    fits = [np.abs(breathing(made.get_time(name) + removed + shift) - values).max() for shift in shifts]
    return float(shifts[np.argmin(fits)])


found = {}
for crops in ([10], [10.1], [10, 10, 10, 10]):
    made = recording()
    for seconds in crops:
        made.crop(seconds, 1000)
    removed = sum(crops)
    markers = np.array(made.get_marker("inspired"))
    assert np.allclose(breathing(markers + removed), 1), "markers are moved by another time"
    found[tuple(crops)] = early(made, "belt", removed), early(made, "frames", removed)
    belt, frames = found[tuple(crops)]
    print(f"cropped by {crops} s: belt early by {belt:.3f} s, frames by {frames:.3f} s")
assert np.allclose(found[10,], (0.02, 0.25), atol=0.006), "channels stay together now"
assert np.allclose(found[10.1,], (0.02, 0.15), atol=0.006)
assert np.allclose(found[10, 10, 10, 10], (0.08, 1.0), atol=0.006)
made = recording()
made.crop(None, 100)
print("the end cropped off: markers at", made.get_marker("inspired")[:2])
assert np.all(np.isinf(made.get_marker("inspired")))
END
