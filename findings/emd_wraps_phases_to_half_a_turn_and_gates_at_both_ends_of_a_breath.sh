#!/bin/sh
# emd 0.8.1, imftools.wrap_phase with mode "-pi2pi": the phase of breathing (6 mm, 4 s, 20 Hz), counted from the end of
# exhalation, for a gate that is open while the phase is between -45 and 45 degrees.
#
# Expected: phases from -180 to 180 degrees, as np.angle gives them. The gate is open a quarter of the time, always
# within 1.8 mm of the end of exhalation. The phases that were given are still there afterwards.
# Seen: phases from 0 to 180 degrees, those of half a turn: each position on the way out has the same phase as the
# opposite one on the way in. The gate is still open for a quarter of the time, but half of it is at full inhalation,
# 12 mm away. The given array is overwritten, in both modes, so that its unwrapped phase no longer tells breaths apart.
# Mode "2pi", the default, returns the right phases.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder"
"$folder/bin/python" -m pip install --quiet --disable-pip-version-check emd==0.8.1 numpy==2.4.6 scipy==1.17.1 \
	pandas==3.0.5 dcor==0.7 sparse==0.19.3
cd "$folder"
"$folder/bin/python" -W ignore - <<'END'
import emd
import numpy as np
from scipy.signal import hilbert

seconds = np.arange(2400) / 20
position = 6 * np.cos(2 * np.pi * seconds / 4)  # mm, 6 at the end of exhalation
given = np.unwrap(np.angle(hilbert(position)))
own = np.angle(np.exp(1j * given))


def gated(phases):
    is_open = abs(phases) < np.pi / 4
    return is_open.mean(), np.ptp(position[is_open]), (position[is_open] < 0).mean()


for mode in ("2pi", "-pi2pi"):
    phases = given.copy()
    found = emd.imftools.wrap_phase(phases, mode=mode)
    apart = abs(np.angle(np.exp(1j * (found - own))))
    print(f"{mode}: from {np.degrees(found.min()):.0f} to {np.degrees(found.max()):.0f} degrees, "
          f"up to {np.degrees(apart.max()):.0f} from the right ones; input kept: {np.allclose(phases, given)}")
    assert not np.allclose(phases, given), "the input stays as it was now"
    assert (apart.max() < 1e-6) == (mode == "2pi"), "the phases are right now"
for name, phases in (("emd", found), ("np.angle", own)):
    share, extent, inhaled = gated(phases)
    print(f"gate by {name}: open {share:.0%}, over {extent:.1f} mm, {inhaled:.0%} of it near full inhalation")
    assert abs(share - 0.25) < 0.02 and (extent > 11 if name == "emd" else extent < 1.8)
assert 0.45 < gated(found)[2] < 0.55 and gated(own)[2] == 0
END
