#!/bin/sh
# napari-nifti 0.0.20 (with medvol 0.0.22) in napari 0.9.2: NIfTI images of one patient with a bright voxel at one
# place, 6 mm to the right, 10 mm to the front and 20 mm up: the whole, a cut of it, and a finer one of the middle.
#
# Expected: the layers lie on each other as in the patient. Scale and translation come from the headers, "so that
# voxel 0 maps to the anatomically 'high' end".
# Seen: voxel 0 of the array is the low end, "SAR+". It is laid at the high one, with a scale below zero: each image is
# mirrored about its own middle. Where all have one field of view, all is consistent, and looks as it should. Otherwise
# the same tissue lies elsewhere in each layer, 41 mm apart for the whole and the cut: further, the further the middles
# are apart. A mask on a cut of the image lies on other tissue. No word is said.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder"
"$folder/bin/python" -m pip install --quiet --disable-pip-version-check \
	napari-nifti==0.0.20 medvol==0.0.22 napari==0.9.2 nibabel==5.4.2 numpy==2.4.6
cd "$folder"
"$folder/bin/python" -W ignore - <<'END'
import nibabel
import numpy as np
from napari.layers import Image
from napari_nifti import napari_get_reader

PLACE = np.array([6.0, 10.0, 20.0])  # mm: right, front, up
IMAGES = {  # first voxel, mm; voxel, mm; voxels
    "whole": ((-40, -50, -60), 2, (40, 50, 60)),
    "other values": ((-40, -50, -60), 2, (40, 50, 60)),
    "cut": ((-20, -20, 0), 2, (20, 25, 20)),
    "finer": ((-10, -20, -10), 1, (40, 50, 60)),
}
found = {}
for name, (origin, size, shape) in IMAGES.items():
    values = np.zeros(shape, np.float32)
    values[tuple(np.round((PLACE - origin) / size).astype(int))] = 100
    affine = np.diag([size, size, size, 1.0])
    affine[:3, 3] = origin
    nibabel.save(nibabel.Nifti1Image(values, affine), f"{name}.nii.gz")
    ((data, settings, kind),) = napari_get_reader(f"{name}.nii.gz")(f"{name}.nii.gz")
    layer = Image(data, **settings)
    (voxel,) = np.argwhere(data == 100)
    low = origin[2] + size * voxel[0]
    assert kind == "image" and low == PLACE[2], "the array goes from the feet to the head"
    found[name] = np.array(layer.data_to_world(voxel))
    middle = np.array(layer.data_to_world((np.array(data.shape) - 1) / 2))
    assert np.allclose(middle, (origin + size * (np.array(shape) - 1) / 2)[::-1])
    assert np.allclose(found[name] - middle, middle - PLACE[::-1]), "images are not mirrored about their middles now"
    print(f"{name}: the voxel lies at {found[name].tolist()} mm (up, front, right), in the patient "
          f"{PLACE[::-1].tolist()}")
apart = {name: float(np.linalg.norm(place - found["whole"])) for name, place in found.items()}
print({name: f"{distance:.0f} mm from the same tissue of the whole" for name, distance in apart.items()})
assert apart["other values"] == 0 and apart["cut"] > 40 and apart["finer"] > 40, "layers of one patient fit now"
END
