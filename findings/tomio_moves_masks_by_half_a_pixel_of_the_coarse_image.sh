#!/bin/sh
# tomio 0.2.0, resample(mask, like=image, method="roi") and interp.interpolate_roi: masks that were drawn on coarse
# images (contours on every third pixel, slices of 5 mm) are laid onto the grid of a fine one.
#
# Expected: "each ROI voxel is copied to the nearest ref voxel(s)", so that a mask keeps its place to within half a
# voxel of the fine image, as it does with method="labels" and in SimpleITK.
# Seen: the voxels of the fine image that get a label begin at the centre of the coarse voxel, where they should begin
# at its edge. So a mask moves in plane by half of the difference of the two spacings: 1 mm from 3 mm to 1 mm, 2 mm from
# 5 mm, always towards higher indices. With disjoint=False it moves along the slices too: by 2 mm from 5 mm to 1 mm.
# The volume is right. Where an axis of the fine image runs the other way, nothing of the mask is left.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder"
"$folder/bin/python" -m pip install --quiet --disable-pip-version-check tomio==0.2.0 numpy==2.4.6 scipy==1.17.1 \
	simpleitk==2.5.7
cd "$folder"
"$folder/bin/python" -W ignore - <<'END'
import numpy as np
import SimpleITK as sitk
import tomio

SLICES = 5.0  # mm


def middle(mask):
    """Centre of the mask in mm."""
    return mask.get_coords(np.argwhere(np.asarray(mask) > 0).mean(axis=0))


def by_simpleitk(mask, fine):
    moved = sitk.Resample(tomio.volume.to_sitk(mask), tomio.volume.to_sitk(fine), interpolator=sitk.sitkNearestNeighbor)
    return tomio.volume.from_sitk(moved)


def grid(shape, spacing, **more):
    """A volume whose outer edge, not its first centre, is at 0."""
    return tomio.asvolume(np.zeros(shape, np.uint8), spacing=spacing, origin=np.array(spacing) / 2, **more)


for spacing in (1, 3, 5):
    mask = grid((16, 16, 12), (spacing, spacing, SLICES))
    mask[4:10, 3:8, 5:7] = 1
    fine = grid((16 * spacing, 16 * spacing, 60), (1, 1, 1))
    ways = {
        "roi": tomio.resample(mask, like=fine, method="roi"),
        "roi, disjoint=False": tomio.resample(mask, like=fine, method="roi", disjoint=False),
        "labels": tomio.resample(mask, like=fine, method="labels"),
        "SimpleITK": by_simpleitk(mask, fine),
    }
    for name, laid in ways.items():
        move = middle(laid) - middle(mask)
        print(f"{spacing} mm to 1 mm, {name}: the mask moves by {np.round(move, 2)} mm")
        want = np.zeros(3)
        if name.startswith("roi"):
            want[:2] = (spacing - 1) / 2
        if "disjoint" in name:
            want[2] = (SLICES - 1) / 2
            assert np.sum(laid) == np.sum(mask) * spacing**2 * SLICES, "the volume is another"
        assert np.allclose(move, want, atol=1e-6), "masks move otherwise now"
    other_way = fine[::-1]  # the same places, the first axis from right to left
    left = {name: int(np.sum(tomio.resample(mask, like=other_way, method=name))) for name in ("roi", "labels")}
    print(f"{spacing} mm to 1 mm from right to left: voxels of the mask that are left: {left}")
    assert left["labels"] > 0 and left["roi"] == 0, "masks are kept there now"
END
