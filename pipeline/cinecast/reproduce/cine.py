"""Cine sequences as in arXiv 2410.05882: settings and modes chosen on the validation span, scored on the test span."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from cinecast.errors import GapsError, ReadError
from cinecast.flow.reference import reference_index
from cinecast.forecast import is_offline
from cinecast.frames import read_sidecar
from cinecast.motion.drift import ForecastMotion
from cinecast.progress import Progress
from cinecast.reproduce.effort import PAPERS, Effort
from cinecast.run.runner import run_sequence
from cinecast.run.scope import Scope
from cinecast.score.frame_scores import FRAME_METRICS, score_frames, summarise_frames
from cinecast.score.regions import regions_of
from cinecast.score.scoring import Score, Truth
from cinecast.sequence import Split
from cinecast.settings import Protocol, Settings
from cinecast.settings.preset import preset_tables
from cinecast.settings.toml_file import build_settings, merge
from cinecast.store import RunFolder
from cinecast.store import artifacts as art
from cinecast.tuning.grid import Grid, paper_grid
from cinecast.tuning.search_task import SearchSpan, SearchTask, run_search
from cinecast.tuning.trial import Series
from cinecast.warp import PushForward
from cinecast_models import forecast_series, method_settings

# Forecasts are judged with other random draws than the settings were chosen with.
_TEST_SEED = 1


@dataclass(frozen=True)
class CineSequence:
    """A sequence whose frames, published flow and motion models lie in a run folder; light enough to send to a worker.

    Parameters
    ----------
    name
        Name of the sequence.
    frame_period_s
        Time between frames in s.
    split
        Train, validation and test spans.
    settings
        Settings of the stages up to the motion models, and of warp and score.
    run
        The run folder.
    """

    name: str
    frame_period_s: float
    split: Split
    settings: Settings
    run: Path

    def train_end(self, method: str) -> int:
        """Return the train end of a method: those fitted once have the published, longer train span."""
        offline = self.settings.motion.offline_train_end if is_offline(method) else None
        return offline or self.split.train_end

    def grid(self, method: str, horizon: int) -> Grid:
        """Return the papers' grid of a method.

        Parameters
        ----------
        method
            Name of the method.
        horizon
            Horizon in frames; histories that leave no pair in the train span are left out.

        Returns
        -------
        The grid, not thinned.
        """
        return paper_grid(method, "cine", 1 / self.frame_period_s, longest=self.train_end(method) - horizon)

    def series(self, method: str, horizon: int) -> Series:
        """Return the weights of all modes up to the end of the validation span.

        Parameters
        ----------
        method
            Name of the method, which decides the train span.
        horizon
            Horizon in frames.

        Returns
        -------
        Series
            Samples of shape (validation end, K), with train end and horizon; nothing of the test span is in them.
        """
        end = self.train_end(method)
        weights = art.load_weights(self.run / art.motion_key(end))[: self.split.validation_end]
        return Series(weights, end, horizon)


def prepare_sequence(source: Path, out: Path, progress: Progress, workers: int) -> CineSequence:
    """Make or reuse frames, published flow and motion models of a sequence.

    Parameters
    ----------
    source
        File or folder of the sequence, with a sidecar beside it that has a ``published`` block.
    out
        Its run folder; made if it is missing.
    progress
        Hears of the work.
    workers
        Processes on this machine.

    Returns
    -------
    The sequence, without its frames: they lie in the run folder.

    Raises
    ------
    CinecastError
        If the sequence cannot be read or misses frames, or its sidecar has no ``published`` block.
    """
    sidecar = read_sidecar(source)
    tables = preset_tables("published", sidecar.published, sidecar.file_name)
    # Persistence and a method that is fitted once: with both, both motion models are made.
    forecast = {"methods": ["linear"], "horizons": ["1"]}
    settings = build_settings(merge(tables, {"motion": {"modes": max(PAPERS.modes)}, "forecast": forecast}))
    try:
        run_sequence(source, out, settings, scope=Scope(until="motion"), progress=progress, workers=workers)
    except GapsError as error:
        # Whatever the protocol: the papers know of no gaps, and figures over others would say nothing of theirs.
        raise ReadError(
            f"--data must hold sequences without gaps, as those of the papers are, got {source.name}, which misses "
            "frames; take it away"
        ) from error
    sequence = art.load_sequence(out / art.FRAMES)
    return CineSequence(sequence.name, sequence.frame_period_s, sequence.split, settings, out.absolute())


@dataclass(frozen=True, eq=False)
class CineCell:
    """One method at one horizon of one sequence in one protocol: choose, forecast, warp, score."""

    subject: CineSequence
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
        return self.horizon * self.subject.frame_period_s

    def values(self) -> dict[str, Any]:
        """Return what the result depends on beside the artifacts of the run, as plain values."""
        settings = self.subject.settings
        scoring = {"warp": asdict(settings.warp), "score": asdict(settings.score)}
        return self._tuning().values() | {"test_runs": self.effort.test_runs} | scoring

    def inputs(self, store: RunFolder) -> dict[str, str]:
        """Return the digests of what is read."""
        motion = art.motion_key(self.subject.train_end(self.method))
        read = [(motion, name) for name in art.FILES["motion"]]
        read += [(art.FRAMES, "frames.npy"), (art.FRAMES, "sequence.json"), (art.FLOW, "dvf.npy")]
        return {name: store.digest(key, name) for key, name in read}

    def compute(self) -> dict[str, Any]:
        """Return what was chosen and the scores over the test span, as plain values."""
        choice = run_search(self.subject.run, self._tuning())
        best = choice.best
        return {
            "modes": best.modes,
            "settings": dict(best.settings),
            "validation_nrmse": best.nrmse,
            "tried": len(choice.trials),
            "diverged": sum(trial.diverged for trial in choice.trials),
            "scores": self._scores(best.modes, dict(best.settings)),
        }

    def _tuning(self) -> SearchTask:
        subject, effort = self.subject, self.effort
        grid = subject.grid(self.method, self.horizon)
        return SearchTask(
            method=self.method,
            horizon=self.horizon,
            span=SearchSpan(subject.train_end(self.method), subject.split.validation_end),
            modes=effort.modes,
            reference=reference_index(subject.settings.flow),
            evaluation=effort.evaluation(self.protocol),
            grid=grid.thinned(effort.values) if effort.values else grid,
            trials=0,
            rate_hz=1 / subject.frame_period_s,
            black_beyond=True,
        )

    def _scores(self, modes: int, settings: dict[str, float | int]) -> list[Score]:
        subject = self.subject
        sequence = art.load_sequence(subject.run / art.FRAMES)
        folder = subject.run / art.motion_key(subject.train_end(self.method))
        model, weights = art.load_motion_model(folder).first(modes), art.load_weights(folder)[:, :modes]
        dvf = art.load_array(subject.run / art.FLOW / "dvf.npy")
        motion = ForecastMotion(model, self.horizon)
        truth = Truth(sequence, dvf, motion, weights, float(subject.settings.score.ssim_data_range or np.nan))
        forecasts = forecast_series(
            weights,
            method=self.method,
            settings=method_settings(self.method, settings),
            horizon=self.horizon,
            train_end=subject.train_end(self.method),
            protocol=self.protocol,
            runs=self.effort.test_runs,
            seed=_TEST_SEED,
        ).forecasts
        warp = PushForward(sequence.frames[reference_index(subject.settings.flow)], subject.settings.warp)
        shape = (len(forecasts), len(truth.test_frames), len(regions_of(sequence)), len(FRAME_METRICS))
        scores = np.full(shape, np.nan)
        for run, forecast in enumerate(forecasts):
            if np.isfinite(forecast[list(truth.test_frames)]).all():
                own = forecasts[run : run + 1]
                scores[run] = score_frames(truth, own, lambda _run, _t, dvf: warp.grey_values(dvf)).errors[0]
        return summarise_frames(truth, scores)
