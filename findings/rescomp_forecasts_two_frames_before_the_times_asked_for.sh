#!/bin/sh
# rescomp 0.2.1, ResComp, trained on the first 1000 frames of a circle that takes 4 s, at 0.1 s a frame, and asked for
# the next 20 frames, as its documents show: train(train_t, U), "automatically stores the last node state", and then
# predict(test_t).
#
# Expected: "Pred[i,:] is a prediction of u(t[i])". The network has learned the circle to 0.001, and its forecasts lie
# there.
# Seen: they lie there for the times two frames earlier: 0.000 away from u(t[i-2]), and 0.22 from u(t[i]). The newest
# frame is cut off before training (start 0, end -1), and the state that is kept is that of the newest frame that is
# left; integration then begins with the first time that is asked for as if it were that frame's. With a
# window for the training, the forecasts are late by one frame. The time of the states is lost, so no way to ask for the
# times is right for both. Forecasts that lag the truth look like those of any cautious method.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder"
"$folder/bin/python" -m pip install --quiet --disable-pip-version-check \
	numpy==1.26.4 scipy==1.13.1 networkx==2.8.8 numdifftools==0.9.41 matplotlib==3.8.4 findiff==0.10.2
"$folder/bin/python" -m pip install --quiet --disable-pip-version-check --no-deps rescomp==0.2.1
cd "$folder"
MPLBACKEND=Agg "$folder/bin/python" -W ignore - <<'END'
import numpy as np
import rescomp

TRAINED, ASKED = 1000, 20
times = 0.1 * np.arange(1100)
circle = np.column_stack([np.sin(2 * np.pi * times / 4), np.cos(2 * np.pi * times / 4)])

for window, late in ((None, 2), (20.0, 1)):
    for seed in range(3):
        np.random.seed(seed)
        network = rescomp.ResComp(res_sz=200, signal_dim=2, gamma=10.0, sigma=0.2, ridge_alpha=1e-3)
        network.train(times[:TRAINED], circle[:TRAINED], window=window)
        forecast = network.predict(times[TRAINED : TRAINED + ASKED])
        away = {
            lag: float(np.sqrt(np.mean((forecast - circle[TRAINED - lag : TRAINED - lag + ASKED]) ** 2)))
            for lag in range(-1, 5)
        }
        text = ", ".join(f"{distance:.3f} from that {lag} before" for lag, distance in away.items() if lag >= 0)
        print(f"window {window}, network {seed}: each forecast is on average {text}")
        assert away[late] < 0.01
        assert min(away, key=away.get) == late and away[0] > 0.1, "forecasts are of the times asked for now"
END
