#!/bin/sh
# forecast-performance 1.0.0, fair_crps and fair_crps_ensemble_spread, on ensembles of 2, 5, 10 and 50 forecasts that
# come from the very distribution of the truth, normal with 1 mm.
#
# Expected: "the fair CRPS removes the positive bias introduced by finite ensemble size": 0.564 mm (1 / sqrt(pi)) for
# each size, as the CRPS of the distribution itself, and as the sum over pairs of members gives it.
# Seen: 0.77, 0.65, 0.61 and 0.57 mm. What is taken off is p (1 - p) times the step between two members, and each p (1 -
# p) is squared here; a quarter at most of the bias goes. So a good forecast with few members loses against a worse one
# with many: five members of the truth against fifty that are 0.4 mm off. The plain crps is right.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder"
"$folder/bin/python" -m pip install --quiet --disable-pip-version-check \
	forecast-performance==1.0.0 numpy==2.4.6 scipy==1.17.1 pandas==3.1.1 matplotlib==3.11.2 plotly==7.1.0 \
	pyarrow==26.0.1
cd "$folder"
"$folder/bin/python" -W ignore - <<'END'
import numpy as np
from forecast_performance import crps, fair_crps

SAMPLES = 20000
generator = np.random.default_rng(0)
truth = generator.standard_normal(SAMPLES)


def by_pairs(members, fair):
    # mean |x - y| less half the mean |x - x'|, over all pairs or over pairs of two different members
    count = members.shape[1]
    apart = sum(np.abs(members[:, [i]] - members).sum(axis=1) for i in range(count))
    near = np.abs(members - truth[:, None]).mean(axis=1)
    return float(np.mean(near - apart / (2 * count * (count - 1 if fair else count))))


def scores(members):
    count = members.shape[1]
    levels = np.arange(1, count + 1) / count
    return (
        float(crps(members, levels, truth, "ensemble")), by_pairs(members, fair=False),
        float(fair_crps(members, levels, truth, "ensemble")), by_pairs(members, fair=True),
    )


found = {count: scores(generator.standard_normal((SAMPLES, count))) for count in (2, 5, 10, 50)}
for count, (plain, plain_true, fair, fair_true) in found.items():
    print(f"{count} members: CRPS {plain:.3f} mm, by pairs {plain_true:.3f}; fair {fair:.3f}, by pairs {fair_true:.3f}")
    assert abs(plain - plain_true) < 1e-6
    assert abs(fair_true - 1 / np.sqrt(np.pi)) < 0.01
_, _, worse, worse_true = scores(0.4 + generator.standard_normal((SAMPLES, 50)))
print(f"50 members 0.4 mm off: fair {worse:.3f}, by pairs {worse_true:.3f}")
assert found[2][2] > 0.74 and found[5][2] > 0.63, "the fair CRPS is fair now"
assert found[5][3] < worse_true and found[5][2] > worse
END
