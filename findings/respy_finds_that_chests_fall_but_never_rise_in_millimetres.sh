#!/bin/sh
# respy 0.1.1 (analysis of respiration belts), act.activityCount(): the breathing of six people, 5 mm up and down, every
# 4 s; in how many frames of 2 s did the chest rise ('Inc'), fall ('Dec') or change by 4 mm, lie above 4 or below -4 mm
# ('UBound', 'LBound').
#
# Expected: "Thresh - a minimum value (scalar) for events measured in frames", in the unit of the signal: the same
# events in mm, cm and micrometres, and as many rises as falls in a breath that comes back to where it was.
# Seen: what reaches the threshold is set to 1, and then all that is below the threshold to 0, the ones included. With a
# threshold above 1 nothing ever rises, changes or lies above it: 0 % in mm, where it is 33, 67 and 75 % in cm. Falls
# are set in the other order and are right in each unit: chests fall in 33 % of the frames and never rise. The functions
# for coordination in the same file count on from there.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder"
"$folder/bin/python" -m pip install --quiet --disable-pip-version-check numpy==2.4.6 scipy==1.17.1 pandas==2.3.3
"$folder/bin/python" -m pip install --quiet --disable-pip-version-check --no-deps respy==0.1.1
cd "$folder"
"$folder/bin/python" -W ignore - <<'END'
import numpy as np
import pandas as pd
from respy import act

RATE, FRAME = 25, 2  # Hz, s
seconds = np.arange(120 * RATE) / RATE
people = {f"person {k}": 5 * np.sin(2 * np.pi * seconds / 4 + k) for k in range(6)}
chests = pd.DataFrame(people, index=seconds)  # mm

# independently, in mm: what happened within each frame
starts = np.arange(0, len(seconds) - FRAME * RATE, FRAME * RATE)
places = chests.to_numpy()
moved = places[starts + FRAME * RATE] - places[starts]
windows = np.stack([places[start : start + FRAME * RATE] for start in starts])
true = {
    ("Inc", 4): (moved >= 4).mean(), ("Dec", 4): (moved <= -4).mean(), ("Change", 4): (np.abs(moved) >= 4).mean(),
    ("UBound", 4): (windows > 4).any(axis=1).mean(), ("LBound", -4): (windows < -4).any(axis=1).mean(),
}  # fmt: skip

found = {}
for (kind, threshold), share in true.items():
    for unit, size in {"cm": 0.1, "mm": 1.0, "um": 1000.0}.items():
        events = act.activityCount(chests * size, FRAME, FRAME, threshold * size, kind)
        found[kind, unit] = float(events["Total"].mean())
    seen = ", ".join(f"in {unit} {found[kind, unit]:.0%}" for unit in ("cm", "mm", "um"))
    print(f"{kind} {threshold} mm: true {share:.0%}; {seen}")
    assert abs(found[kind, "cm"] - share) < 0.1
assert all(abs(found["Dec", unit] - found["Dec", "cm"]) < 0.01 for unit in ("mm", "um"))
for kind in ("Inc", "Change", "UBound"):
    assert found[kind, "mm"] == found[kind, "um"] == 0, "thresholds above 1 are found now"
END
