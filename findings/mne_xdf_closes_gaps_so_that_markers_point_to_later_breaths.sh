#!/bin/sh
# mne-xdf 0.3.0, read_raw_xdf, with pyxdf 1.17.5: a belt of 100 Hz for 300 s that lost the time from 100 to 130 s, with
# a cough at 60 and one at 200 s, which another device marked; and a camera of 4 Hz beside a belt that lost nothing.
#
# Expected: a mark lies at the value that was measured at its time. Where streams are laid onto one clock (fs_new),
# "Time intervals where a stream has no data contain `np.nan`".
# Seen: pyxdf reads all times right. Of one stream, the samples are then put one after the other, with the rate as their
# only clock, while marks keep their times: the cough of 200 s lies at 170 s, and its mark at what was measured at
# 230 s. With fs_new, the samples are stretched over the whole time, gap and all: there is no NaN, and the coughs lie at
# 66.7 and 188.9 s. (Issue 385 of mnelab, from which it comes, is about gaps.) Without any gap, n samples are laid into
# the n - 1 steps between them: of coughs that camera and belt saw together, the camera has those at 50, 100 and 190 s
# 0.06, 0.12 and 0.23 s before the belt. It gains a whole frame, however long it was recorded.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder"
"$folder/bin/python" -m pip install --quiet --disable-pip-version-check \
	mne-xdf==0.3.0 pyxdf==1.17.5 mne==1.13.2 numpy==2.4.6 scipy==1.17.1
cd "$folder"
"$folder/bin/python" -W ignore - <<'END'
import struct
from pathlib import Path

import numpy as np
import pyxdf
from mne_xdf import read_raw_xdf

RATE = 100  # Hz


def chunk(tag, content):
    return b"\x04" + struct.pack("<IH", len(content) + 2, tag) + content


def write(path, *streams):
    out = b"XDF:" + chunk(1, b"<info><version>1.0</version></info>")
    for number, (rate, times, values) in enumerate(streams, 1):
        text = isinstance(values[0], bytes)
        mine = struct.pack("<I", number)
        kind = "string" if text else "double64"
        head = f"<name>{number}</name><type>any</type><channel_count>1</channel_count><channel_format>{kind}"
        head = f"<info>{head}</channel_format><nominal_srate>{rate}</nominal_srate><desc/></info>"
        out += chunk(2, mine + head.encode())
        out += b"".join(chunk(4, mine + struct.pack("<dd", time, 0)) for time in np.arange(times[0], times[-1], 5))
        rows = [b"\x01" + bytes([len(value)]) + value if text else struct.pack("<d", value) for value in values]
        rows = [b"\x08" + struct.pack("<d", time) + row for time, row in zip(times, rows)]
        out += chunk(3, mine + b"\x04" + struct.pack("<I", len(rows)) + b"".join(rows))
        out += chunk(6, mine + b"<info/>")
    Path(path).write_bytes(out)


def coughs(times, *at):
    return sum(np.exp(-0.5 * ((times - time) / 0.5) ** 2) for time in at)


def seen_at(values, near, half=20):  # s
    first = int((near - half) * RATE)
    return (first + int(np.argmax(values[first : first + 2 * half * RATE]))) / RATE


times = np.arange(0, 300, 1 / RATE)
times = times[(times < 100) | (times >= 130)]
write("gap.xdf", (RATE, times, coughs(times, 60, 200)), (0, np.array([60.0, 200.0]), [b"first", b"second"]))
assert np.allclose(pyxdf.load_xdf("gap.xdf")[0][0]["time_stamps"], times)
raw = read_raw_xdf("gap.xdf", [1])
marks, found = raw.annotations.onset, [seen_at(raw.get_data()[0], time) for time in (60, 180)]
print(f"as it is: marks at {marks} s, coughs at {found} s")
assert np.allclose(marks, [60, 200]) and np.allclose(found, [60, 170]), "marks lie at their coughs now"
(values,) = read_raw_xdf("gap.xdf", [1], fs_new=RATE).get_data()
found = [seen_at(values, time) for time in (60, 190)]
print(f"with fs_new: {np.isnan(values).sum()} NaN, coughs at {found} s")
assert not np.isnan(values).any() and np.allclose(found, [66.66, 188.88], atol=0.05), "gaps are left open now"

AT = (50, 100, 150, 190)  # s
camera, belt = np.arange(0, 200, 0.25), np.arange(0, 200, 1 / RATE)
write("two.xdf", (4, camera, coughs(camera, *AT)), (RATE, belt, coughs(belt, *AT)))
both = read_raw_xdf("two.xdf", [1, 2], fs_new=RATE).get_data()
found = np.array([[seen_at(values, time, 5) for time in AT] for values in both])
print(f"without a gap: camera {found[0]} s, belt {found[1]} s")
assert np.allclose(found[1], AT, atol=0.015) and np.allclose(found[0], np.array(AT) * (1 - 0.25 / 200), atol=0.015)
END
