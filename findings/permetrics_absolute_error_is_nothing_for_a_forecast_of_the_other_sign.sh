#!/bin/sh
# permetrics 2.1.0, RegressionMetric.AE (single_absolute_error): forecasts of breathing from -6 to 6 mm around the
# middle, one of them half a breath late, and of the same breathing in the coordinates of the patient (80 to 92 mm).
#
# Expected: "the absolute error ... for element between a pair of list", by its docstring: |y - p| of each sample, whose
# mean is MAE, and whose 95th percentile is what papers on tracking report.
# Seen: it is |y| - |p|. The forecast that is half a breath late, and up to 12 mm wrong, has no error at all. In
# coordinates where all is positive it becomes the error with its sign: forecasts that are too far by 0 to 6 mm have
# a 95th percentile of 0, and those too near by as much one of 6 mm. MAE, MaxError and MedAE of the class are right.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder"
"$folder/bin/python" -m pip install --quiet --disable-pip-version-check permetrics==2.1.0 numpy==2.4.6 scipy==1.17.1
cd "$folder"
"$folder/bin/python" -W ignore - <<'END'
import numpy as np
from permetrics.regression import RegressionMetric

phase = 2 * np.pi * (np.arange(1600) + 0.5) / 16  # 4 Hz, 4 s
breathing = 6 * np.sin(phase)
more = 3 - 3 * np.cos(phase / 3)  # mm, 0 to 6
cases = {
    "as it came": (breathing, breathing),
    "half a breath late": (breathing, 6 * np.sin(phase - np.pi)),
    "0 to 6 mm too far": (breathing + 86, breathing + 86 + more),
    "0 to 6 mm too near": (breathing + 86, breathing + 86 - more),
}
found = {}
for name, (came, forecast) in cases.items():
    metric = RegressionMetric(came, forecast)
    errors, own = metric.AE(), abs(came - forecast)
    assert np.isclose(metric.MAE(), own.mean()) and np.isclose(metric.ME(), own.max())
    found[name] = np.percentile(errors, 95)
    print(f"{name}: MAE {metric.MAE():.2f}, mean of AE {errors.mean():.2f} mm; "
          f"95th percentile of AE {found[name]:.2f}, of the absolute error {np.percentile(own, 95):.2f} mm")  # fmt: skip
    assert np.allclose(errors, abs(came) - abs(forecast)), "another error now"
assert abs(found["half a breath late"]) < 1e-9 and found["0 to 6 mm too far"] < 0.01 < 5 < found["0 to 6 mm too near"]
END
