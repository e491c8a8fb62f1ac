"""One session of ``cinecast live``, from its first frame to its end."""

from __future__ import annotations

import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, replace
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING

import typer

from cinecast.cli.console import output, say
from cinecast.cli.live_display import LiveDisplay, live_table
from cinecast.cli.printing_beside import printing_beside
from cinecast.errors import CinecastError
from cinecast.settings import Settings

if TYPE_CHECKING:
    from cinecast.frames.streamed import Streamed
    from cinecast.live import FrameSource, LiveSession, Taken
    from cinecast.live.page import LivePage
    from cinecast.live.target_intake import TargetIntake
    from cinecast.store.live_folder import LiveFolder

# A thread that fits a model holds back the one that forecasts for so many seconds at most, each time that it wants to
# go on; the interpreter's own 5 ms would add up to more than a frame period.
_SWITCH_S = 2e-4


@dataclass(frozen=True)
class LiveRequest:
    """What a session was asked for, checked.

    Parameters
    ----------
    sequence, out
        Where the frames come from, and the folder of the results.
    settings
        Settings of all stages.
    method, horizon
        What is forecast, as people gave it.
    hurried
        Whether frames come in their own time, so that nothing waits for what is made beside the stream.
    watch
        Whether the sequence is a folder that is watched.
    idle_s
        The session ends when nothing has come for so many seconds; None: only Ctrl-C ends it.
    recalibrate
        Whether the model is fitted anew when it stops explaining the motion.
    page
        Port of the page; None for no page.
    margin_mm
        How far a target may be from its plan while the beam is on.
    clock, tick
        Which clock of a stream counts, and what time stamps of MRD count in.
    send, bind
        Port and address that forecasts are served at; None for none, and for this machine alone.
    """

    sequence: Path
    out: Path
    settings: Settings
    method: str
    horizon: str
    hurried: bool
    watch: bool
    idle_s: float | None
    recalibrate: bool
    page: int | None
    margin_mm: float
    clock: str
    tick: str | None
    send: int | None
    bind: str | None

    @property
    def title(self) -> str:
        """What is forecast, for people."""
        return f"{self.sequence.name}, {self.method} {self.horizon} ahead"


def run_live(asked: LiveRequest) -> None:
    """Forecast from every frame that comes, and print what came of it.

    Parameters
    ----------
    asked
        What the session was asked for.

    Raises
    ------
    ReadError, SettingsError, StoreError, cinecast_models.ForecastingError
        If the frames cannot be read or calibrated on, or the folder cannot be had.
    typer.Abort
        If it was interrupted.
    """
    from cinecast.single_thread import hold_opencv

    hold_opencv()  # the process is ours; `LiveForecaster` leaves that of its host alone
    with until_interrupted() as stop, printing_beside() as text_waits:
        with _live_page(asked) as page:
            source = _source(asked, stop)
            session = _session(asked, source)
            with _beside(asked, source, session) as folder, LiveDisplay(session, asked.title, text_waits) as display:
                _forecast(asked, source, session, folder, page, display)
        _print_result(session, folder, asked.title, source.train_end)
    if stop.is_set():
        raise typer.Abort


def _session(asked: LiveRequest, source: FrameSource) -> LiveSession:
    from cinecast.live import LiveForecaster, LiveSession

    forecaster = LiveForecaster(
        asked.settings,
        method=asked.method,
        horizon=asked.horizon,
        calibration_frames=source.train_end,
        recalibrate=asked.recalibrate,
        beside=asked.hurried,
        digests=source.digests,
        spacing_mm=source.spacing_mm,
    )
    intake = _intake(asked, source)
    return LiveSession(forecaster, source.spacing_mm, source.own_landmarks, hurried=asked.hurried, intake=intake)


def _source(asked: LiveRequest, stop: Event) -> FrameSource:
    from cinecast.cli.live_streams import stream_source
    from cinecast.frames.landmark_list import read_landmark_list
    from cinecast.live import RecordedSource, WatchedSource
    from cinecast.live.stream_address import is_stream

    frames, address = asked.settings.frames, str(asked.sequence)
    if is_stream(address):
        return stream_source(address, frames, asked.idle_s, stop, asked.clock, asked.tick)
    if asked.watch:
        return WatchedSource(asked.sequence, frames, asked.idle_s, stop)
    file = asked.settings.landmarks.file
    marked = read_landmark_list(Path(file)) if file else ()
    return RecordedSource(asked.sequence, frames, asked.hurried, stop, marked, asked.out)


