"""``cinecast live``: forecasts while the frames come."""

from __future__ import annotations

import math
import signal
import sys
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import replace
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING

import typer

from cinecast.cli.console import output
from cinecast.cli.live_display import LiveDisplay, live_table
from cinecast.cli.live_options import (
    BindOption,
    CalibrationOption,
    ClockOption,
    IdleOption,
    LiveFolderOption,
    MarginOption,
    OneHorizonOption,
    OneMethodOption,
    PageOption,
    RateOption,
    RecalibrateOption,
    SendOption,
    StreamArgument,
    TickOption,
    WatchOption,
)
from cinecast.cli.options import (
    FramePeriodOption,
    KindOption,
    LandmarksOption,
    MemoryLimitOption,
    PixelSpacingOption,
    PlaneOption,
    SeriesOption,
    SetOption,
    SettingsOption,
    TargetFrameOption,
    TargetLabelOption,
    TargetNameOption,
    TargetOption,
    frames_table,
    target_tables,
)
from cinecast.errors import CinecastError, SettingsError

if TYPE_CHECKING:
    from cinecast.live import FrameSource, LiveSession
    from cinecast.live.page import LivePage
    from cinecast.live.target_intake import TargetIntake
    from cinecast.settings import Settings, TargetSettings
    from cinecast.store.live_folder import LiveFolder


# A thread that fits a model holds back the one that forecasts for so many seconds at most, each time that it wants to
# go on; the interpreter's own 5 ms would add up to more than a frame period.
_SWITCH_S = 2e-4


def live(
    sequence: StreamArgument,
    out: LiveFolderOption,
    method: OneMethodOption = "mixture",
    horizon: OneHorizonOption = "0.5s",
    rate: RateOption = "real",
    watch: WatchOption = False,
    idle: IdleOption = None,
    calibration: CalibrationOption = None,
    recalibrate: RecalibrateOption = False,
    page: PageOption = None,
    settings: SettingsOption = None,
    assignments: SetOption = None,
    frame_period: FramePeriodOption = None,
    pixel_spacing: PixelSpacingOption = None,
    series: SeriesOption = None,
    plane: PlaneOption = None,
    kind: KindOption = None,
    memory_limit: MemoryLimitOption = None,
    landmarks: LandmarksOption = None,
    target: TargetOption = None,
    target_label: TargetLabelOption = None,
    target_name: TargetNameOption = None,
    target_frame: TargetFrameOption = None,
    margin: MarginOption = None,
    clock: ClockOption = "message",
    tick: TickOption = None,
    send: SendOption = None,
    bind: BindOption = None,
) -> None:
    """Forecast each frame before the next one arrives: calibrate on the first frames, then forecast from every frame.

    Forecasts are written to LIVE as they are made. Ctrl-C ends the session and leaves complete results. The file of a
    target may come later: the session waits for it after the calibration.
    """
    from cinecast.cli.live_streams import check_stream_options, forecast_sender, once_per_wording
    from cinecast.live import LiveForecaster, LiveSession
    from cinecast.live.stream_address import is_stream
    from cinecast.run.own_targets import check_target_options, with_found_target
    from cinecast.run.settings_sources import resolve_settings
    from cinecast.settings.toml_file import parse_assignment
    from cinecast.single_thread import hold_opencv

    hold_opencv()  # the process is ours; `LiveForecaster` leaves that of its host alone
    frames = frames_table(frame_period, pixel_spacing, series, plane, kind, memory_limit)
    if calibration is not None:
        frames["train_end"] = calibration
    options = {"frames": frames} | ({} if landmarks is None else {"landmarks": {"file": str(landmarks)}})
    options |= target_tables(target, target_label, target_name, target_frame, None)
    changes = [options, *map(parse_assignment, assignments or [])]
    streamed = is_stream(str(sequence))
    check_stream_options(streamed, watch, clock, tick, send, bind)
    resolved = resolve_settings(sequence, out, settings, None, changes, watched=watch or streamed)
    resolved = resolved if watch or streamed else with_found_target(sequence, resolved)
    check_target_options(resolved.target)
    _check_options(rate, watch or streamed, idle, resolved.landmarks.file)
    _check_target(resolved.target, margin)
    title = f"{sequence.name}, {method} {horizon} ahead"
    with until_interrupted() as stop, _live_page(page, sequence.name, method, horizon) as shown:
        source = _source(sequence, out, resolved, rate, watch, idle, stop, clock, tick)
        forecaster = LiveForecaster(
            resolved,
            method=method,
            horizon=horizon,
            calibration_frames=source.train_end,
            recalibrate=recalibrate,
            beside=rate == "real",
            digests=source.digests,
        )
        hurried = rate == "real"
        margin_mm = resolved.score.margin_mm if margin is None else margin
        intake = _intake(resolved.target, margin_mm, source, hurried)
        session = LiveSession(forecaster, source.spacing_mm, source.own_landmarks, hurried=hurried, intake=intake)
        with (
            _short_turns(),
            once_per_wording(streamed),
            _live_folder(out, resolved, session, source, method, horizon) as folder,
            forecast_sender(send, bind, source, session),
        ):
            _forecast(source, session, folder, title, shown)
    _print_result(session, folder, title, source.train_end)
    if stop.is_set():
        raise typer.Abort


