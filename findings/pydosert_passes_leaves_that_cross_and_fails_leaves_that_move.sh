#!/bin/sh
# pydosert 1.5.0, result_validation: the checks and the dose metrics of a plan of two control points and 20 fractions.
#
# Expected: check_mlc_collision_pass is 1 where each left leaf is minimum_leaf_opening (5 mm) or more to the left of its
# right leaf, and 0 where they cross. D_mean is the difference of the two mean doses of the course, as mean_dose_diff,
# D_2_cc and the others are. D_0.98%, D_0.5% and D_0.02% are differences of D98, D50 and D2.
# Seen: leaf positions are [control point, leaf, side], as BeamSequence insists, and the check takes them for [side,
# control point, leaf]. So it compares the first two control points. An aperture of 80 mm that moves left by 20 mm
# or stays fails, and leaves that cross by 80 mm pass if they move to the right. D_mean is that of one fraction (0.06 Gy
# for 1.28 Gy). The percentages are taken as they stand, of 100: where D98 is 7.5 Gy too low, D_0.98% is 0, since it is
# the dose of the hottest hundredth. No word is said.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder"
"$folder/bin/python" -m pip install --quiet --disable-pip-version-check torch==2.13.0
"$folder/bin/python" -m pip install --quiet --disable-pip-version-check pydosert==1.5.0 numpy==2.4.6 scipy==1.17.1
cd "$folder"
MPLBACKEND=Agg "$folder/bin/python" -W ignore - <<'END'
import numpy as np
import torch
from pydosert.data import MachineConfig, OptimizationConfig, Patient
from pydosert.data.beam import BeamSequence
from pydosert.objectives.metrics import result_validation

FRACTIONS, SHAPE = 20, (12, 20, 20)
target = np.zeros(SHAPE, bool)
target[3:9, 5:15, 5:15] = True
planned = np.where(target, 2.0, 0.5) + np.random.default_rng(0).normal(0, 0.02, SHAPE)  # Gy in a fraction
given = planned.copy()
given[4:8, 6:9, 6:14] -= 0.4  # a cold spot
patient = Patient(
    attenuation_tensor=torch.ones(SHAPE), structures={"PTV": torch.tensor(target)}, dose=torch.tensor(planned),
    resolution=(3.0, 2.0, 2.0), number_of_fractions=FRACTIONS,
)  # fmt: skip
wishes = OptimizationConfig(prescription_gy=40.0)
wishes.add_structure("PTV", lower_bound_gy=38.0, weight=1.0)
machine = MachineConfig(preset="varian_10MV")
FIELD = 400  # mm


def checked(*control_points):
    """Result for leaves that are all at these fractions of the field, (left, right) for each control point."""
    leaves = torch.tensor(control_points)[:, None, :].expand(-1, machine.number_of_leaf_pairs, -1)
    beam = BeamSequence(
        mus=torch.ones(2), leaf_positions=leaves, jaw_positions=torch.tensor([[0.3, 0.7]] * 2),
        field_size=(FIELD, FIELD), iso_center=(0.0, 0.0, 0.0), sid=1000.0,
    )  # fmt: skip
    return result_validation(patient, machine, beam, torch.tensor(given), wishes)


for name, positions, seen in (
    ("open, moves to the right", ([0.40, 0.60], [0.45, 0.65]), 1),
    ("open, stays", ([0.40, 0.60], [0.40, 0.60]), 0),
    ("open, moves to the left", ([0.45, 0.65], [0.40, 0.60]), 0),
    ("crossed, moves to the right", ([0.60, 0.40], [0.65, 0.45]), 1),
):
    result = checked(*positions)
    gap = FIELD * min(right - left for left, right in positions)
    print(f"leaves {name}: smallest gap {gap:.0f} mm, check_mlc_collision_pass {result['check_mlc_collision_pass']}")
    assert result["check_mlc_collision_pass"] == seen, "the leaves of a pair are compared now"
    assert (gap >= machine.minimum_leaf_opening) != ("crossed" in name)

course = [FRACTIONS * dose[target] for dose in (planned, given)]
mean, d98 = (abs(of(course[0]) - of(course[1])) for of in (np.mean, lambda dose: np.percentile(dose, 2)))
print(f"mean dose {mean:.2f} Gy lower, D_mean {result['PTV_D_mean']:.2f}; D98 {d98:.1f} Gy lower, D_0.98% "
      f"{result['PTV_D_0.98%']:.1f}")  # fmt: skip
assert np.isclose(result["PTV_D_mean"], mean / FRACTIONS), "the mean is of the course now"
assert np.isclose(result["mean_dose_diff"] * target.size, -mean * target.sum()), "the difference is of a fraction now"
assert d98 > 5 and result["PTV_D_0.98%"] == 0, "the percentages are others now"
END
