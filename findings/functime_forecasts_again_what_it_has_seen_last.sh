#!/bin/sh
# functime 1.0.0 (with polars 2.1.0), linear_model, on a sum of two waves without any noise, which a linear model of six
# lags knows exactly: 380 frames to learn from, the next four to forecast. First with one thread of polars, then four.
#
# Expected: forecasts are exact, by the recursive and by the direct strategy, and the same each time.
# Seen: the newest features that are kept are those that led to the newest value, so that value is not among them.
# The first recursive forecast is what was seen last, dated one frame later, and all follow a frame late. The
# direct strategy takes rows from the beginning of what is kept, lags + max_horizons frames ago: its forecasts are those
# for ten frames earlier. Both are exact for those times, and so look right in a plot. With more threads, the join that
# adds the values does not keep the order of frames, and the "newest" rows are any: each fit gives other forecasts.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder"
"$folder/bin/python" -m pip install --quiet --disable-pip-version-check \
	functime==1.0.0 polars==2.1.0 numpy==2.4.6 scikit-learn==1.9.1 scipy==1.17.1
cd "$folder"
cat >forecast.py <<'END'
import datetime
import sys

import numpy as np
import polars
from functime.forecasting import linear_model

TRAINED, AHEAD, LAGS = 380, 4, 6
t = np.arange(TRAINED + AHEAD)
values = 10 + 3 * np.sin(2 * np.pi * t / 16) + np.sin(2 * np.pi * t / 37)
times = [datetime.datetime(2026, 1, 1) + datetime.timedelta(hours=int(i)) for i in t]
known = polars.DataFrame({"entity": ["target"] * TRAINED, "time": times[:TRAINED], "mm": values[:TRAINED]})


def away(strategy):
    """Largest distance of the forecasts to the values of the times asked for, and of so many frames earlier."""
    model = linear_model(lags=LAGS, freq="1h", strategy=strategy, max_horizons=AHEAD)
    model.fit(y=known)
    found = model.predict(fh=AHEAD).sort("time")
    assert found["time"].to_list() == times[TRAINED:]
    forecast = found["mm"].to_numpy()
    return {k: float(np.abs(forecast - values[TRAINED - k : TRAINED - k + AHEAD]).max()) for k in range(16)}


for strategy, late in (("recursive", 1), ("direct", LAGS + AHEAD)):
    distances = [away(strategy) for _ in range(8)]
    print(f"{strategy}: largest error of each of eight fits", [round(distance[0], 2) for distance in distances])
    assert min(distance[0] for distance in distances) > 0.5, "forecasts are of the times asked for now"
    if sys.argv[1] == "1":
        print(f"    distance from the values {late} frames earlier: {distances[0][late]:.0e}")
        assert all(distance[late] < 1e-3 for distance in distances)
    else:
        assert len({round(distance[0], 2) for distance in distances}) > 1, "frames keep their order now"
END
for threads in 1 4; do
	echo "threads of polars: $threads"
	POLARS_MAX_THREADS=$threads "$folder/bin/python" -W ignore forecast.py $threads 2>log || { cat log; exit 1; }
done
