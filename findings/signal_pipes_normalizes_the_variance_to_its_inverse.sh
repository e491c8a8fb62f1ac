#!/bin/sh
# signal-pipes 0.1.16, MVNormalization: "mean and variance normalization" of two belts that breathe 8 mm and 0.5 V.
#
# Expected: mean 0 and variance 1 (the defaults), so that both have the same size, or the variance asked for. The
# container before the pipe is as it was, as other operators of its kind (RangeNormalization, Scale) leave it.
# Seen: values are divided by the variance and not by its root. So the variance becomes one over what it was: 0.03 for
# the belt in mm, 8 for that in V: what was 16 times larger is 16 times smaller now. With variance=4 it is 0.5 and 128.
# The array that the container was made of is changed as well.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder"
"$folder/bin/python" -m pip install --quiet --disable-pip-version-check signal-pipes==0.1.16 numpy==2.4.6 \
	scipy==1.17.1 h5py==3.15.1 matplotlib==3.10.8 deprecated==1.3.1
cd "$folder"
"$folder/bin/python" -W ignore - <<'END'
import numpy as np
from sigpipes.sigcontainer import SigContainer
from sigpipes.sigoperator import MVNormalization, RangeNormalization

RATE = 25
time = np.arange(0, 120, 1 / RATE)
belts = np.outer([8, 0.5], np.sin(2 * np.pi * time / 4)) + [[110], [2.5]]
variances = belts.var(axis=1)
for wanted in (1.0, 4.0):
    given = belts.copy()
    container = SigContainer.from_signal_array(given, ["chest", "belly"], ["mm", "V"], RATE)
    found = (container | MVNormalization(variance=wanted)).signals
    print(f"variances {np.round(variances, 3)}, {wanted:.0f} wanted: {np.round(found.var(axis=1), 3)};", end="")
    print(f" the array that was given has changed by up to {np.abs(given - belts).max():.1f}")
    assert np.allclose(found.mean(axis=1), 0)
    assert np.allclose(found.var(axis=1), wanted**2 / variances), "variances are those asked for now"
    assert np.abs(given - belts).max() > 100, "what was given is left as it is now"
given = belts.copy()
SigContainer.from_signal_array(given, ["chest", "belly"], ["mm", "V"], RATE) | RangeNormalization()
assert np.array_equal(given, belts)
END
