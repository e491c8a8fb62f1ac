#!/bin/sh
# medrs 0.2.0, TransformPipeline as its README has it (lazy=True, the default), with resample_to_spacing and
# resample_to_shape, for an image with voxels of 1.5 x 2 x 3 mm whose value is its place (100 + x + 2 y - 3 z).
#
# Expected: the image that apply returns has the spacing asked for, and an affine by which each voxel lies where it was
# looked up. So it is with NiftiImage.resample, and with lazy=False. Lazy evaluation is said to only fuse steps.
# Seen: the voxels are resampled rightly, but spacing and affine stay those of before. Resampled to 1 mm, the image is
# still said to have 1.5 x 2 x 3 mm: it is 1.5 to 3 times as long as the patient, volumes of masks are 9 times as large,
# and a NIfTI file saved from it says so too. Voxels lie up to 75 mm away from where they were looked up.
# In the same pipeline, clamp before z_normalize comes after it: of clamp(50, 120) and z_normalize, all voxels get 50.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder"
"$folder/bin/python" -m pip install --quiet --disable-pip-version-check medrs==0.2.0 numpy==2.4.6 nibabel==5.4.2
cd "$folder"
"$folder/bin/python" -W ignore - <<'END'
import medrs
import nibabel
import numpy as np

SLOPES = np.array([1.0, 2.0, -3.0])


def places(shape, affine):
    return np.moveaxis(np.indices(shape), 0, -1) @ affine[:3, :3].T + affine[:3, 3]


affine = np.diag([1.5, 2.0, 3.0, 1.0])
affine[:3, 3] = 10, -20, 30
shape = (20, 16, 12)
image = medrs.NiftiImage((100 + places(shape, affine) @ SLOPES).astype("f4"), affine.tolist())


def told(result):
    """Largest way in mm along z between where the file says that a voxel lies and where its value is from."""
    result.save("./result.nii")
    saved = nibabel.load("result.nii")
    inner = (slice(2, -2),) * 3  # beyond the outermost centres, values are repeated
    there = places(saved.shape, saved.affine)[inner]
    # the values tell one number for each voxel; along its own row, x and y are those of the exact grid
    exact = places(saved.shape, grid(saved.shape))[inner]
    assert np.abs(saved.get_fdata()[inner] - (100 + exact @ SLOPES)).max() < 1e-3, "the voxels are others now"
    return np.linalg.norm(there - exact, axis=-1).max(), np.round(np.array(saved.header.get_zooms(), float), 2)


def grid(new):
    """The affine that keeps the outer edges of the image."""
    step = np.diag(affine)[:3] * shape / np.array(new)
    first = affine[:3, 3] + (step - np.diag(affine)[:3]) / 2
    return np.vstack([np.column_stack([np.diag(step), first]), [0, 0, 0, 1]])


def piped(lazy, *steps):
    pipeline = medrs.TransformPipeline(lazy=lazy)
    for name, *values in steps:
        getattr(pipeline, name)(*values)
    return pipeline.apply(image)


steps = {"to 1 mm": ("resample_to_spacing", [1, 1, 1]), "to shape": ("resample_to_shape", [10, 8, 6])}
for name, step in steps.items():
    for lazy in (True, False):
        away, spacing = told(piped(lazy, step))
        print(f"{name}, lazy={lazy}: spacing {spacing} mm, voxels up to {away:.1f} mm away from where they are from")
        assert away > 15 and tuple(spacing) == (1.5, 2, 3) if lazy else away < 1e-3, "lazy pipelines change it now"
away, spacing = told(image.resample([1, 1, 1]))
assert away < 1e-3 and tuple(spacing) == (1, 1, 1)

for lazy in (True, False):
    values = piped(lazy, ("clamp", 50, 120), ("z_normalize",)).to_numpy()
    print(f"clamped and normalised, lazy={lazy}: mean {values.mean():.2f}, spread {values.std():.2f}")
    assert np.all(values == 50) if lazy else abs(values.std() - 1) < 1e-3, "the order is kept now"
END
