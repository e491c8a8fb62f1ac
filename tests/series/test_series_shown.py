"""What a page shows of several runs: the mean of those that went on to the last forecast."""

from __future__ import annotations

import numpy as np

from cinecast.horizon import Horizon
from cinecast.series.plan import SeriesTask
from cinecast.series.shown import shown_forecast
from cinecast_models import method_settings


def test_runs_that_diverged_count_nowhere_also_where_the_last_sample_has_no_forecast(rng: np.random.Generator) -> None:
    task = SeriesTask("rls", method_settings("rls"), Horizon(1, 0.1), 4)
    forecasts = rng.normal(size=(4, 12, 2))
    forecasts[:, [*range(5), 8, 11]] = np.nan  # before the first, at a gap, and of a last sample behind another
    forecasts[1, 9:] = forecasts[3, 6:] = np.nan  # two runs diverge
    found = shown_forecast(task, forecasts, forecasts - 1, forecasts + 2)
    kept = forecasts[[0, 2]]
    assert found.runs == 2
    np.testing.assert_allclose(found.mean, kept.mean(axis=0))
    np.testing.assert_allclose(found.low, kept.mean(axis=0) - 1)
    np.testing.assert_allclose(found.high, kept.mean(axis=0) + 2)
    none = shown_forecast(task, np.full((2, 12, 2), np.nan), forecasts[:2], forecasts[:2])
    assert none.runs == 0
    assert np.isnan(none.mean).all()
