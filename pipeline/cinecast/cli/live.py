"""``cinecast live``: forecasts while the frames come."""

from __future__ import annotations

import math
import signal
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cinecast.cli.console import output
from cinecast.cli.live_display import LiveDisplay, live_table
from cinecast.cli.options import (
    FramePeriodOption,
    PixelSpacingOption,
    PlaneOption,
    SeriesOption,
    SetOption,
    SettingsOption,
    frames_table,
)
from cinecast.errors import CinecastError, SettingsError
from cinecast.live import FrameSource, LiveForecaster, LiveSession, RecordedSource, WatchedSource, record, summary_of
from cinecast.run.settings_sources import resolve_settings
from cinecast.settings.toml_file import parse_assignment, settings_text
from cinecast.store.live_folder import LiveFolder
from cinecast_models import ForecastingError

if TYPE_CHECKING:
    from cinecast.live.page import LivePage


def live(
    sequence: Annotated[
        Path,
        typer.Argument(
            metavar="SEQUENCE|FOLDER", help="A sequence to replay, or with --watch a folder.", show_default=False
        ),
    ],
    out: Annotated[Path, typer.Option("--out", metavar="LIVE", help="A new folder for forecasts.", show_default=False)],
    method: Annotated[str, typer.Option("--method", metavar="NAME", help="The forecaster.")] = "rls",
    horizon: Annotated[str, typer.Option("--horizon", metavar="0.5s|3", help="Seconds, kept as given, or frames.")] = (
        "0.5s"
    ),
    rate: Annotated[str, typer.Option("--rate", help="real: frames come at their times; max: one after another.")] = (
        "real"
    ),
    watch: Annotated[
        bool, typer.Option("--watch", help="Wait for DICOM files that a scanner writes into FOLDER; Ctrl-C ends.")
    ] = False,
    idle: Annotated[
        float | None, typer.Option("--idle", metavar="SECONDS", help="With --watch, end when nothing came for so long.")
    ] = None,
    calibration: Annotated[
        int | None,
        typer.Option(
            "--calibration",
            metavar="FRAMES",
            help="Frames to calibrate on. [default: the train span of the sequence; 90 of a watched folder]",
        ),
    ] = None,
    recalibrate: Annotated[
        bool, typer.Option("--recalibrate", help="Fit anew from recent frames when the motion is no longer explained.")
    ] = False,
    page: Annotated[
        int | None,
        typer.Option(
            "--page",
            metavar="PORT",
            help="Show frames and figures in a browser at http://127.0.0.1:PORT; 0 for any free port.",
        ),
    ] = None,
    settings: SettingsOption = None,
    assignments: SetOption = None,
    frame_period: FramePeriodOption = None,
    pixel_spacing: PixelSpacingOption = None,
    series: SeriesOption = None,
    plane: PlaneOption = None,
) -> None:
    """Forecast each frame before the next one arrives: calibrate on the first frames, then forecast from every frame.

    Forecasts are written to LIVE as they are made. Ctrl-C ends the session; its results are complete.
    """
    frames: dict[str, Any] = frames_table(frame_period, pixel_spacing, series, plane)
    if calibration is not None:
        frames["train_end"] = calibration
    changes = [{"frames": frames}, *map(parse_assignment, assignments or [])]
    resolved = resolve_settings(sequence, out, settings, None, changes)
    _check_options(rate, watch, idle)
    title = f"{sequence.name}, {method} {horizon} ahead"
    with _until_interrupted() as stop, _page(page, sequence.name, method, horizon) as shown:
        source: FrameSource
        if watch:
            source = WatchedSource(sequence, resolved.frames, idle, stop)
        else:
            source = RecordedSource(sequence, resolved.frames, rate == "real", stop)
        forecaster = LiveForecaster(
            resolved,
            method=method,
            horizon=horizon,
            calibration_frames=source.train_end,
            recalibrate=recalibrate,
            digests=source.digests,
        )
        session = LiveSession(forecaster, source.spacing_mm)
        folder = LiveFolder(out, settings_text(resolved))
        try:
            _forecast(source, session, folder, title, shown)
        except (CinecastError, ForecastingError):
            if forecaster.calibration is None:  # a mistake to be mended: the same --out can be given again
                folder.discard()
            raise
        finally:
            folder.close(summary_of(session, method, horizon))
    _print_result(session, folder, title, source.train_end)
    if stop.is_set():
        raise typer.Abort


def _page(port: int | None, name: str, method: str, horizon: str) -> AbstractContextManager[LivePage | None]:
    if port is None:
        return nullcontext()
    from cinecast.live.page import LivePage  # with the report's parts, which take a second to load

    page = LivePage(port, name, method, horizon)
    output.print(f"Page: {page.url}", highlight=False, soft_wrap=True)
    return page


def _forecast(source: FrameSource, session: LiveSession, folder: LiveFolder, title: str, page: LivePage | None) -> None:
    with LiveDisplay(session, title) as display:
        for arrived in source.arrivals():
            taken = session.take(arrived)
            record(folder, session, source, taken)
            if page is not None:
                page.show(arrived, taken, session, source)
            display.show(taken)


def _check_options(rate: str, watch: bool, idle: float | None) -> None:
    if rate not in ("real", "max"):
        raise SettingsError(f"--rate must be real or max, got {rate!r}; choose one of these")
    if watch and rate == "max":
        raise SettingsError("--rate must be left out with --watch, got max: frames come when the scanner writes them")
    if idle is not None and not (watch and 0 < idle < math.inf):
        raise SettingsError(f"--idle takes a positive number of seconds, with --watch, got {idle:g}; change it")


@contextmanager
def _until_interrupted() -> Iterator[Event]:
    """Give an event that the first Ctrl-C sets, so that no result is cut short; a second one ends the program."""
    stop = Event()

    def interrupt(*_: object) -> None:
        stop.set()
        signal.signal(signal.SIGINT, signal.default_int_handler)

    before = {number: signal.signal(number, interrupt) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _print_result(session: LiveSession, folder: LiveFolder, title: str, wanted: int) -> None:
    if session.forecaster.calibration is None:
        output.print(
            f"no forecast: {session.forecaster.collected} of {wanted} frames to calibrate on came",
            highlight=False,
        )
    else:
        output.print(live_table(session, title))
    if folder.unwritten:
        output.print(f"{folder.unwritten} results found no place on the disk", highlight=False)
    output.print(f"Forecasts: {folder.root}", highlight=False, soft_wrap=True)
