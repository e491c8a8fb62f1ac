#!/bin/sh
# pydvh 1.0.10, DVHData.get_dose_at_volume(2, "cm3") of a structure of 60 cm³ in a cumulative DVH that Eclipse exported
# with volumes in %.
#
# Expected: D2cm3, the usual constraint on bowel, bladder or cord: the least dose of the hottest 2 cm³. They are 3.3 %
# of the structure, and get_dose_at_volume(3.33, "%") gives 26.2 Gy, as do the voxels, and as does pydvh itself after
# to_absolute_volume_values().
# Seen: 52.1 Gy, more than the maximum. The package multiplies the share by 0.01 where it should multiply by 100, so
# that it asks for the dose of the hottest 0.0003 %. Whatever is asked for in cm³, from 0.1 to 20, the answer is the
# maximum, a dose that looks possible, and a plan that keeps all its limits seems to break them. From cm³ to mm³ and
# back the factor is the wrong way round too.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder"
"$folder/bin/python" -m pip install --quiet --disable-pip-version-check pydvh==1.0.10 numpy==2.4.6
cd "$folder"
"$folder/bin/python" -W ignore - <<'END'
from pathlib import Path

import numpy as np
from pydvh import DVHFile

VOXELS = 60_000  # of 1 mm³
doses = np.sort(np.clip(np.random.default_rng(0).gamma(2.0, 5.0, VOXELS), 0, 52))[::-1]  # Gy, the highest first
steps = np.arange(0, 53.001, 0.1)
shares = 100 * np.array([(doses >= dose).mean() for dose in steps])
head = [
    "Patient Name         : Phantom", "Patient ID           : 1",
    "Type                 : Cumulative Dose Volume Histogram", "", "Plan: P1", "Course: C1", "",
    "Structure: Bowel", "Plan: P1", "Course: C1", "Volume [cm³]: 60.0", "Dose Cover.[%]: 100.0",
    "Sampling Cover.[%]: 100.0", f"Min Dose [Gy]: {doses[-1]:.3f}", f"Max Dose [Gy]: {doses[0]:.3f}",
    f"Mean Dose [Gy]: {doses.mean():.3f}", "", "Dose [Gy]   Relative dose [%] Ratio of Total Structure Volume [%]",
]  # fmt: skip
rows = [f"{dose:10.3f} {dose / 0.6:12.4f} {share:16.6f}" for dose, share in zip(steps, shares)]
Path("dvh.txt").write_text("\n".join([*head, *rows, "", ""]), encoding="utf-8")

dvh = DVHFile.from_file_eclipse("dvh.txt").get_dvh_by_name("Bowel")
assert (dvh.volume_unit, dvh.total_volume) == ("%", 60.0)
absolute = dvh.to_absolute_volume_values()
for volume in (0.1, 1, 2, 5, 20):  # cm³
    found, share = dvh.get_dose_at_volume(volume, "cm3"), dvh.get_dose_at_volume(100 * volume / 60, "%")
    own, voxels = absolute.get_dose_at_volume(volume, "cm3"), doses[round(1000 * volume) - 1]
    print(f"D{volume}cm3: {found:.1f} Gy; of the same volume in % {share:.1f}, with absolute volumes {own:.1f}, "
          f"of the voxels {voxels:.1f} Gy")
    assert abs(share - voxels) < 0.1 and abs(own - voxels) < 0.1
    assert found >= doses[0], "volumes in cm³ are turned into % now"
END
