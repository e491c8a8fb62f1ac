#!/bin/sh
# nibabel 5.4.2, the slicer of an image, on a cine of 0.25 s a frame that begins at 10 s.
#
# Expected: slicer keeps the header right in time as it does in space, where each second column doubles the pixel width
# and columns cut off move the origin. So slicer[..., ::2] has 0.5 s a frame, and slicer[..., 4:] begins at 11 s.
# Seen: the time axis keeps 0.25 s and the beginning of 10 s, whatever is taken. A cine thinned to each second frame is
# written as one that runs twice as fast: breathing twice as quick, and a forecast for 0.5 s that is one for 1 s.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder"
"$folder/bin/python" -m pip install --quiet --disable-pip-version-check nibabel==5.4.2 numpy==2.4.6
cd "$folder"
"$folder/bin/python" - <<'END'
import nibabel
import numpy as np

cine = nibabel.Nifti1Image(np.zeros((12, 10, 1, 40), dtype=np.int16), np.diag([2.0, 2.0, 4.0, 1.0]))
cine.header.set_zooms((2.0, 2.0, 4.0, 0.25))
cine.header.set_xyzt_units("mm", "sec")
cine.header["toffset"] = 10.0
found = {}
for name, part in (("::2", np.s_[4::2, :, :, ::2]), ("4:", np.s_[:, :, :, 4:])):
    nibabel.save(cine.slicer[part], "part.nii")
    read = nibabel.load("part.nii")
    found[name] = read.shape[3], float(read.header.get_zooms()[3]), float(read.header["toffset"])
    print(f"[..., {name}]: frames, s a frame, first time in s: {found[name]}")
    if name == "::2":
        columns = float(read.header.get_zooms()[0]), float(read.affine[0, 3])
        print(f"[4::2, ...]: width of a column in mm, place of the first: {columns}")
        assert columns == (4, 8)
assert found == {"::2": (20, 0.25, 10.0), "4:": (36, 0.25, 10.0)}, "the time axis is kept right now"
END
