#!/bin/sh
# lsl-xdf-reader 0.1 with pyxdf 1.17.5: a folder with two recordings, each with the frames of a cine; a breathing belt
# was worn in the first one only. parse_xdf(folder) "will read each XDF file, extract the experiment data, and write it
# to a CSV file".
#
# Expected: the folder of the second recording has its frames, and no file of a belt, as nobody wore one.
# Seen: streams are collected in one dictionary, by name and type, that is never emptied: the second recording gets the
# belt of the first, in a file of its own with a report, time stamps and all, to the last digit. The frames, which both
# have, are right, so that a look at one of the files finds nothing. Which of two recordings gets the belt of the other
# depends on the order in which the system lists the files.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder"
"$folder/bin/python" -m pip install --quiet --disable-pip-version-check pyxdf==1.17.5 numpy==2.4.6
"$folder/bin/python" -m pip install --quiet --disable-pip-version-check --no-deps lsl-xdf-reader==0.1
cd "$folder"
"$folder/bin/python" -W ignore - <<'END'
import glob
import struct
import sys
import types
from pathlib import Path

import numpy as np

# The package opens a window when it is imported, which needs a display and is not used here.
window, dialog = types.ModuleType("tkinter"), types.ModuleType("tkinter.filedialog")
window.Tk, dialog.askdirectory = (lambda: types.SimpleNamespace(withdraw=lambda: None)), None
sys.modules.update({"tkinter": window, "tkinter.filedialog": dialog})
from lsl_xdf_reader.data_reader import parse_xdf


def chunk(tag, content):
    return struct.pack("<BIH", 4, len(content) + 2, tag) + content


def write(path, streams):
    """An XDF file of streams: name, type and rate in Hz, and its times and values."""
    data = b"XDF:" + chunk(1, b"<info><version>1.0</version></info>")
    for number, ((name, kind, rate), (times, values)) in enumerate(streams.items(), 1):
        stream = struct.pack("<I", number)
        header = (
            f"<info><name>{name}</name><type>{kind}</type><channel_count>1</channel_count><nominal_srate>{rate}"
            "</nominal_srate><channel_format>double64</channel_format><hostname>scanner</hostname>"
            f"<created_at>{times[0]}</created_at></info>"
        )
        samples = b"".join(struct.pack("<Bdd", 8, *sample) for sample in zip(times, values))
        footer = (
            f"<info><first_timestamp>{times[0]}</first_timestamp><last_timestamp>{times[-1]}</last_timestamp>"
            f"<sample_count>{len(times)}</sample_count></info>"
        )
        data += chunk(2, stream + header.encode()) + chunk(3, stream + struct.pack("<BI", 4, len(times)) + samples)
        data += chunk(6, stream + footer.encode())
    path.write_bytes(data)


folder = Path("recordings")
folder.mkdir()
for name in ("one.xdf", "two.xdf"):
    (folder / name).touch()
first, second = (Path(path) for path in glob.glob(str(folder / "*.xdf")))  # as the package lists them
frame_times, belt_times = np.arange(40) / 4, np.arange(500) / 50
belt = (belt_times + 100, np.sin(2 * np.pi * belt_times / 4))
write(first, {("cine", "frame", 4): (frame_times + 100, np.arange(40.0)), ("belt", "breathing", 50): belt})
write(second, {("cine", "frame", 4): (frame_times + 9000, np.arange(40.0))})
parse_xdf(str(folder))
made = {(path.parent.name[:3], path.name.split(" ")[0]): path for path in folder.glob("*/*_allExp.csv")}
begins = {key: float(path.read_text().splitlines()[1].split(",")[0]) for key, path in made.items()}
for (recording, stream), seconds in sorted(begins.items()):
    print(f"recording {recording}: {stream} from {seconds:.0f} s on")
assert round(begins[second.stem, "cine"]) == 9000
assert (second.stem, "belt") in made, "recordings have their own streams only now"
assert made[second.stem, "belt"].read_text() == made[first.stem, "belt"].read_text()
END
