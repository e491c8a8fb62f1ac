#!/bin/sh
# pyxdf 1.17.5, load_xdf, on a stream of 240 frames at 4 Hz (nominal_srate), of which five were lost in the middle.
#
# Expected: all time stamps as recorded, to a few ms: there is no jitter, and an interruption of a second begins a new
# segment (jitter_break_threshold_seconds is 1).
# Seen: one straight line is laid through all frames. Those beside the gap are moved by 0.62 s, and nothing is said. A
# gap of 20 s moves them by 9.9 s, with a warning that the rate is not 4 Hz. The docs, far down, have the reason: a
# break must also be 500 samples long. That is 1 s of an EEG, but two minutes of breathing or of a cine.
# With dejitter_timestamps=False the times are as recorded.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder"
"$folder/bin/python" -m pip install --quiet --disable-pip-version-check pyxdf==1.17.5 numpy==2.4.6
cd "$folder"
"$folder/bin/python" - <<'END'
import struct

import numpy as np
import pyxdf


def chunk(tag, content):
    return struct.pack("<BIH", 4, len(content) + 2, tag) + content


def write(times):
    header = (
        "<info><name>cine</name><type>frame</type><channel_count>1</channel_count><nominal_srate>4</nominal_srate>"
        "<channel_format>double64</channel_format></info>"
    )
    samples = b"".join(struct.pack("<Bdd", 8, time, number) for number, time in enumerate(times))
    offsets = [struct.pack("<Idd", 1, time, 0.0) for time in np.arange(times[0], times[-1] + 5, 5)]
    footer = f"<info><first_timestamp>{times[0]}</first_timestamp><last_timestamp>{times[-1]}</last_timestamp></info>"
    stream = struct.pack("<I", 1)
    with open("frames.xdf", "wb") as file:
        file.write(b"XDF:" + chunk(1, b"<info><version>1.0</version></info>") + chunk(2, stream + header.encode()))
        file.write(chunk(3, stream + struct.pack("<BI", 4, len(times)) + samples))
        file.write(b"".join(chunk(4, offset) for offset in offsets) + chunk(6, stream + footer.encode()))


found = {}
for gap in (0.0, 1.25, 20.0, 130.0):
    recorded = 100 + np.arange(240) / 4
    recorded[120:] += gap
    write(recorded)
    shifts = [
        float(np.abs(pyxdf.load_xdf("frames.xdf", dejitter_timestamps=dejitter)[0][0]["time_stamps"] - recorded).max())
        for dejitter in (True, False)
    ]
    found[gap] = round(shifts[0], 2)
    print(f"gap of {gap} s: frames moved by up to {shifts[0]:.2f} s, without dejittering by {shifts[1]:.2f} s")
    assert shifts[1] == 0
assert found == {0.0: 0.0, 1.25: 0.62, 20.0: 9.94, 130.0: 0.0}, "breaks of slow streams are found at other lengths now"
END
