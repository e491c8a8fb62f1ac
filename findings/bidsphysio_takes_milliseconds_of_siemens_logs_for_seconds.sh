#!/bin/sh
# bidsphysio.pmu2bids 21.6.24 converts the logs of the belt and of the triggers of a Siemens scanner, as physiology in
# BIDS. Here both have 400 samples a second; the belt was logged from 10:30:00 for 60 s, the triggers from 10:30:02,
# one every 250 ms. A log tells its times in milliseconds since midnight.
#
# Expected: StartTime of the sidecar is in seconds, as BIDS says and as the classes of bidsphysio say of
# physiostarttime. Of the 240 triggers, 232 fall into the log of the belt and are 1 in its column "trigger".
# Seen: milliseconds are put where seconds are meant. StartTime is 37800000, 438 days after midnight, and the two logs
# begin 2000 s apart. The time of a sample is that number plus its index over 400, seconds added to milliseconds, so no
# trigger falls into the belt's log: the column is 0 throughout, and no frame can be found in the breathing. No word is
# said. When both logs begin in the same millisecond, the column is right.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder"
"$folder/bin/python" -m pip install --quiet --disable-pip-version-check \
	bidsphysio.base==21.6.24 bidsphysio.pmu2bids==21.6.24 numpy==2.4.6
cd "$folder"
"$folder/bin/python" -W ignore - <<'END'
import json
from pathlib import Path

import numpy as np
from bidsphysio.pmu2bids.pmu2bidsphysio import pmu2bids

RATE, START = 400, 37_800_000


def log(name, kind, values, start):
    head = f"1 8 20 2 5002 LOGVERSION_{kind} 3 6002 5002 uiHwRevisionPeru: 255 6002"
    lines = [f"{head} {' '.join(map(str, values))} 5003"]
    for clock in ("MDH", "MPCU"):
        lines += [f"LogStart{clock}Time:  {start}", f"LogStop{clock}Time:   {start + 1000 * len(values) // RATE}"]
    Path(name).write_text("\n".join([*lines, "6003", ""]))


def convert(late):
    time = np.arange(60 * RATE) / RATE
    log("belt.resp", "RESP", np.round(2000 + 800 * np.sin(2 * np.pi * time / 4)).astype(int), START)
    log("triggers.ext", "TRIGGER", (np.arange(60 * RATE) % (RATE // 4) == 0).astype(int), START + late)
    pmu2bids(["belt.resp", "triggers.ext"]).save_to_bids_with_trigger("sub-1")
    sidecar, table = json.loads(Path("sub-1_physio.json").read_text()), np.loadtxt("sub-1_physio.tsv.gz")
    triggers = int(table[:, sidecar["Columns"].index("trigger")].sum())
    print(f"triggers logged {late} ms later: StartTime {sidecar['StartTime']} s, {triggers} triggers in the belt's log")
    return sidecar["StartTime"], triggers


start, triggers = convert(0)
late_start, late_triggers = convert(2000)
assert triggers == 240
assert start == late_start == START, "StartTime is in seconds now"
assert late_triggers == 0, "triggers are found in the breathing now"
END
