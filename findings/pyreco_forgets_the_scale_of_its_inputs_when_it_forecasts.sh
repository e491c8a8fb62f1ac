#!/bin/sh
# PyReCo 2.0.1, set_input_scaling of a reservoir that forecasts breathing of 5 mm two frames ahead.
#
# Expected: predict scales its inputs as fit does. The errors on the very windows that were learned are then those of
# the least squares fit, whatever the scale, and a smaller one only makes the reservoir more nearly linear.
# Seen: fit multiplies the normalised inputs by the scale and predict does not, so the readout of one scale is applied
# to the states of another. On the very windows that were learned, forecasts are about 2.5 mm off at a scale of 0.5 and
# 17 mm at 0.1, where they are 0.5 and 1.6 mm off if the inputs are scaled by hand. No word is said. A search over
# scales, which set_hp is made for, finds that 1 is best.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder"
"$folder/bin/python" -m pip install --quiet --disable-pip-version-check \
	pyreco==2.0.1 numpy==2.4.6 scipy==1.17.1 networkx==3.6.1 matplotlib==3.11.2
cd "$folder"
MPLBACKEND=Agg "$folder/bin/python" -W ignore - <<'END'
import contextlib
import io

import numpy as np
from pyreco.custom_models import RC
from pyreco.layers import InputLayer, RandomReservoirLayer, ReadoutLayer

seconds = np.arange(900) * 0.25
place = 5 * np.sin(2 * np.pi * seconds / 4) + 1.5 * np.sin(2 * np.pi * seconds / 3.1)
windows = np.lib.stride_tricks.sliding_window_view(place, 42)
inputs, targets = windows[:, :40, None], windows[:, 41:, None]


def errors(scale):
    np.random.seed(0)
    model = RC()
    model.add(InputLayer(input_shape=(40, 1)))
    model.add(RandomReservoirLayer(nodes=60, density=0.2, activation="tanh", leakage_rate=0.5, spec_rad=0.9))
    model.add(ReadoutLayer((1, 1), fraction_out=1.0))
    model.compile(optimizer="ridge", metrics=["mse"], discard_transients=5)
    model.set_input_scaling(scale)
    with contextlib.redirect_stdout(io.StringIO()):
        model.fit(inputs, targets)
    found = []
    for factor in (1, scale):
        # the normalisation that predict does, undone for the scaled inputs, so that its states are those of fit
        given = model.input_mean + factor * (inputs - model.input_mean)
        found.append(float(np.sqrt(np.mean((model.predict(given) - targets) ** 2))))
    return found


for scale in (1.0, 0.5, 0.1):
    plain, scaled = errors(scale)
    print(f"scale {scale}: error of predict {plain:.2f} mm, where its inputs are scaled by hand {scaled:.2f} mm")
    assert scaled < 2, "the fit itself is worse"
    assert plain == scaled if scale == 1 else plain > 3 * scaled, "predict scales its inputs now"
END
