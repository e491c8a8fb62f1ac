#!/bin/sh
# rtat 0.1.4 (analysis of proton therapy), dvhs.calculate_dosimetric_indices: mean, Dx and Vx of a structure from its
# dose-volume histogram, as calculate_dvh of the same module makes it.
#
# Expected: a structure that gets 60 Gy everywhere has a mean and a D95 of 60 Gy and a V30 of 100 %, to a bin of 0.1 Gy.
# One of which 10 columns get 2 Gy and 11 columns 60 Gy has a mean of 32.4 Gy and a V30 of 52 %.
# Seen: a mean of 30.05 Gy, a D95 of 3.0 Gy, a V30 of 50 % and a V57 of 5 %. The second has a mean of 16.8 Gy and a V30
# of 9 %. Only the bins are kept at which the volume falls. Across the gap between two of them the volume is taken to
# fall gradually, and the dose to lie in its middle. The histogram is right: its own steps give 60 and 32.4 Gy. Doses
# that fill all bins of their range, as in a target with noise, come out right.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder"
# PyMySQL, pyxnat and xnat are imported by the module, but not named by the package.
"$folder/bin/python" -m pip install --quiet --disable-pip-version-check rtat==0.1.4 numpy==2.4.6 scipy==1.17.1 \
	pandas==3.1.1 scikit-image==0.26.0 pydicom==3.0.2 PyMySQL==1.2.4 pyxnat==1.6.4 xnat==0.8.1 matplotlib==3.11.2 \
	tqdm==4.70.1
cd "$folder"
"$folder/bin/python" -W ignore - 2>messages <<'END' || { cat messages; exit 1; }
import numpy as np
import pandas as pd
from rtat.dvhs import calculate_dosimetric_indices, calculate_dvh

SHAPE = (100, 60, 80)  # slices, rows, columns
spacing, origin = np.array([2.5, 2.5, 3.0]), np.zeros(3)  # mm
corners = np.array([[30, 20], [50, 20], [50, 40], [30, 40]]) * 2.5  # mm, columns first
box = [np.column_stack([corners, np.full(4, index * 3.0)]) for index in range(10, 20)]
column = np.arange(SHAPE[2])
found = {}
for name, dose in {
    "60 Gy": np.full(SHAPE, 60.0),
    "2 and 60 Gy": np.broadcast_to(np.where(column <= 39.5, 2.0, 60.0), SHAPE),
    "60 Gy with noise": np.random.default_rng(0).normal(60, 0.5, SHAPE),
}.items():
    histogram = calculate_dvh({"target": box}, dose, origin, spacing)["target"]
    pd.DataFrame(histogram).to_csv("target.csv", index=False)
    indices, warnings = calculate_dosimetric_indices(["target"], ["mean", "D95", "V30", "V57"], ".")
    inside = dose[10:20, 20:41, 30:51]
    steps = (-np.diff(np.append(histogram["volume"], 0.0)) / 100 * histogram["dose"]).sum()
    found[name] = {index: float(value) for index, value in indices["target"].items()}
    true = {"mean": inside.mean(), "D95": np.percentile(inside, 5), "V30": 100 * (inside >= 30).mean(),
            "V57": 100 * (inside >= 57).mean()}
    print(f"{name}: " + "; ".join(f"{index} {found[name][index]:.1f}, truth {true[index]:.1f}" for index in true)
          + f"; mean of the steps of the histogram {steps:.1f}")
    assert not warnings and abs(steps - true["mean"]) < 0.2
even = found["60 Gy"]
assert abs(even["mean"] - 30.05) < 0.01 and abs(even["D95"] - 3.0) < 0.02, "60 Gy are 60 Gy now"
assert abs(even["V30"] - 50.1) < 0.1 and abs(even["V57"] - 5.2) < 0.1, "all of the target gets 57 Gy now"
parted = found["2 and 60 Gy"]
assert abs(parted["mean"] - 16.8) < 0.1 and abs(parted["V30"] - 9.4) < 0.1, "gaps of a histogram hold no volume now"
assert abs(found["60 Gy with noise"]["mean"] - 60) < 0.1 and abs(found["60 Gy with noise"]["D95"] - 59.2) < 0.1
END