def _intake(asked: LiveRequest, source: FrameSource) -> TargetIntake | None:
    own = asked.settings.target
    if not own.files:
        return None
    from cinecast.live.target_intake import TargetIntake

    return TargetIntake(own, asked.margin_mm, source.drawn_on, wait=not asked.hurried)


def _live_page(asked: LiveRequest) -> AbstractContextManager[LivePage | None]:
    if asked.page is None:
        return nullcontext()
    from cinecast.live.page import LivePage

    page = LivePage(asked.page, asked.sequence.name, asked.method, asked.horizon)
    say(f"Page: {page.url}")
    return page


@contextmanager
def _beside(asked: LiveRequest, source: FrameSource, session: LiveSession) -> Iterator[LiveFolder]:
    """Give the folder of a session, with all that goes on beside the stream while the block runs."""
    from cinecast.cli.live_streams import forecast_sender, once_per_wording
    from cinecast.live.stream_address import is_stream

    with (
        _short_turns(),
        once_per_wording(is_stream(str(asked.sequence))),
        _live_folder(asked, session, source) as folder,
        forecast_sender(asked.send, asked.bind, source, session),
    ):
        yield folder


@contextmanager
def _held_up(asked: LiveRequest, session: LiveSession, page: LivePage | None) -> Iterator[Callable[[], None]]:
    """Give what is to be called as long as the session goes on, where frames come in their own time."""
    from cinecast.live.held_up import HeldUp

    if not asked.hurried:
        yield lambda: None
        return
    with HeldUp(session, None if page is None else page.hold) as watch:
        yield watch.come_back


@contextmanager
def _live_folder(asked: LiveRequest, session: LiveSession, source: FrameSource) -> Iterator[LiveFolder]:
    """Give the folder of a session, which is closed with its summary."""
    from cinecast.frames.series_names import may_be_kept
    from cinecast.live import summary_of
    from cinecast.settings.toml_file import settings_text
    from cinecast.store.live_folder import LiveFolder
    from cinecast_models import ForecastingError

    kept = asked.settings
    if not may_be_kept(kept.frames.series):  # of a scanner's folder that is watched
        kept = replace(kept, frames=replace(kept.frames, series=None))
    folder = LiveFolder(asked.out, settings_text(kept), 0 if session.intake is None else session.intake.slots)
    try:
        yield folder
    except (CinecastError, ForecastingError):
        if session.calibration is None:  # a mistake to be mended: the same --out can be given again
            folder.discard()
        raise
    finally:
        facts = getattr(source, "facts", None)
        folder.close(summary_of(session, asked.method, asked.horizon) | ({"stream": facts()} if facts else {}))


def _forecast(
    asked: LiveRequest,
    source: FrameSource,
    session: LiveSession,
    folder: LiveFolder,
    page: LivePage | None,
    display: LiveDisplay,
) -> None:
    from cinecast.live import record_arrivals, record_forecast

    def keep(arrived: Streamed, taken: Taken) -> None:
        record_forecast(folder, session, source, taken)
        known = session.follow_up(arrived, taken)
        record_arrivals(folder, session, known)
        newest = known[-1] if known and known[-1].is_of(taken) else taken
        if page is not None:
            page.show(arrived, newest, session, source)
        display.show(newest)

    with _held_up(asked, session, page) as come_back:
        for arrived in source.arrivals():
            if arrived is not None:
                keep(arrived, session.take(arrived))
            elif (first := session.first_forecast()) is not None:
                keep(*first)
            elif (waiting := session.wait_longer()) is not None:
                if page is not None:
                    page.show(None, waiting, session, source)
                display.show(waiting)
            come_back()
    if (first := session.first_forecast(wait=True)) is not None:
        keep(*first)
    record_arrivals(folder, session, session.finish())
    display.say_found()


@contextmanager
def until_interrupted() -> Iterator[Event]:
    """Give an event that the first Ctrl-C sets, so that no result is cut short; a second one ends the program.

    So does the end of a terminal, or of the line to it, unless it is ignored, as below ``nohup``.
    """
    stop = Event()

    def interrupt(*_: object) -> None:
        stop.set()
        signal.signal(signal.SIGINT, signal.default_int_handler)

    ends = [signal.SIGINT, signal.SIGTERM]
    if (hang_up := getattr(signal, "SIGHUP", None)) and signal.getsignal(hang_up) is not signal.SIG_IGN:
        ends.append(hang_up)
    before = {number: signal.signal(number, interrupt) for number in ends}
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
        say(f"no forecast: {session.forecaster.collected} of {wanted} frames to calibrate on came")
    else:
        output.print(live_table(session, title))
    if folder.unwritten:
        say(f"{folder.unwritten} results found no place on the disk")
    say(f"Forecasts: {folder.root}")
