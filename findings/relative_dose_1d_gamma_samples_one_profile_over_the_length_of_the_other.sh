#!/bin/sh
# relative-dose-1d 0.1.7, gamma_1D(ref, eval) of one and the same profile of a field of 20 mm: the reference, as a
# planning system exports it, reaches from -150 to 150 mm, the evaluated one, as an array measures it, from -20 to 20.
#
# Expected: the evaluated profile is "interpolated between each two consecutive points", so that a step of 2 mm becomes
# one of 1 mm. Where both exist, every point of the reference finds its own dose, gamma is below 1 (linear interpolation
# is not quite exact), and 100 % pass. What the reference does beyond the detectors does not matter: those points are
# excluded.
# Seen: the interpolated points are spread over the whole length of the reference. 41 points over 300 mm are 7.5 mm
# apart, and few of them lie where something was measured. In the penumbra gamma is up to 16, and 12 % of the points
# of two equal profiles pass 2 % and 2 mm. The same measurement passes with 100 % once the reference is cut to the
# detectors, and with anything between if it is cut a little further out or if more points are interpolated.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder"
"$folder/bin/python" -m pip install --quiet --disable-pip-version-check numpy==2.4.6
"$folder/bin/python" -m pip install --quiet --disable-pip-version-check --no-deps relative-dose-1d==0.1.7
cd "$folder"
"$folder/bin/python" -W ignore - <<'END'
from math import erf

import numpy as np
from relative_dose_1d.tools import gamma_1D


def profile(reach, step):  # mm; columns of position and dose in %
    places = np.arange(-reach, reach + step / 2, step, dtype=float)
    return np.column_stack([places, [50 * (erf((x + 10) / 4) - erf((x - 10) / 4)) for x in places]])


def pass_rate(reach, points=1):
    gamma, rate, count = gamma_1D(profile(reach, 1), profile(20, 2), dose_t=2, dist_t=2, interpol=points)
    print(f"reference to {reach} mm, {points} points between: {rate:.0f} % of {count} points pass, "
          f"largest gamma {np.nanmax(gamma[:, 1]):.1f}")
    assert count == 41
    return rate


rates = {reach: pass_rate(reach) for reach in (20, 40, 60, 100, 150)}
more = pass_rate(150, points=4)
assert rates[20] == 100
assert rates[150] < 15 < more < 60, "the points lie between those of the evaluated profile now"
END
