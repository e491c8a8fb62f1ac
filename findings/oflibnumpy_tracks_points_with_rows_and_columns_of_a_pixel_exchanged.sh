#!/bin/sh
# oflibnumpy 1.1.1, Flow.track, landmarks between pixels moved by a flow whose motion downwards grows by 0.3 pixels a
# row.
#
# Expected: bilinear interpolation, which is exact on such a flow. The help calls it "less exact, but around 2 orders
# of magnitude faster" and recommends it "for normal point tracking applications"; the source speaks of errors "in the
# order of e-2". s_exact_mode=True is the slow way.
# Seen: the weights of the neighbour below and of the neighbour to the right are exchanged, so that the landmark is
# moved as if its place within the pixel were mirrored. Half a row down, it is 0.15 pixels short; half a column to the
# right, where nothing changes, 0.15 too far; up to 0.3, 1 mm on a cine of 3.5 mm pixels. On whole pixels all is
# right. In the last row, a landmark at 59.0 is not moved at all, while the same landmark as a whole number moves by
# 17.7. s_exact_mode=True is right. So landmark errors of a flow are in part those of the lookup, and grow with the
# strain.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder"
"$folder/bin/python" -m pip install --quiet --disable-pip-version-check \
	oflibnumpy==1.1.1 numpy==2.4.6 scipy==1.17.1 opencv-python==5.0.0.93
cd "$folder"
"$folder/bin/python" -W ignore - <<'END'
import numpy as np
import oflibnumpy

ROWS, COLUMNS, GROWTH = 60, 80, 0.3
flow = np.zeros((ROWS, COLUMNS, 2), dtype=np.float32)
flow[..., 1] = GROWTH * np.arange(ROWS)[:, None]
field = oflibnumpy.Flow(flow, "s")


def error(row, column, exact):
    return float(field.track(np.array([[row, column]]), s_exact_mode=exact)[0, 0] - (1 + GROWTH) * row)


fast = {}
for row, column in ((20.0, 30.0), (20.5, 30.0), (20.0, 30.5), (20.9, 30.0), (20.0, 30.9)):
    fast[row, column], exact = error(row, column, False), error(row, column, True)
    print(f"a landmark at row {row}, column {column}: off by {fast[row, column]:.3f} pixels, exact mode {exact:.3f}")
    assert abs(exact) < 1e-5
    mirrored = GROWTH * (column % 1 - row % 1)
    assert np.isclose(fast[row, column], mirrored, atol=1e-5), "landmarks are looked up in another way now"
edge = [float(field.track(np.array([[ROWS - 1, 30]], dtype=kind))[0, 0]) for kind in (float, int)]
print(f"a landmark at row {ROWS - 1} moves to {edge[0]:.1f} as a float and to {edge[1]:.1f} as an integer")
assert abs(fast[20.9, 30.0]) > 0.25 and edge[0] == ROWS - 1 and np.isclose(edge[1], 1.3 * (ROWS - 1)), "right now"
END
