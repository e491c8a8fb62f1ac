"""Runs from Python: make or update one, open one, and take out of it what it measured and forecast."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from cinecast.errors import ReportError
from cinecast.horizon import parse_horizons
from cinecast.report.data import ReportData
from cinecast.run.reports import scores_of
from cinecast.run.runner import run_sequence as run_stages
from cinecast.run.saved import saved_run
from cinecast.run.settings_sources import resolve_settings
from cinecast.sequence import Sequence as CineSequence
from cinecast.workbench.score_rows import as_columns, typed_rows
from cinecast_models.real_samples import is_whole

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from cinecast.figures import FigureChoice


@dataclass(frozen=True, eq=False)
class OpenedRun:
    """A run on the disk, finished or not, as it was when it was opened.

    Parameters
    ----------
    path
        The run folder.
    data
        All that the run measured and forecast, as its report is drawn from it.
    """

    path: Path
    data: ReportData

    @property
    def sequence(self) -> CineSequence:
        """The real frames with their times, spacing, ROI and split."""
        return self.data.sequence

    @property
    def methods(self) -> tuple[str, ...]:
        """Names of the methods, references included."""
        return tuple(dict.fromkeys(entry.method for entry in self.data.entries))

    @property
    def horizons_s(self) -> tuple[float, ...]:
        """The horizons in s, shortest first."""
        return tuple(sorted({entry.horizon.seconds for entry in self.data.entries if entry.horizon.frames}))

    @property
    def missing(self) -> tuple[str, ...]:
        """What the run lacks, one sentence each; empty for a run that is whole."""
        return self.data.missing

    @property
    def scores(self) -> list[dict[str, Any]]:
        """The table of scores, one dictionary a row with the columns of ``score/scores.csv``; `pandas` takes it."""
        return typed_rows(self.data.scores)

    @property
    def score_columns(self) -> dict[str, list[Any]]:
        """The same table as columns by name."""
        return as_columns(self.scores)

    @property
    def reference(self) -> int:
        """Index of the reference frame."""
        return self.data.flows[0].reference

    @property
    def dvf(self) -> NDArray[np.float32] | None:
        """The measured motion, shape (T, H, W, 2), pixels, last axis (x, y); None where it is missing."""
        return self.data.flows[0].all_dvf

    def weights(self, method: str | None = None) -> NDArray[np.float64]:
        """Return the measured weights (T, K) of the motion model that a method forecasts; by default of the first.

        They are a copy, as those of `forecasts` are: what is done to it reaches no figure and no predicted frame.
        """
        entry = next((each for each in self.data.entries if method in (None, each.method)), None)
        if entry is None:
            raise ReportError(f"method must be one of {', '.join(self.methods)}, got {method!r}; choose one of these")
        return self.data.models[entry.model].weights.copy()

    def forecasts(self, method: str, horizon: str) -> NDArray[np.float64]:
        """Return forecast weights.

        Parameters
        ----------
        method
            Name of the method.
        horizon
            ``"3"`` frames or ``"0.5s"``.

        Returns
        -------
        NDArray[np.float64]
            Shape (R, T, K): by the frame that they are of, NaN where none was issued.
        """
        from cinecast.figures.choice import show

        return show(self.data, self._choice(method, horizon)).entry.forecasts.copy()

    def predicted(self, frame: int, method: str, horizon: str, sample: int = 0) -> NDArray[Any]:
        """Return the frame that a forecast predicts.

        Parameters
        ----------
        frame
            Index of a frame of the sequence.
        method, horizon
            As for `forecasts`.
        sample
            Which random run, counted from 0.

        Returns
        -------
        NDArray[Any]
            Shape (H, W), type and unit of the frames.

        Raises
        ------
        cinecast.errors.CinecastError
            If there is no such frame, or no forecast of it.
        """
        from cinecast.figures.choice import show

        frames = len(self.sequence.frames)
        if not is_whole(frame) or not 0 <= frame < frames:
            raise ReportError(
                f"frame must be a whole number from 0 to {frames - 1}, got {frame!r}; choose one of these"
            )
        return show(self.data, self._choice(method, horizon, sample)).predicted(int(frame))

    def figure(
        self,
        kind: str = "frames",
        *,
        method: str | None = None,
        horizon: str | None = None,
        sample: int | None = None,
        frame: int | None = None,
        region: str | None = None,
        width_mm: float | None = None,
    ) -> Figure:
        """Draw a figure, as `cinecast figure` does it.

        Parameters
        ----------
        kind
            ``horizons``, ``weights``, ``mmode``, ``frames``, ``modes`` or ``radius``.
        method, horizon, sample, frame, region
            What to show: by default the best forecaster at the shortest horizon, and the error at the landmarks, or
            in the ROI where there are none.
        width_mm
            Width in mm; by default one or two columns of a journal.

        Returns
        -------
        matplotlib.figure.Figure
            Notebooks show it; ``figure.savefig("figure.pdf")`` writes it.
        """
        from cinecast.figures.draw import make_figure

        return make_figure(self.data, kind, self._choice(method, horizon, sample, frame, region), width_mm=width_mm)

    def _choice(
        self,
        method: str | None,
        horizon: str | None,
        sample: int | None = None,
        frame: int | None = None,
        region: str | None = None,
    ) -> FigureChoice:
        from cinecast.figures import FigureChoice

        frames = None if horizon is None else parse_horizons((str(horizon),), self.sequence.frame_period_s)[0].frames
        return FigureChoice(method, frames, sample, frame, region)

    def __repr__(self) -> str:
        horizons = ", ".join(f"{seconds:.2f}" for seconds in self.horizons_s)
        lacks = f", {len(self.missing)} parts missing" if self.missing else ""
        return f"<OpenedRun {self.path}: {self.sequence!r}; {', '.join(self.methods)} at {horizons} s{lacks}>"


def open_run(path: str | Path) -> OpenedRun:
    """Open a run folder that `cinecast run` or `run_sequence` made.

    Raises
    ------
    cinecast.errors.CinecastError
        If the folder is no run, or is in use.
    """
    with saved_run(Path(path)) as gathering:
        return OpenedRun(Path(path), gathering.report_data(scores_of(gathering)))


def run_sequence(
    source: str | Path,
    out: str | Path,
    *,
    methods: Sequence[str] | str | None = None,
    horizons: Sequence[str | int] | str | int | None = None,
    settings: Mapping[str, Any] | str | Path | None = None,
    preset: str | None = None,
    workers: int | None = None,
) -> OpenedRun:
    """Forecast the frames of a sequence and score them in mm, as `cinecast run` does it; what is up to date is kept.

    Parameters
    ----------
    source
        File or folder of the sequence.
    out
        The run folder; made if missing.
    methods, horizons
        Names of methods, and horizons as ``"3"`` or 3 frames or ``"0.5s"``, one or several; None for those of the run,
        or the defaults.
    settings
        Tables as in a settings file, such as ``{"flow": {"levels": 3}}``, laid over those of the run; or the path of
        a settings file, which stands in the place of them.
    preset
        ``published`` for the settings and the (non-causal) protocol of the papers.
    workers
        Threads; None for one per processor.

    Returns
    -------
    OpenedRun
        The finished run.

    Raises
    ------
    cinecast.errors.CinecastError, cinecast_models.ForecastingError
        If the input, a setting or the run folder breaks a rule; what was finished before is kept.
    """
    asked = {"methods": _listed(methods), "horizons": _listed(horizons)}
    forecast = {name: given for name, given in asked.items() if given}
    file = None if settings is None or isinstance(settings, Mapping) else Path(settings)
    changes = [dict(settings)] if isinstance(settings, Mapping) else []
    source, out = Path(source), Path(out)
    resolved = resolve_settings(source, out, file, preset, [*changes, {"forecast": forecast}])
    run_stages(source, out, resolved, workers=workers or os.cpu_count() or 1)
    return open_run(out)


def _listed(given: Sequence[Any] | str | int | None) -> list[Any]:
    """Return one text or number, or several, as a list of them; those of numpy as plain ones."""
    if given is None:
        return []
    each = np.asarray(given).tolist() if isinstance(given, np.ndarray | np.generic) else given
    return list(each) if isinstance(each, Iterable) and not isinstance(each, str) else [each]
