#!/bin/sh
# rtat 0.1.4 (analysis of proton therapy), dvhs.calculate_dvh: the dose-volume histogram of structures, from their
# contours and a dose grid of slices, rows and columns, as load_info_grid of the package hands it over.
#
# Expected: which row of the grid a structure lies in changes nothing. In a dose of 0.5 Gy a row, a disk about row 36
# gets 18 Gy on average.
# Seen: contours are filled in an image of (slices, rows), where (rows, columns) are meant. Polygon of scikit-image is
# given the first two numbers of the shape of the grid. In 40 slices of 120 rows nothing below row 39 is filled. The
# disk about row 36 loses a quarter, and its mean is 17.1 Gy. Of one about row 40 half is gone: 18.1 Gy in place of
# 20. No word is said. A structure below row 39 as a whole has volumes of nan. A grid of more slices than rows and
# columns is right.
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
from rtat.dvhs import calculate_dvh

ROWS, COLUMNS, RADIUS = 120, 100, 20.0  # mm
spacing, origin = np.array([2.5, 2.5, 3.0]), np.array([-125.0, -150.0, -60.0])  # mm, columns first
turns = np.linspace(0, 2 * np.pi, 120, endpoint=False)


def disk(row):
    """Contours of ten slices about the given row and column 50, in mm."""
    return [
        np.column_stack([
            50 * spacing[0] + origin[0] + RADIUS * np.cos(turns), row * spacing[1] + origin[1] + RADIUS * np.sin(turns),
            np.full_like(turns, index * spacing[2] + origin[2]),
        ])
        for index in range(10, 20)
    ]


def mean_dose(slices, row):
    dose = np.broadcast_to(0.5 * np.arange(ROWS)[:, None], (slices, ROWS, COLUMNS))  # Gy
    histogram = calculate_dvh({"disk": disk(row)}, dose, origin, spacing)["disk"]
    part = -np.diff(np.append(histogram["volume"], 0.0)) / 100
    return (part * histogram["dose"]).sum()


found = {}
for slices in (40, 130):
    for row in (20, 36, 40, 60):
        found[slices, row] = mean_dose(slices, row)
        print(f"{slices} slices, disk about row {row}: {found[slices, row]:.2f} Gy, truth {0.5 * row:.2f} Gy")
for row in (20, 36, 40, 60):
    assert abs(found[130, row] - 0.5 * row) < 0.05
assert abs(found[40, 20] - 10) < 0.05
assert abs(found[40, 36] - 17.1) < 0.05 and abs(found[40, 40] - 18.1) < 0.05, "structures are not cut off now"
assert np.isnan(found[40, 60]), "structures below the row of the number of slices are found now"
END
