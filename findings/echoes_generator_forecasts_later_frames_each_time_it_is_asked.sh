#!/bin/sh
# echoes 1.0.2 (echo state networks with the interface of scikit-learn), ESNGenerator: learnt from 1000 frames of a
# breath, to forecast the eight frames that come next.
#
# Expected: predict() forecasts what follows the frames that it was fitted to, however often it is asked: "Last training
# state/input/output is used as initial test state/input/output". score(y=...) compares that with the right values.
# Seen: predict keeps the state that it ends in and goes on from there. The second call gives frames 9 to 16 in the
# place of 1 to 8, the third 17 to 24, with no word. score calls predict, so that the score of the same forecast of the
# same eight frames is 0.9999 at first and -15 the second time, and that of a forecaster that was looked at before it
# was scored is -15 at once.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder"
"$folder/bin/python" -m pip install --quiet --disable-pip-version-check \
	echoes==1.0.2 numpy==2.4.6 scipy==1.17.1 scikit-learn==1.9.1
cd "$folder"
"$folder/bin/python" -W ignore - <<'END'
import numpy as np
from echoes import ESNGenerator

PAST, AHEAD = 1000, 8
frame = np.arange(PAST + 4 * AHEAD)
breath = np.sin(2 * np.pi * frame / 16) + 0.3 * np.sin(2 * np.pi * frame / 23)
coming = breath[PAST : PAST + AHEAD]
forecaster = ESNGenerator(
    n_steps=AHEAD, n_reservoir=100, random_state=1, regression_method="ridge", ridge_alpha=1e-6, n_transient=100
)
forecaster.fit(y=breath[:PAST])
for call in range(3):
    made = forecaster.predict()[:, 0]
    off = [float(np.abs(made - breath[PAST + k * AHEAD : PAST + (k + 1) * AHEAD]).max()) for k in range(3)]
    print(f"call {call + 1}: off by {off[0]:.3f} from frames 1 to 8, {off[1]:.3f} from 9 to 16, "
          f"{off[2]:.3f} from 17 to 24")
    assert np.argmin(off) == call and off[call] < 0.2, "another call forecasts the same frames now"
assert off[0] > 0.4
forecaster.fit(y=breath[:PAST])
scores = [forecaster.score(y=coming) for _ in range(2)]
print(f"score of the same eight frames: {scores[0]:.4f} and, asked again, {scores[1]:.1f}")
assert scores[0] > 0.99 and scores[1] < -1, "a score is the same when it is asked again now"
END