def _source(
    sequence: Path,
    out: Path,
    resolved: Settings,
    rate: str,
    watch: bool,
    idle: float | None,
    stop: Event,
    clock: str,
    tick: str | None,
) -> FrameSource:
    from cinecast.cli.live_streams import stream_source
    from cinecast.frames.landmark_list import read_landmark_list
    from cinecast.live import RecordedSource, WatchedSource
    from cinecast.live.stream_address import is_stream

    if is_stream(str(sequence)):
        return stream_source(str(sequence), resolved.frames, idle, stop, clock, tick)
    if watch:
        return WatchedSource(sequence, resolved.frames, idle, stop)
    file = resolved.landmarks.file
    marked = read_landmark_list(Path(file)) if file else ()
    return RecordedSource(sequence, resolved.frames, rate == "real", stop, marked, out)


def _intake(own: TargetSettings, margin_mm: float, source: FrameSource, hurried: bool) -> TargetIntake | None:
    if not own.files:
        return None
    from cinecast.live.target_intake import TargetIntake

    return TargetIntake(own, margin_mm, source.drawn_on, wait=not hurried)


def _live_page(port: int | None, name: str, method: str, horizon: str) -> AbstractContextManager[LivePage | None]:
    if port is None:
        return nullcontext()
    from cinecast.live.page import LivePage

    page = LivePage(port, name, method, horizon)
    output.print(f"Page: {page.url}", highlight=False, soft_wrap=True)
    return page


@contextmanager
def _live_folder(
    out: Path, resolved: Settings, session: LiveSession, source: FrameSource, method: str, horizon: str
) -> Iterator[LiveFolder]:
    """Give the folder of a session, which is closed with its summary."""
    from cinecast.frames.series_names import may_be_kept
    from cinecast.live import summary_of
    from cinecast.settings.toml_file import settings_text
    from cinecast.store.live_folder import LiveFolder
    from cinecast_models import ForecastingError

    if not may_be_kept(resolved.frames.series):  # of a scanner's folder that is watched
        resolved = replace(resolved, frames=replace(resolved.frames, series=None))
    folder = LiveFolder(out, settings_text(resolved), 0 if session.intake is None else session.intake.slots)
    try:
        yield folder
    except (CinecastError, ForecastingError):
        if session.calibration is None:  # a mistake to be mended: the same --out can be given again
            folder.discard()
        raise
    finally:
        facts = getattr(source, "facts", None)
        folder.close(summary_of(session, method, horizon) | ({"stream": facts()} if facts else {}))


def _forecast(
    source: FrameSource,
    session: LiveSession,
    folder: LiveFolder,
    title: str,
    page: LivePage | None,
) -> None:
    from cinecast.live import record_arrivals, record_forecast

    with LiveDisplay(session, title) as display:
        for arrived in source.arrivals():
            taken = session.take(arrived)
            record_forecast(folder, session, source, taken)
            known = session.follow_up(arrived, taken)
            record_arrivals(folder, session, known)
            newest = known[-1] if known and known[-1].is_of(taken) else taken
            if page is not None:
                page.show(arrived, newest, session, source)
            display.show(newest)
        record_arrivals(folder, session, session.finish())
        display.say_found()


def _check_options(rate: str, watch: bool, idle: float | None, marked: str) -> None:
    if rate not in ("real", "max"):
        raise SettingsError(f"--rate must be real or max, got {rate!r}; choose one of these")
    if watch and rate == "max":
        raise SettingsError("--rate must be left out with --watch or a stream, got max: frames come when they come")
    if watch and marked:
        raise SettingsError(
            f"landmarks.file (--landmarks) must be left out with --watch or a stream, got {marked}: it marks "
            "a recording"
        )
    if idle is not None and not (watch and 0 < idle < math.inf):
        raise SettingsError(
            f"--idle takes a positive number of seconds, with --watch or a stream, got {idle:g}; change it"
        )


def _check_target(own: TargetSettings, margin: float | None) -> None:
    if margin is not None and not own.files:
        raise SettingsError(f"--margin is that of a target's gate, got {margin:g} and no target; give it with --target")
    if margin is not None and not 0 < margin < math.inf:
        raise SettingsError(f"--margin must be above 0 mm, got {margin:g}; give a length")
    if "all" in own.labels:
        raise SettingsError(
            "--target-label must name each structure live, got all: how many there are must be known before their file "
            "is; repeat the option"
        )


@contextmanager
def until_interrupted() -> Iterator[Event]:
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


@contextmanager
def _short_turns() -> Iterator[None]:
    """Have threads take short turns while the block runs."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(_SWITCH_S)
    try:
        yield
    finally:
        sys.setswitchinterval(before)


def _print_result(session: LiveSession, folder: LiveFolder, title: str, wanted: int) -> None:
    if session.forecaster.calibration is None:
        output.print(
            f"no forecast: {session.forecaster.collected} of {wanted} frames to calibrate on came",
            highlight=False,
        )
    elif session.calibration is None:
        output.print("no forecast: the stream ended during the calibration", highlight=False)
    else:
        output.print(live_table(session, title))
    if folder.unwritten:
        output.print(f"{folder.unwritten} results found no place on the disk", highlight=False)
    output.print(f"Forecasts: {folder.root}", highlight=False, soft_wrap=True)
