"""Figures of runs that are on the disk."""

from __future__ import annotations

from pathlib import Path

from cinecast.errors import ReportError
from cinecast.horizon import parse_horizons
from cinecast.run.reports import scores_of
from cinecast.run.saved import saved_run
from cinecast.store.pages import write_one_file

# Names of `cinecast.figures.KINDS`, which is loaded only when something is drawn: matplotlib takes half a second.
FIGURE_KINDS = ("horizons", "weights", "mmode", "frames", "modes", "radius")


def write_figure(
    run: Path,
    kind: str,
    out: Path,
    *,
    method: str | None = None,
    horizon: str | None = None,
    sample: int | None = None,
    frame: int | None = None,
    region: str | None = None,
    width_mm: float | None = None,
) -> tuple[str, ...]:
    """Draw one figure of a run, finished or not.

    Parameters
    ----------
    run
        The run folder.
    kind
        One of `FIGURE_KINDS`.
    out
        File to write; its ending says the format.
    method, horizon, sample, frame, region
        What to show, see `cinecast.figures.FigureChoice`; the horizon as people give it, ``"3"`` frames or ``"0.5s"``.
    width_mm
        Width in mm.

    Returns
    -------
    tuple of str
        What the run lacks, so that no figure shows it.

    Raises
    ------
    StoreError
        If the run cannot be read or the file cannot be written.
    ReportError
        If the run does not hold what the figure shows, or the figure has no such choice.
    SettingsError
        If the horizon is no horizon.
    """
    from cinecast.figures import FigureChoice, draw_figure

    if not out.suffix:
        raise ReportError(f"a figure must end in .pdf, .svg or .png, got {out.name!r}; give --out such an ending")
    with saved_run(run) as gathering:
        data = gathering.report_data(scores_of(gathering))
        frames = None
        if horizon is not None:
            frames = parse_horizons((horizon,), gathering.sequence.frame_period_s)[0].frames
        choice = FigureChoice(method, frames, sample, frame, region)
        content = draw_figure(data, kind, out.suffix[1:].lower(), choice=choice, width_mm=width_mm)
        missing = gathering.missing
    write_one_file(out, content)
    return missing
