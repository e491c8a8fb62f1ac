"""NON-CAUSAL replay of the published evaluation, only for comparison with published tables.

After each forecast the target is handed over at once, `horizon - 1` frames before a real system could have it. This
module takes a whole recorded series; the stream in `cinecast_models.online_driver` cannot reach it.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from cinecast_models.engine import ForecastEngine
from cinecast_models.forecaster import Array
from cinecast_models.windows import histories


def replay_non_causally(engine: ForecastEngine, series: Array, filled: NDArray[np.bool_]) -> Iterator[Array | None]:
    """Yield, frame by frame, the forecast issued at that frame under the published protocol.

    At each step the method predicts from the history ending there, then learns that history with its target from
    the future. With a horizon of 1 the forecasts equal those of the causal stream bit for bit. With longer ones the
    first forecasts are of the first frames after the train span, and issued before it has ended: the published
    evaluation, and with it its choice of settings, begins there.

    Parameters
    ----------
    engine
        A new engine, not calibrated yet.
    series
        The whole recorded series, shape (T, K).
    filled
        Which samples were filled in, shape (T,): they are in histories alone.

    Yields
    ------
    Array or None
        Forecast of shape (R, K); None before frame ``train_end - horizon``.
    """
    first = engine.train_end - engine.horizon
    for _ in range(first):
        yield None
    none = np.zeros(engine.train_end, dtype=bool)
    engine.calibrate(series[: engine.train_end], filled[: engine.train_end], none, none)
    samples = engine.standardisation.apply(series)
    windows = histories(samples, engine.history_length)
    # Calibration learned the pairs wholly in the train span; histories that end there with targets after it come first.
    for frame in range(first, len(series)):
        window = windows[frame - engine.history_length + 1]
        forecast = engine.predict(window[np.newaxis], frame)
        target = frame + engine.horizon
        if target < len(series):
            engine.learn(window, samples[target], frame, skip=bool(filled[target]))
        yield forecast
