#!/bin/sh
# medeval 0.1.7, bending_energy, deformation_smoothness and compute_registration_metrics(spacing=...), of the same
# motion in mm (a bump of 5 mm and 8 mm wide) on pixels of 1, 2 and 4 mm.
#
# Expected: derivatives per mm, as "spacing: Physical spacing" and "correct physical spacing handling" have it, and as
# the Jacobian in the same result has them. Then the mean gradient does not depend on the grid, and the bending energy
# is the sum of squared Laplacians over pixels, so that it falls with the number of pixels.
# Seen: both take differences from pixel to pixel, whatever the spacing: the mean gradient of one and the same motion is
# twice as large on 2 mm and four times on 4 mm, while the Jacobian stays the same. The Laplacian is made of two Sobel
# filters that are not normalised, with a gain of 64 in 2D and of 1024 in 3D. So on 1 mm the bending energy is some 4000
# times that of the motion in 2D and a million times in 3D, and it rises where the grid gets coarser. A registration on
# coarser pixels seems to be less smooth than the same one on finer pixels.
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
from medeval.metrics.registration import compute_registration_metrics
from scipy.ndimage import laplace

WIDTH, HEIGHT, SIZE = 8.0, 5.0, 96  # mm


def measured(rank, step):
    at = np.indices((round(SIZE / step),) * rank) * step
    bump = HEIGHT * np.exp(-((at - SIZE / 2) ** 2).sum(axis=0) / (2 * WIDTH**2))
    field = np.zeros((rank, *bump.shape), "f4")
    field[0] = bump
    result = compute_registration_metrics(deformation_field=field, spacing=(step,) * rank)
    slope = np.sqrt(sum(part**2 for part in np.gradient(bump, step))).mean() / rank  # the other components are still
    energy = np.sum((laplace(bump) / step**2) ** 2)
    return result["jacobian"]["max"], result["smoothness"]["average_gradient_magnitude"], slope, result, energy


for rank in (2, 3):
    for step in (1.0, 2.0, 4.0):
        jacobian, gradient, slope, result, energy = measured(rank, step)
        times = result["bending_energy"] / energy
        print(
            f"{rank}D, {step:g} mm: Jacobian up to {jacobian:.2f}, mean gradient {gradient:.4f} (per mm {slope:.4f}), "
            f"bending energy {result['bending_energy']:.3g}, {times:.3g} times that per mm"
        )
        assert 1.3 < jacobian < 1.4, "the motion is another"
        assert np.isclose(gradient, slope * step, rtol=1e-3), "the gradient is per mm now"
        gain = (64 if rank == 2 else 1024) ** 2 * step**4  # of a Sobel filter, twice, squared
        assert 0.2 * gain < times < 1.01 * gain, "the bending energy is per mm now"
END
