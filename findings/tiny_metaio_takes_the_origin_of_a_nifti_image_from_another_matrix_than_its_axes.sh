#!/bin/sh
# tiny-metaio 0.4.0, read, on three NIfTI images of 2 x 2 x 3 mm whose first voxel lies at (-50, 30, 80) mm (RAS):
# the same matrix as sform and qform; an sform alone, as where qform_code is 0; and a qform of the scanner
# with an sform that a registration has turned by 20 degrees and moved.
#
# Expected: an image has one matrix: the sform where its code is not 0, as in nibabel. SimpleITK takes the qform where
# both differ, but place and axes are of one matrix there too.
# Seen: axes and spacing are those of the sform, the origin is that of the qform. With the sform alone the image begins
# at 0, which is 99 mm beside its place. With both, it has the axes of the one at the place of the other, 23.9 mm away.
# Nothing looks wrong where both are alike, as in files that nibabel has made of one matrix.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder"
"$folder/bin/python" -m pip install --quiet --disable-pip-version-check \
	tiny-metaio==0.4.0 nibabel==5.4.2 SimpleITK==2.5.7 numpy==2.4.6
cd "$folder"
"$folder/bin/python" -W ignore - <<'END'
import metaio
import nibabel
import numpy as np
import SimpleITK as sitk

scanner = np.diag([2.0, 2, 3, 1])
scanner[:3, 3] = -50, 30, 80
cosine, sine = np.cos(np.radians(20)), np.sin(np.radians(20))
turned = np.array([[cosine, -sine, 0, 12], [sine, cosine, 0, -4], [0, 0, 1, 5], [0, 0, 0, 1]]) @ scanner
TO_LPS = np.diag([-1.0, -1, 1])
found = {}
for name, sform, qform in (("alike", scanner, scanner), ("sform alone", scanner, None), ("both", turned, scanner)):
    image = nibabel.Nifti1Image(np.zeros((6, 5, 4), np.float32), None)
    image.header.set_zooms((2, 2, 3))
    image.set_sform(sform, "aligned" if name == "both" else "scanner")
    image.set_qform(qform, 0 if qform is None else "scanner")
    nibabel.save(image, f"{name}.nii")
    affine = nibabel.load(f"{name}.nii").affine
    assert np.allclose(affine, sform)
    other = sitk.ReadImage(f"{name}.nii")
    of_other = np.column_stack([np.reshape(other.GetDirection(), (3, 3)) * other.GetSpacing(), other.GetOrigin()])
    whole = scanner if name == "both" else affine
    assert np.allclose(of_other, TO_LPS @ whole[:3], atol=1e-4), "SimpleITK takes one matrix"
    mine = metaio.read(f"{name}.nii")
    axes = mine.direction.reshape(3, 3) * mine.spacing
    assert np.allclose(axes, TO_LPS @ affine[:3, :3], atol=1e-5), "the axes are right"
    found[name] = float(np.linalg.norm(mine.origin - TO_LPS @ affine[:3, 3]))
    print(f"{name}: first voxel at {mine.origin.round(1)} mm, nibabel {(TO_LPS @ affine[:3, 3]).round(1)}, "
          f"SimpleITK {np.round(other.GetOrigin(), 1)} (LPS); {found[name]:.1f} mm apart from nibabel")
assert found["alike"] < 1e-4
assert abs(found["sform alone"] - np.linalg.norm([50, 30, 80])) < 1e-3, "the place is that of the sform now"
assert abs(found["both"] - 23.9) < 0.1, "the place is that of the sform now"
END
