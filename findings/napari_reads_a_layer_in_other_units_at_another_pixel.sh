#!/usr/bin/env bash
# napari 0.9.2 with two layers of one picture, one in mm, the other in cm: the same place and size.
# Guessed: units are converted everywhere, so both layers give the same grey value at a place of the viewer.
# Seen: the viewer's extent and the sliced axis (s and ms) are converted, the value under the pointer is not: the layer in
# cm gives nothing at (20, 20) mm, and at (2, 2) mm the value that lies at (20, 20) mm.
# Exits 0 while this is so, 1 when it has changed.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet napari==0.9.2 npe2==0.10.0 numpy==2.4.6
cd "$folder"
NAPARI_CONFIG="$folder/settings.yaml" "$folder/venv/bin/python" - <<'PYTHON'
import sys

import numpy as np
from napari.components import ViewerModel

picture = np.arange(600.0).reshape(20, 30)
viewer = ViewerModel()
in_mm = viewer.add_image(picture, scale=(2, 2), units=("mm", "mm"))
in_cm = viewer.add_image(picture, scale=(0.2, 0.2), units=("cm", "cm"))
extent = viewer.layers.extent.world[1].round(6).tolist()
units = {str(unit) for unit in viewer.layers.extent.units}
values = {}
for place in ((20, 20), (2, 2)):  # of the viewer, in mm
    viewer.cursor.position = place
    for name, layer in (("mm", in_mm), ("cm", in_cm)):
        values[name, place[0]] = layer.get_status(viewer.cursor.position, world=True)["value"]

series = np.broadcast_to(np.arange(10.0)[:, None, None], (10, 20, 30)).copy()
viewer = ViewerModel()
in_s = viewer.add_image(series, scale=(0.5, 1, 1), units=("s", "mm", "mm"))
in_ms = viewer.add_image(series, scale=(500, 1, 1), units=("ms", "mm", "mm"))
viewer.dims.set_current_step(0, 3)
sliced = [layer.get_value(viewer.dims.point, world=True) for layer in (in_s, in_ms)]

print(f"extent of both: {extent} {units}\nvalues by layer and place in mm: {values}\nsliced at 1500 ms: {sliced}")
same = (
    extent == [38, 58]
    and units == {"millimeter"}
    and values == {("mm", 20): "310", ("cm", 20): "", ("mm", 2): "31", ("cm", 2): "310"}
    and sliced == [3, 3]
)
print("as found" if same else "changed")
sys.exit(0 if same else 1)
PYTHON
