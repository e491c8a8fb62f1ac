#!/bin/sh
# correr 0.1.0, find_best_lag, on a breath that a camera sees 4 times a second and a belt 100 times, with no delay
# between them.
#
# Expected: the lag is 0, and the sub-lag too: align puts both "onto a shared DatetimeIndex", at which the belt was
# measured as well.
# Seen: the belt is averaged over the 0.25 s after each frame and dated at the frame, so that it seems 0.12 s early:
# sub-lag 0.48 frames, correlation 0.98 instead of 1. That is as long as the delay of a machine that one would measure
# with it. The sign turns with the order of the two. A belt of the rate of the camera has sub-lag 0. The faster the
# belt, the nearer to half a frame; no setting of align takes samples as they are.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder"
"$folder/bin/python" -m pip install --quiet --disable-pip-version-check \
	correr==0.1.0 numpy==2.4.6 pandas==3.1.1 scipy==1.17.1
cd "$folder"
"$folder/bin/python" -W ignore - <<'END'
import numpy as np
import pandas as pd
from correr import align, find_best_lag

FRAME = 0.25


def breath(rate):
    time = np.arange(0, 200, 1 / rate)
    place = 10 * np.sin(2 * np.pi * time / 4 + 0.6 * np.sin(2 * np.pi * time / 37))
    return pd.Series(place, index=pd.Timestamp("2026-01-01") + pd.to_timedelta(time, unit="s"))


camera, found = breath(4), {}
for rate in (4, 8, 100):
    belt = breath(rate)
    match, turned = find_best_lag(camera, belt, max_lag=8), find_best_lag(belt, camera, max_lag=8)
    aligned = align(camera, belt)[1]
    off = float(np.abs(aligned - belt.reindex(aligned.index)).max())
    found[rate] = match.sub_lag, turned.sub_lag
    print(f"belt of {rate} Hz: sub-lag {match.sub_lag:+.2f} frames, {match.sub_lag * FRAME:+.3f} s, turned round "
          f"{turned.sub_lag:+.2f}, correlation {match.correlation:.3f}, belt at the frames up to {off:.1f} mm off")
assert abs(found[4][0]) < 0.01
assert 0.2 < found[8][0] < 0.3 and 0.45 < found[100][0] < 0.52, "samples are not dated at the begin of a mean now"
assert all(abs(one + other) < 0.01 for one, other in found.values())
END
