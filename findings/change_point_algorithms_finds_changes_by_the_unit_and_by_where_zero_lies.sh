#!/bin/sh
# online-changepoint-algorithms 0.0.5 (change_point_algorithms): its detectors on 600 frames with noise of 1 mm, called
# as the package itself calls them. BocpdModel (Bayes) gets a jump of 10 mm at frame 400 and a prior in the unit of the
# data. CusumV0 and CusumV1 (cumulative sums against a mean and a spread that are given) get no jump.
#
# Expected: the same frames are changes whether places are in metres or in micrometres. It does not matter either
# whether they are counted from the isocentre or from 10 mm beside it, with the mean that is given 10 mm more.
# Seen: a frame is a change where its predictive density is 0.05 or less, and a density is per unit of length. In metres
# none is, not even the jump. In centimetres only the jump is, in millimetres also 13 of the 400 frames before it, and
# in micrometres all. Cumulative sums add up products of the running mean's offset with the place itself, not with its
# distance from the mean. At zero 94 and 8 of 600 frames are changes, 10 mm beside it 177 and 136. No word is said.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder"
"$folder/bin/python" -m pip install --quiet --disable-pip-version-check \
	online-changepoint-algorithms==0.0.5 numpy==2.4.6 numba==0.68.1
cd "$folder"
"$folder/bin/python" -W ignore - <<'END'
import numpy as np
from change_point_algorithms.online_detection.bocpd import bocpd_rust_hybrid
from change_point_algorithms.online_detection.cusum import cusum_alg_v0_rust_hybrid, cusum_alg_v1_rust_hybrid

COUNT, JUMP = 600, 400
noise = np.random.default_rng(0).normal(size=COUNT)
place = noise + 10 * (np.arange(COUNT) >= JUMP)
for unit, scale, expected in (("m", 1e-3, 0), ("cm", 0.1, 0), ("mm", 1, 13), ("um", 1e3, JUMP)):
    changes = list(bocpd_rust_hybrid(scale * place, mu=0.0, kappa=1.0, alpha=1.0, beta=scale**2, lamb=250.0))
    before, at = sum(changes[:JUMP]), changes[JUMP]
    print(f"BocpdModel, {unit}: {before} of {JUMP} frames before the jump are changes; the jump: {at}")
    assert before == expected and at == (unit != "m"), "the unit does not matter now"

for cusum, expected in ((cusum_alg_v0_rust_hybrid, (94, 177)), (cusum_alg_v1_rust_hybrid, (8, 136))):
    for zero, count in zip((0.0, 10.0), expected):
        changes = sum(cusum(zero + noise, zero, 1.0, 5.0, 0.9))
        print(f"{cusum.__name__}, mean of {zero} mm: {changes} of {COUNT} frames are changes")
        assert abs(changes - count) <= 1, "it does not matter now where zero lies"
END
