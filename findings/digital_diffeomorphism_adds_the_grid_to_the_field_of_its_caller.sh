#!/bin/sh
# digital-diffeomorphism 1.1.1, ndv and nda (is_disp=True): the folded volume of a field of displacements.
#
# Expected: the field that is measured stays as it is, so that a second call (another mask, ndv after nda by slice, the
# warp that comes next) sees the same field and the same call gives the same number.
# Seen: where the field is an array of floats, the grid of voxel indices is added to the array of the caller itself. The
# field is then one of places, and moves by up to 49 voxels too much whatever is done with it next. A second call of ndv
# adds the grid again, which stretches the field twofold: of 5.2 % of folded volume 0.3 % are left, and of 11.6 % folded
# voxels 0.2 %. A folded organ that is looked at second is nearly free of folds, and no word is said.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder"
"$folder/bin/python" -m pip install --quiet --disable-pip-version-check torch==2.13.0
"$folder/bin/python" -m pip install --quiet --disable-pip-version-check digital-diffeomorphism==1.1.1 numpy==1.26.4 \
	nibabel==4.0.2 scipy==1.15.3
cd "$folder"
"$folder/bin/python" -W ignore - <<'END'
import numpy as np
from digital_diffeomorphism import nda, ndv
from scipy.ndimage import gaussian_filter

random = np.random.default_rng(0)


def smooth(shape):
    noise = random.normal(size=(len(shape), *shape))
    return np.stack([25 * gaussian_filter(part, 2) / 1.25 ** (3 - len(shape)) for part in noise], axis=-1)


def folded_voxels(field):
    """Share of voxels whose Jacobian by central differences is not positive, in %."""
    rank = field.shape[-1]
    jacobian = np.stack([np.stack(np.gradient(field[..., k]), axis=-1) for k in range(rank)], axis=-2) + np.eye(rank)
    return 100 * np.mean(np.linalg.det(jacobian) <= 0)


for measure, shape in ((ndv, (40, 50, 30)), (nda, (60, 50))):
    field = smooth(shape).astype("f4")
    kept = field.copy()
    first, again = (measure(field, is_disp=True)[1::3] for _ in range(2))
    grid = np.moveaxis(np.indices(shape), 0, -1)
    print(
        f"{measure.__name__}: folded {first[0]:.1f} % (voxels {first[1]:.1f} %, by central differences "
        f"{folded_voxels(kept):.1f} %); called again {again[0]:.1f} % ({again[1]:.1f} %)"
    )
    assert np.allclose(measure(kept.copy(), is_disp=True)[1::3], first), "a fresh copy gives another number"
    assert np.allclose(field, kept + 2 * grid, atol=1e-3), "the field of the caller is left alone now"
    assert again[0] < first[0] / 5, "the second call gives the same now"
END
