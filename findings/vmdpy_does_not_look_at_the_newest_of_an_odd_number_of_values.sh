#!/bin/sh
# vmdpy 0.2, VMD (variational mode decomposition), on the newest 100 and 101 values of breathing at 4 Hz, from which
# the next values are to be forecast.
#
# Expected: modes as long as the series, whose last column belongs to the newest value.
# Seen: so it is with 100 values. With 101 there are 100 columns: the newest value is cut off, without a word in the
# help or while it runs. With the newest value changed by 50 mm the modes are the same to the bit. The last column
# belongs to the frame before, so that a forecast for 0.5 s is one for 0.25 s after the newest frame. Who decomposes
# all frames so far has that in each second frame. The fork in sktime gives as many values as it gets.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder"
"$folder/bin/python" -m pip install --quiet --disable-pip-version-check vmdpy==0.2 numpy==2.4.6
cd "$folder"
"$folder/bin/python" -W error - <<'END'
import numpy as np
from vmdpy import VMD

breathing = 10 * np.sin(2 * np.pi * np.arange(101) / 16) + np.random.default_rng(0).standard_normal(101)
jumped = breathing.copy()
jumped[-1] += 50


def modes(series):
    return VMD(series, 2000, 0, 3, 0, 1, 1e-7)[0]


even, odd = modes(breathing[1:]), modes(breathing)
same_even = np.array_equal(even, modes(jumped[1:]))
same_odd = np.array_equal(odd, modes(jumped))
print(f"100 values: modes {even.shape}; the same with the newest value 50 mm higher: {same_even}")
print(f"101 values: modes {odd.shape}; the same with the newest value 50 mm higher: {same_odd}")
assert even.shape == (3, 100) and not same_even
assert odd.shape == (3, 100) and same_odd, "odd series are decomposed to their end now"
assert np.array_equal(odd, modes(breathing[:-1]))
END
