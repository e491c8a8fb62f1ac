"""What ``cinecast live`` does with streams: sources from addresses, and a server for forecasts."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event
from typing import TYPE_CHECKING

from cinecast.cli.console import say
from cinecast.errors import SettingsError

if TYPE_CHECKING:
    from cinecast.live import FrameSource, LiveSession
    from cinecast.live.received import ReceivedSource
    from cinecast.settings import FramesSettings

_TICK_NS = {"us": 1e3, "ms": 1e6, "s": 1e9}
_DEFAULT_TICK = "2.5ms"


def check_stream_options(
    streamed: bool, watch: bool, clock: str, tick: str | None, send: int | None, bind: str | None
) -> None:
    """Refuse options of streams where there is none.

    Parameters
    ----------
    streamed, watch
        Whether the frames come from a stream, or from a folder that is watched.
    clock, tick, send, bind
        As they were given.

    Raises
    ------
    SettingsError
        If one of them cannot be.
    """
    if streamed and watch:
        raise SettingsError("--watch is for folders, got a stream; leave it out")
    if not streamed and (clock != "message" or tick is not None):
        given = f"--tick {tick}" if tick is not None else f"--clock {clock}"
        raise SettingsError(f"--clock and --tick are for streams, got {given}; leave it out")
    if send is None and bind is not None:
        raise SettingsError(f"--bind is where forecasts are served, got {bind} and no port; give one with --send")
    if send is not None and not 0 <= send < 1 << 16:
        raise SettingsError(f"--send must be a port of 0 to 65535, got {send}; choose another one")


def tick_ns(text: str) -> float:
    """Return how long a tick is, in ns.

    Parameters
    ----------
    text
        Such as ``2.5ms``.

    Raises
    ------
    SettingsError
        If it is no time.
    """
    found = re.fullmatch(r"(\d+(?:\.\d*)?|\.\d+)(us|ms|s)", text)
    if found is None or float(found[1]) <= 0:
        raise SettingsError(f"--tick must be a time such as 2.5ms, in us, ms or s, got {text!r}; change it")
    return float(found[1]) * _TICK_NS[found[2]]


def stream_source(
    text: str, settings: FramesSettings, idle_s: float | None, stop: Event, clock: str, tick: str | None
) -> ReceivedSource:
    """Return the frames of a stream.

    Parameters
    ----------
    text
        Its address.
    settings, idle_s, stop
        As `cinecast.live.received.ReceivedSource` takes them.
    clock, tick
        Which clock counts, and what the time stamps of MRD count in.

    Raises
    ------
    SettingsError
        If one of them is wrong.
    """
    from cinecast.live.received import ReceivedSource
    from cinecast.live.stream_address import parse_address
    from cinecast.live.stream_clock import StreamClock
    from cinecast.streams.image_reader import ImageReader
    from cinecast.streams.mrd import MrdReader

    address = parse_address(text)
    if address.scheme == "igtl" and tick is not None:
        raise SettingsError(
            f"--tick is for MRD, whose time stamps have no unit, got {tick} with OpenIGTLink; leave it out"
        )
    reader = ImageReader(address.device) if address.scheme == "igtl" else MrdReader(tick_ns(tick or _DEFAULT_TICK))
    say(f"Frames: {address.text}, times of the {clock}")
    return ReceivedSource(address, reader, StreamClock(clock), settings, idle_s, stop)


@contextmanager
def once_per_wording(streamed: bool) -> Iterator[None]:
    """Let each wording of a warning through once while the block runs, where frames come from a stream."""
    from cinecast.live.once_per_wording import OncePerWording

    if not streamed:
        yield
        return
    with OncePerWording() as said:
        try:
            yield
        finally:
            for sentence in said.repeated:
                say(sentence)


@contextmanager
def forecast_sender(port: int | None, bind: str | None, source: FrameSource, session: LiveSession) -> Iterator[None]:
    """Serve the forecasts of a session while the block runs; nothing without a port."""
    if port is None:
        yield
        return
    from cinecast.live.sending import ForecastSender
    from cinecast.streams.serving import LOCAL, MessageServer

    with MessageServer(port, bind or LOCAL) as server:
        say(f"Forecasts are served at igtl://{bind or LOCAL}:{server.port}")
        session.announce = send = ForecastSender(server, source, session.forecaster).send
        try:
            yield
        finally:
            session.announce = None
            if (last := session.forecaster.mark_stale("the session has ended")) is not None:
                send(last, True)
        server.flush(1.0)
