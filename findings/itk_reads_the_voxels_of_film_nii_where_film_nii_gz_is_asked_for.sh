#!/bin/sh
# ITK 5.4.7, SimpleITK 2.5.7 and antspyx 0.6.3 read film.nii.gz in a folder that also holds film.nii: another image of
# the same name, such as a first version that was not compressed.
#
# Expected: each file is read as it is; nibabel does so. One would look for a fault in the pipeline, not in the reader.
# Seen: the header is taken from film.nii.gz, and the voxels from film.nii, whichever was written first or last. Sizes,
# spacing, origin and type are those of the one image and the numbers those of the other. Here the newer film is lower
# by 6 mm, and the place of its target is said to be that of the older one. Where film.nii has other voxels its bytes
# are taken as they come, and where it is shorter the rest is 0. Once film.nii has gone, film.nii.gz is read right. No
# word is said.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder"
"$folder/bin/python" -m pip install --quiet --disable-pip-version-check \
	itk==5.4.7 SimpleITK==2.5.7 antspyx==0.6.3 nibabel==5.4.2 numpy==2.3.5
cd "$folder"
"$folder/bin/python" -W ignore - <<'END'
from pathlib import Path

import ants
import itk
import nibabel
import numpy as np
import SimpleITK

SPACING = (1.5, 1.5, 3.0)  # mm


def film(row, voxels=np.float32):
    i, j, k = np.indices((32, 40, 12))
    return (100 * np.exp(-((i - 16) ** 2 + (j - row) ** 2 + (k - 6) ** 2) / 18)).astype(voxels)


def write(values, name):
    nibabel.Nifti1Image(values, np.diag([*SPACING, 1.0])).to_filename(name)


READERS = {
    "nibabel": lambda name: np.asarray(nibabel.load(name).dataobj),
    "SimpleITK": lambda name: SimpleITK.GetArrayFromImage(SimpleITK.ReadImage(name)).T,
    "ITK": lambda name: itk.array_from_image(itk.imread(name)).T,
    "antspyx": lambda name: ants.image_read(name).numpy(),
}


def rows(name):
    images = {tool: read(name) for tool, read in READERS.items()}
    found = {tool: float((np.indices(image.shape)[1] * image).sum() / image.sum()) for tool, image in images.items()}
    print(f"{name}: target in row " + ", ".join(f"{row:.1f} ({tool})" for tool, row in found.items()))
    return found


older, newer = film(18), film(22)
for first, second in (("film.nii", "film.nii.gz"), ("film.nii.gz", "film.nii")):
    for name in (first, second):
        write(newer if name.endswith("gz") else older, name)
    assert all(np.isclose(row, 18, atol=0.1) for row in rows("film.nii").values())
    found = rows("film.nii.gz")
    assert np.isclose(found.pop("nibabel"), 22, atol=0.1)
    assert all(np.isclose(row, 18, atol=0.1) for row in found.values()), "film.nii.gz is read from film.nii.gz now"
Path("film.nii").unlink()
assert all(np.isclose(row, 22, atol=0.1) for row in rows("film.nii.gz").values())
END
