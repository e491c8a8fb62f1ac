"""External markers as in arXiv 2403.01607: settings chosen on the validation span, scored on the test span."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from cinecast.errors import ReadError
from cinecast.forecast import is_offline
from cinecast.reproduce.effort import Effort
from cinecast.score.scoring import Score
from cinecast.series import Spans, Trace, TraceSource, group_columns, plan_series, read_trace, run_task
from cinecast.settings import ForecastSettings, Protocol
from cinecast.store import RunFolder
from cinecast.store.digests import json_digest
from cinecast.tuning.grid import Grid, paper_grid
from cinecast.tuning.search import all_diverged, grid_search, search_settings
from cinecast.tuning.trial import Series

_TEST_SEED = 1


class Rate(NamedTuple):
    """One sampling rate of the paper: array in the files, spans and horizons in samples."""

    array: str
    hz: float
    spans: Spans
    horizons: tuple[int, ...]


RATES = {
    "3.33": Rate("hz_3.33", 3.33, Spans(100, 200, 180), tuple(range(1, 8))),
    "10": Rate("hz_10", 10.0, Spans(300, 600, 540), tuple(range(1, 22))),
    "30": Rate("hz_30", 30.0, Spans(900, 1800, 1620), tuple(range(3, 64, 3))),
}


@dataclass(frozen=True, eq=False)
class MarkerRecording:
    """Three markers of one recording at one rate."""

    trace: Trace
    rate: Rate
    run: Path

    @property
    def name(self) -> str:
        """Name of the recording and its rate."""
        return self.trace.name

    def train_end(self, method: str) -> int:
        """Return the train end of a method: those fitted once have the published, longer train span."""
        spans = self.rate.spans
        return int((spans.offline_train_end if is_offline(method) else spans.train_end) or 0)

    def series(self, method: str, horizon: int) -> Series:
        """Return the samples up to the end of the validation span.

        Parameters
        ----------
        method
            Name of the method, which decides the train span.
        horizon
            Horizon in samples.

        Returns
        -------
        Series
            Samples of shape (validation end, K), with train end and horizon; nothing of the test span is in them.
        """
        return Series(self.trace.samples[: self.rate.spans.validation_end], self.train_end(method), horizon)

    def grid(self, method: str, horizon: int) -> Grid:
        """Return the papers' grid of a method.

        Parameters
        ----------
        method
            Name of the method.
        horizon
            Horizon in samples; histories that leave no pair in the train span are left out.

        Returns
        -------
        The grid, not thinned.
        """
        return paper_grid(method, "markers", self.rate.hz, longest=self.train_end(method) - horizon)


def find_recordings(folder: Path, rate: str, out: Path) -> list[MarkerRecording]:
    """Read ``markers-N.npz`` of a folder at one rate.

    Parameters
    ----------
    folder
        Folder of the recordings, each with one array for each rate.
    rate
        One of `RATES`: ``"3.33"``, ``"10"`` or ``"30"``, in Hz.
    out
        Folder in which each recording gets a run folder.

    Returns
    -------
    The recordings in order of their file names.

    Raises
    ------
    ReadError
        If there are none.
    """
    files = sorted(folder.glob("markers-*.npz"))
    if not files:
        raise ReadError(f"--data must hold recordings markers-N.npz, got none in {folder}; check --data")
    known = RATES[rate]
    traces = [read_trace(file, TraceSource(array=known.array, sample_rate_hz=known.hz)) for file in files]
    return [MarkerRecording(trace, known, out / trace.name) for trace in traces]


@dataclass(frozen=True, eq=False)
class MarkerCell:
    """One method at one horizon of one recording in one protocol: choose, forecast, score."""

    subject: MarkerRecording
    method: str
    horizon: int
    protocol: Protocol
    effort: Effort

    @property
    def key(self) -> str:
        """Folder of the result in the run."""
        return f"reproduce/{self.protocol}/{self.method}/h{self.horizon:03d}"

    @property
    def horizon_s(self) -> float:
        """The horizon in s."""
        return self.horizon / self.subject.rate.hz

    def values(self) -> dict[str, Any]:
        """Return what the result depends on beside the samples, as plain values."""
        return {
            "grid": dict(self._grid().values),
            "horizon": self.horizon,
            **self.effort.evaluation(self.protocol).values(),
            "test_runs": self.effort.test_runs,
            "spans": list(self.subject.rate.spans.__dict__.values()),
        }

    def inputs(self, store: RunFolder) -> dict[str, str]:
        """Return the digest of the samples."""
        del store
        return {"samples": json_digest(self.subject.trace.samples.tolist())}

    def compute(self) -> dict[str, Any]:
        """Return what was chosen and the scores over the test span, as plain values.

        Raises
        ------
        SettingsError
            If every run of every setting diverged.
        """
        series = self.subject.series(self.method, self.horizon)
        trials, best = search_settings(
            series, self.method, grid_search(self._grid()), self.effort.evaluation(self.protocol)
        )
        if best is None:
            raise all_diverged(self.method, self.horizon, len(trials))
        settings = dict(best.settings)
        return {
            "modes": series.samples.shape[1],
            "settings": settings,
            "validation_nrmse": best.nrmse,
            "tried": len(trials),
            "diverged": sum(trial.diverged for trial in trials),
            "scores": self._scores(settings),
        }

    def _grid(self) -> Grid:
        grid = self.subject.grid(self.method, self.horizon)
        return grid.thinned(self.effort.values) if self.effort.values else grid

    def _scores(self, settings: dict[str, float | int]) -> list[Score]:
        trace = self.subject.trace
        forecast = ForecastSettings(
            methods=(self.method,),
            horizons=(str(self.horizon),),
            protocol=self.protocol,
            runs=self.effort.test_runs,
            seed=_TEST_SEED,
            method_settings={self.method: dict(settings)},
        )
        plan = plan_series(trace, group_columns(trace.columns, "3d", named=False), forecast, self.subject.rate.spans)
        task = next(task for task in plan.tasks if task.method == self.method)
        return run_task(plan, task).scores
