#!/bin/sh
# functime 1.0.0 (with polars 2.1.0 in one thread), conformalize with linear_model(strategy="ensemble"), on a wave with
# noise of 0.5 mm. The forecast of an ensemble is the mean of that of the recursive and that of the direct strategy.
#
# Expected: the residual of the mean is the mean of the residuals, about as large as the noise, and bands from 10 to
# 90 % are about as wide as those of each of the two: 1.2 mm, as noise of 0.5 mm has.
# Seen: of the two residuals the difference is halved, not the sum: (a - b) / 2. Both methods have the same noise in
# their residuals, and it goes away: residuals of 0.04 mm, bands of 0.1 mm. The better the two agree, the narrower the
# bands, whatever their errors are. (For the forecasts themselves see the finding that forecasts are of earlier frames;
# residuals are those of the frames that were learned from, and are dated rightly.)
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder"
"$folder/bin/python" -m pip install --quiet --disable-pip-version-check \
	functime==1.0.0 polars==2.1.0 numpy==2.4.6 scikit-learn==1.9.1 scipy==1.17.1
cd "$folder"
POLARS_MAX_THREADS=1 "$folder/bin/python" -W ignore - 2>log <<'END' || { cat log; exit 1; }
import datetime

import numpy as np
import polars
from functime.forecasting import linear_model

FRAMES, NOISE = 400, 0.5
t = np.arange(FRAMES)
values = 10 + 3 * np.sin(2 * np.pi * t / 16) + NOISE * np.random.default_rng(0).standard_normal(FRAMES)
times = [datetime.datetime(2026, 1, 1) + datetime.timedelta(hours=int(i)) for i in t]
known = polars.DataFrame({"entity": ["target"] * FRAMES, "time": times, "mm": values})

residuals, widths = {}, {}
for strategy in ("recursive", "direct", "ensemble"):
    model = linear_model(lags=16, freq="1h", strategy=strategy, max_horizons=8)
    _, bands, _, found = model.conformalize(
        fh=8, y=known, alphas=[0.1, 0.9], test_size=8, step_size=8, n_splits=3, return_results=True
    )
    residuals[strategy] = found.rename({"y_resid": strategy}).select("split", "time", strategy)
    ends = [bands.filter(polars.col("quantile") == level).sort("time")["mm"].to_numpy() for level in (10, 90)]
    widths[strategy] = float(np.mean(ends[1] - ends[0]))
    spread = found["y_resid"].std()
    print(f"{strategy}: residuals of {spread:.2f} mm, band from 10 to 90 % {widths[strategy]:.2f} mm wide")

both = residuals["ensemble"]
for strategy in ("recursive", "direct"):
    both = both.join(residuals[strategy], on=["split", "time"])
said, first, second = (both[name].to_numpy() for name in ("ensemble", "recursive", "direct"))
print(f"residual of the mean of both: {np.std((first + second) / 2):.2f} mm")
assert len(both) > 300 and np.std((first + second) / 2) > 0.4
assert widths["recursive"] > 1 and widths["direct"] > 1
assert np.allclose(said, (first - second) / 2) and widths["ensemble"] < 0.3, "residuals of ensembles are means now"
END
