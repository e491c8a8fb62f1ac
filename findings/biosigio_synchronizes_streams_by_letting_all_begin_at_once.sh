#!/bin/sh
# biosigio 1.2.13, XDFImporter.load (sync_streams=True, the default): a Lab Streaming Layer recording of a respiratory
# belt (25 Hz) and of the diaphragm in cine frames (4 Hz), which see the same breathing of 4 s. The cine begins 1.5 s
# after the belt, as an image series does.
#
# Expected: "If True, synchronize streams to common timestamps": each row of the signals is one moment, so that belt and
# diaphragm go up and down together, as their LSL time stamps, and pyxdf which is used to read them, have it.
# Seen: the first time stamp is taken off each stream by itself, so that both begin at row 0. The diaphragm runs 1.5 s
# ahead, the correlation with the belt is -0.7 instead of 1, and nothing is said. Streams with equally many samples are
# put side by side without any look at their times. sync_streams=False does the same. With include_timestamps=True,
# the two columns of time stamps of one row differ by the delay, and tell how far to move the columns back.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder"
"$folder/bin/python" -m pip install --quiet --disable-pip-version-check biosigio==1.2.13 pyxdf==1.17.5 numpy==2.4.6 \
	scipy==1.17.1 pandas==3.0.5 matplotlib==3.11.2
cd "$folder"
"$folder/bin/python" -W ignore - <<'END'
import struct

import numpy as np
from biosigio.importers.xdf import XDFImporter

BEGIN = 1000  # s, LSL clock


def breathing(times):
    return 6 * np.sin(2 * np.pi * (times - BEGIN) / 4)  # mm


def chunk(tag, content):
    return struct.pack("<BIH", 4, len(content) + 2, tag) + content


def write(streams):
    with open("breathing.xdf", "wb") as file:
        file.write(b"XDF:" + chunk(1, b"<info><version>1.0</version></info>"))
        for number, (name, rate, times) in enumerate(streams, 1):
            stream = struct.pack("<I", number)
            header = (
                f"<info><name>{name}</name><type>MISC</type><channel_count>1</channel_count>"
                f"<nominal_srate>{rate}</nominal_srate><channel_format>double64</channel_format><desc><channels>"
                f"<channel><label>{name}</label><unit>mm</unit></channel></channels></desc></info>"
            )
            pairs = zip(times, breathing(times), strict=True)
            samples = b"".join(struct.pack("<Bdd", 8, *pair) for pair in pairs)
            footer = f"<info><first_timestamp>{times[0]}</first_timestamp></info>"
            file.write(chunk(2, stream + header.encode()))
            file.write(chunk(3, stream + struct.pack("<BI", 4, len(times)) + samples))
            file.write(chunk(4, stream + struct.pack("<dd", times[0], 0)))
            file.write(chunk(4, stream + struct.pack("<dd", times[-1], 0)) + chunk(6, stream + footer.encode()))


def read(rate, late, **options):
    length = 60
    write([
        ("belt", rate, BEGIN + np.arange(length * rate) / rate),
        ("diaphragm", 4, BEGIN + late + np.arange(length * 4) / 4),
    ])  # fmt: skip
    return XDFImporter().load("breathing.xdf", **options).signals


for rate in (25, 4):
    for late in (0, 1.5):
        for sync in (True, False):
            signals = read(rate, late, sync_streams=sync).iloc[: 50 * rate]
            same = np.corrcoef(signals["belt"], signals["diaphragm"])[0, 1]
            print(f"belt at {rate} Hz, diaphragm {late} s later, sync_streams={sync}: correlation {same:.2f}")
            assert same > 0.99 if late == 0 else same < -0.6, "streams keep their own beginning now"
stamps = read(25, 1.5, include_timestamps=True)
apart = (stamps["diaphragm_LSL_timestamps"] - stamps["belt_LSL_timestamps"]).iloc[:1000]
print(f"LSL time of the diaphragm less that of the belt within a row: {apart.min():.2f} to {apart.max():.2f} s")
assert np.allclose(apart, 1.5)
END
