#!/bin/sh
# SimpleITK 2.5.5 and 2.5.6, ReadImage of NRRD whose space is left-anterior-superior (LAS), one of those that the format
# names.
#
# Expected: places come in the LPS of ITK. From LAS, the second coordinate changes its sign, the others stay; so
# a voxel at (10, 20, 30) mm is at (10, -20, 30) mm.
# Seen: right in 2.5.6. In 2.5.5, and in 2.4 as well, the first coordinate changes its sign and the second stays, so
# that all is turned by half a turn about the long axis of the body: (-10, 20, 30) mm. RAS and LPS are right in both. No
# word is said. A label map in LAS lies mirrored twice beside its recording, and one that is read by an old version and
# written again in LPS keeps that place in every program.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
cat >read.py <<'END'
import numpy as np
import SimpleITK

RIGHT = {
    "left-posterior-superior": (10, 20, 30),
    "right-anterior-superior": (-10, -20, 30),
    "left-anterior-superior": (10, -20, 30),
    "LAS": (10, -20, 30),
}
HALF_A_TURN = (-10, 20, 30)
version = SimpleITK.Version.VersionString()
for space, right in RIGHT.items():
    lines = [
        "NRRD0004", "type: unsigned char", "dimension: 3", f"space: {space}", "sizes: 4 5 6",
        "space directions: (2,0,0) (0,3,0) (0,0,5)", "kinds: domain domain domain", "encoding: raw",
        "space origin: (10,20,30)",
    ]
    with open("image.nrrd", "wb") as file:
        file.write("\n".join([*lines, "", ""]).encode() + np.arange(120, dtype=np.uint8).tobytes())
    image = SimpleITK.ReadImage("image.nrrd")
    found = tuple(round(each) for each in image.GetOrigin())
    signs = tuple(round(image.GetDirection()[4 * axis]) for axis in range(3))
    print(f"SimpleITK {version}, {space}: first voxel at {found} mm (LPS), axes {signs}")
    turned = "LAS" in (space, "".join(word[0] for word in space.split("-")).upper()) and version == "2.5.5"
    assert found == (HALF_A_TURN if turned else right), "LAS is read in another way now"
    assert signs == tuple(each // abs(each) for each in found)
END
for version in 2.5.5 2.5.6; do
	python3 -m venv "$folder/$version"
	"$folder/$version/bin/python" -m pip install --quiet --disable-pip-version-check "SimpleITK==$version" numpy==2.4.6
	"$folder/$version/bin/python" read.py
done
