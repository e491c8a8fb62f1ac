#!/bin/sh
# SimpleITK 2.5.7 and nibabel 5.4.2, displacement fields in NIfTI with the intent "displacement vector" (1006).
#
# Expected: ITK has left and posterior as positive, NIfTI right and anterior. So a field that is (2, 1) mm everywhere is
# read as (-2, -1) everywhere, in three dimensions and in two.
# Seen: right with three components. With two, the field of a plane, the reader still goes in steps of three numbers and
# turns the first two of each: one vector in three is (-2, -1), one (2, -1), one (-2, 1). No word is said. With the
# intent "vector" (1007) all are left as they are. ITK's sources since July 2026 leave all fields of two components as
# they are, so that a later release may read such a field as its opposite.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder"
"$folder/bin/python" -m pip install --quiet --disable-pip-version-check SimpleITK==2.5.7 nibabel==5.4.2 numpy==2.4.6
cd "$folder"
"$folder/bin/python" - <<'END'
from collections import Counter

import nibabel
import numpy as np
import SimpleITK

found = {}
for components, intent in ((3, 1006), (2, 1006), (2, 1007)):
    vector = np.array([2, 1, 0][:components], dtype=np.float32)
    field = nibabel.Nifti1Image(np.tile(vector, (12, 10, 1, 1, 1)), np.diag([2.0, 2.0, 5.0, 1.0]))
    field.header.set_intent(intent)
    nibabel.save(field, "field.nii")
    read = SimpleITK.GetArrayFromImage(SimpleITK.ReadImage("field.nii")).reshape(-1, components)
    found[components, intent] = Counter(map(tuple, read[:, :2].astype(int).tolist()))
    print(f"{components} components, intent {intent}: {dict(found[components, intent])}")
assert found[3, 1006] == {(-2, -1): 120}
assert found[2, 1007] == {(2, 1): 120}
assert found[2, 1006] == {(-2, -1): 40, (2, -1): 40, (-2, 1): 40}, "fields of two components are read otherwise now"
END
