#!/bin/sh
# plastimatch 1.10.0, warp of a point set, given points as 3D Slicer writes them: .fcsv, with the line
# "# CoordinateSystem = LPS" (what Slicer 5 writes) or "= RAS" (what earlier ones wrote).
#
# Expected: the same point of the patient, said in LPS and in RAS, is moved to the same place. The image is DICOM's
# (LPS), the field moves everything by (4, -2, 1) mm in LPS.
# Seen: the line is not read. Every file is taken as RAS, so the point in LPS is first mirrored, left to right and front
# to back, then moved where the field has other vectors, or none. No message says so, and the numbers that come out are
# near those that went in: they are RAS again, so that the mirroring is undone and only the motion is wrong.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder"
"$folder/bin/python" -m pip install --quiet --disable-pip-version-check \
	plastimatch==1.10.0 SimpleITK==2.5.7 numpy==2.4.6
cd "$folder"
"$folder/bin/python" - <<'END'
import subprocess
from pathlib import Path

import numpy as np
import SimpleITK as sitk

POINT, MOTION = np.array([10.0, 6.0, 29.0]), np.array([4.0, -2.0, 1.0])  # mm, LPS
COLUMNS = "id,x,y,z,ow,ox,oy,oz,vis,sel,lock,label,desc,associatedNodeID"
HEAD = "# Markups fiducial file version = 4.11\n# CoordinateSystem = {}\n# columns = " + COLUMNS + "\n"
z, y, x = np.meshgrid(5 + 4.0 * np.arange(12), -40 + 2.0 * np.arange(41), -40 + 2.0 * np.arange(41), indexing="ij")
left = 1 / (1 + np.exp(-x))  # the field moves the patient's left half (x > 0), and the right half not
field = sitk.GetImageFromArray(left[..., None] * MOTION, isVector=True)
field.SetSpacing((2.0, 2.0, 4.0))
field.SetOrigin((-40.0, -40.0, 5.0))
sitk.WriteImage(field, "field.mha")


def moved(system):
    to_system = np.array([-1, -1, 1]) if system == "RAS" else 1
    numbers = ",".join(map(str, POINT * to_system))
    Path("points.fcsv").write_text(HEAD.format(system) + f"1,{numbers},0,0,0,1,1,1,0,F-1,,\n")
    options = ["--input", "points.fcsv", "--xf", "field.mha", "--output-pointset", "moved.fcsv"]
    subprocess.run(["bin/plastimatch", "warp", *options], check=True, capture_output=True)
    lines = Path("moved.fcsv").read_text().splitlines()
    assert not any("CoordinateSystem" in line for line in lines), "the file it writes says its system now"
    return np.array(lines[-1].split(",")[1:4], dtype=float)


ras, lps = moved("RAS"), moved("LPS")
print(f"the field: {MOTION} mm (LPS); the point given in RAS is moved by {ras - POINT * [-1, -1, 1]} mm (RAS)")
print(f"the point given in LPS is moved by {np.round(lps - POINT, 3)} mm")
assert np.allclose(ras * [-1, -1, 1], POINT + MOTION, atol=0.01)
assert np.linalg.norm(lps - POINT) < 0.01, "the point given in LPS is not left where it is now"
END
