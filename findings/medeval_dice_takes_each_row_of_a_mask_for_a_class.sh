#!/bin/sh
# medeval 0.1.7, dice_score and jaccard_index of binary masks of one image, (H, W) or (Z, Y, X), as its table of input
# shapes has them ("(H, W): 2D single image", "(Z, Y, X): 3D single volume") and as its load_nifti gives them.
#
# Expected: 2 |A and B| / (|A| + |B|), as for the same masks with two axes of length one put before.
# Seen: rows (or slices) are taken for classes in one-hot form. The largest along them is looked for in each column, and
# the Dice scores of these "classes" are averaged; most are empty in both and count as 1. As whole numbers, a disc has
# 0.78 against itself, against one that is moved and against one that it does not touch. As floats, it has 0.83 instead
# of 0.81 against one that is moved, and 0.76 instead of 0 against one that it does not touch.
# compute_segmentation_metrics gives these numbers, too, beside a precision, a recall and distances that look at the
# right axes.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder"
"$folder/bin/python" -m pip install --quiet --disable-pip-version-check torch==2.13.0
"$folder/bin/python" -m pip install --quiet --disable-pip-version-check medeval==0.1.7 numpy==2.4.6 scipy==1.17.1 \
	scikit-learn==1.9.1
cd "$folder"
MPLBACKEND=Agg "$folder/bin/python" -W ignore - <<'END'
import numpy as np
import torch
from medeval.metrics.segmentation import compute_segmentation_metrics, dice_score, jaccard_index, precision_score

SLICES, ROWS, COLUMNS = np.indices((12, 40, 50))


def ball(column, radius):
    return 4 * (SLICES - 6) ** 2 + (ROWS - 20) ** 2 + (COLUMNS - column) ** 2 <= radius**2


still = ball(22, 10)
masks = {"itself": still, "moved by 3 pixels": ball(19, 10), "beside it": ball(44, 5)}
for name, other in masks.items():
    for shape, (a, b) in {"(H, W)": (still[6], other[6]), "(Z, Y, X)": (still, other)}.items():
        true = 2 * np.sum(a & b) / (a.sum() + b.sum())
        seen = {}
        for kind in (np.uint8, np.float32):
            a_, b_ = torch.from_numpy(a.astype(kind)), torch.from_numpy(b.astype(kind))
            seen[kind] = float(dice_score(a_, b_))
            assert abs(float(dice_score(a_[None, None], b_[None, None])) - true) < 1e-6
            assert abs(float(precision_score(a_, b_)) - np.sum(a & b) / a.sum()) < 1e-6
            assert abs(compute_segmentation_metrics(a_, b_)["dice"] - seen[kind]) < 1e-6
        whole, floats = seen.values()
        overlap = float(jaccard_index(a_, b_))
        print(f"{shape} {name}: Dice {true:.2f}, seen {whole:.2f} and {floats:.2f} (floats), IoU {overlap:.2f}")
        assert whole < 0.8 and (floats > 0.45 if name == "beside it" else True), "masks are taken as a whole now"
        assert (overlap > 0.45) if name == "beside it" else True, "masks are taken as a whole now"
        assert abs(whole - true) > 0.03 or abs(floats - true) > 0.03, "masks are taken as a whole now"
END
