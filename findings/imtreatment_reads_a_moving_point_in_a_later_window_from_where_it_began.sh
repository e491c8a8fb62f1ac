#!/bin/sh
# imtreatment 1.4.2, get_time_profile of a series of 12 fields at a point that moves 1 mm to the right in each frame.
# The value of a field is 100 for each mm to the right plus the number of the frame, so that it says where and when.
#
# Expected: in the window of 5 to 9 s, the values are those of the whole profile at 5 to 9 s: 505, 606, ... 909.
# Seen: they are 5, 106, ... 409: the fields of 5 to 9 s, read where the point was from 0 to 4 s. The fields are chosen
# by the window, the places are counted from the first one. The times of the profile are right, and without a window, or
# with a point at rest, so are the values.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder"
"$folder/bin/python" -m pip install --quiet --disable-pip-version-check \
	imtreatment==1.4.2 numpy==2.4.6 scipy==1.17.1 matplotlib==3.11.2 Unum==4.2.1 PyWavelets==1.9.0
MPLBACKEND=Agg "$folder/bin/python" -W ignore - <<'END'
import numpy as np
from IMTreatment.core.points import Points
from IMTreatment.core.scalarfield import ScalarField
from IMTreatment.core.temporalscalarfields import TemporalScalarFields

COUNT = 12
x, y = np.arange(20.0), np.arange(15.0)
series = TemporalScalarFields()
for frame in range(COUNT):
    field = ScalarField()
    values = 100 * np.add.outer(x, 0 * y) + frame
    mask = np.zeros(values.shape, dtype=bool)
    field.import_from_arrays(x, y, values, mask=mask, unit_x="mm", unit_y="mm", unit_values="mm")
    series.add_field(field, time=float(frame), unit_times="s")
places = np.array([[float(frame), 5.0] for frame in range(COUNT)])


def moving():
    return Points(places, v=np.arange(COUNT, dtype=float), unit_x="mm", unit_y="mm", unit_v="s")


whole = series.get_time_profile("values", moving())
window = series.get_time_profile("values", moving(), wanted_times=[5, 9])
resting = series.get_time_profile("values", [4.0, 5.0], wanted_times=[5, 9])
print(f"whole: {whole.y}")
print(f"at {window.x} s: {window.y}, truth {whole.y[5:10]}")
assert np.array_equal(whole.y, 101 * np.arange(COUNT)) and np.array_equal(window.x, np.arange(5, 10))
assert np.array_equal(resting.y, 400 + np.arange(5, 10))
assert np.array_equal(window.y, 100 * np.arange(5) + np.arange(5, 10)), "the point is followed in the window now"
END
