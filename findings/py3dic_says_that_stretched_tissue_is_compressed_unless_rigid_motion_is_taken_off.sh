#!/bin/sh
# py3dic 0.5.0 (digital image correlation), DICGrid.process_grid_data(): 81 markers of which the second image has those
# of the first moved by known displacements: a stretch along x of 5 % at one end and 11 % at the other, and a shortening
# along y of 2 %; no rotation.
#
# Expected: displacements are current minus reference ("current_points: reference_points + displacement"), strains those
# of the markers, to 0.001, at the place of the marker in the grid; with remove_rigid_transform=True the same strains.
# Seen: with the default (False) the points are handed over in the other order: markers that went 13.1 mm to the right
# are said to have gone 13.1 mm to the left, and the stretch of 11 % is a compression of 10 %. With True all is right,
# so that an option that should change no strain turns its sign round. Strains of the type "log" come back with x and y
# of the grid exchanged: on a square grid the stretch seems to grow along y, and the file of results lays it beside
# displacements that are not exchanged.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder"
"$folder/bin/python" -m pip install --quiet --disable-pip-version-check numpy==2.4.6 scipy==1.17.1 pandas==2.3.3 \
	matplotlib==3.11.2 seaborn==0.13.2 tqdm==4.70.1 opencv-python-headless==4.13.0.92
"$folder/bin/python" -m pip install --quiet --disable-pip-version-check --no-deps py3dic==0.5.0
cd "$folder"
MPLBACKEND=agg "$folder/bin/python" -W ignore - <<'END'
import numpy as np
from py3dic.dic.core.dic_grid import DICGrid
from py3dic.dic.core.grid_size import GridSize

size = GridSize(xmin=0, xmax=160, xnum=9, win_size_x=20, ymin=0, ymax=160, ynum=9, win_size_y=20)
size.prepare_gridXY()
x, y = size.grid_x, size.grid_y  # axis 0 is x
markers = np.column_stack([x.ravel(), y.ravel()])
moved = np.column_stack([(0.05 * x + 0.0002 * x**2).ravel(), (-0.02 * y).ravel()])
slope = 0.05 + 0.0004 * x
true = {
    "cauchy-eng": slope, "green_lagrange": slope + slope**2 / 2, "2nd_order": slope + slope**2 / 2,
    "log": np.log(1 + slope),
}  # fmt: skip
inner = slice(1, -1)


def strains(kind, rigid):
    grid = DICGrid.from_gridsize(size)
    grid.process_grid_data("one.png", "two.png", markers, markers + moved, "linear", kind, remove_rigid_transform=rigid)
    return grid.disp_x[-1, -1], grid.strain_xx[inner, inner], grid.strain_yy[inner, inner]


for kind, right in true.items():
    far, along_x, along_y = strains(kind, False)
    _, with_rigid, _ = strains(kind, True)
    print(f"{kind}: the last marker moved by {far:.1f} mm (right: {moved[-1, 0]:.1f}), strain along x "
          f"{along_x.min():.3f} to {along_x.max():.3f} (right: {right[inner].min():.3f} to {right[inner].max():.3f}), "
          f"along y {along_y.mean():.3f}; rigid motion taken off {with_rigid.min():.3f} to {with_rigid.max():.3f}")
    placed = with_rigid.T if kind == "log" else with_rigid
    assert np.abs(placed - right[inner, inner]).max() < 0.001
    assert np.abs(far + moved[-1, 0]) < 1e-6 and along_x.max() < -0.04 and along_y.min() > 0.01, "the sign is right now"
assert np.abs(strains("log", True)[1] - true["log"][inner, inner]).max() > 0.03, "log strains lie in place now"
END
