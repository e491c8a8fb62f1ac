"""``cinecast stream``: a recorded sequence as a stream, for programs that take one."""

from __future__ import annotations

from pathlib import Path
from threading import Event
from time import perf_counter, time_ns
from typing import TYPE_CHECKING, Annotated

import typer

from cinecast.cli.console import say
from cinecast.cli.options import FramePeriodOption, PixelSpacingOption, PlaneOption, SeriesOption, frames_table
from cinecast.errors import SettingsError

if TYPE_CHECKING:
    from cinecast.sequence import Sequence
    from cinecast.streams.serving import MessageServer


def stream(
    sequence: Annotated[Path, typer.Argument(metavar="SEQUENCE", help="A sequence.", show_default=False)],
    port: Annotated[
        int, typer.Option("--port", metavar="PORT", help="The port to serve at; 0 for any free port.")
    ] = 18944,
    device: Annotated[str, typer.Option("--device", help="Name of the device that sends.")] = "cinecast",
    bind: Annotated[
        str, typer.Option("--bind", metavar="ADDRESS", help="Where to serve, for other machines to connect.")
    ] = "127.0.0.1",
    rate: Annotated[
        str, typer.Option("--rate", help="real: frames go at their times; max: one after another.")
    ] = "real",
    loops: Annotated[int, typer.Option("--loops", help="How often it is sent.")] = 1,
    frame_period: FramePeriodOption = None,
    pixel_spacing: PixelSpacingOption = None,
    series: SeriesOption = None,
    plane: PlaneOption = None,
) -> None:
    """Send a recorded sequence as OpenIGTLink, in its own time, once somebody receives; Ctrl-C ends."""
    from cinecast.cli.live_run import until_interrupted
    from cinecast.frames import read_sequence
    from cinecast.settings.toml_file import build_settings
    from cinecast.streams.serving import MessageServer

    _check(device, rate, loops, port)
    settings = build_settings({"frames": frames_table(frame_period, pixel_spacing, series, plane, None, None)})
    recorded = read_sequence(sequence, settings.frames)
    with until_interrupted() as stop, MessageServer(port, bind, keep_all=rate == "max") as server:
        say(f"Stream: igtl://{bind}:{server.port}/{device}")
        if server.wait_for_receiver(stop):
            count = send_sequence(recorded, server, device, stop, real_time=rate == "real", loops=loops)
            server.flush(10.0)
            say(f"Sent {count} frames")
    if stop.is_set():
        raise typer.Abort


def send_sequence(
    recorded: Sequence, server: MessageServer, device: str, stop: Event, *, real_time: bool, loops: int
) -> int:
    """Send the frames of a sequence, and return how many.

    Parameters
    ----------
    recorded
        The sequence.
    server
        Who sends.
    device
        Name of the device.
    stop
        Once it is set, no more are sent.
    real_time
        Each frame when its time has come; else one after another.
    loops
        How often the sequence is sent; each time begins one mean interval after the end of the one before.
    """
    import numpy as np

    from cinecast.live.replay import replay
    from cinecast.streams.image import pack_image
    from cinecast.streams.image_reader import ACQUIRED
    from cinecast.streams.openigtlink import pack_message

    rows, columns = recorded.spacing_mm
    affine = np.diag([columns, rows, 1.0, 1.0]) if recorded.affine is None else recorded.affine
    times_s = recorded.times_s - recorded.times_s[0]
    length_s = float(times_s[-1] * len(times_s) / (len(times_s) - 1))
    epoch_ns, begun_s, count = time_ns(), perf_counter(), 0
    for loop in range(loops):
        # The last frame of the loop before has its interval, too: else stamps would run ahead of the clock.
        while real_time and not stop.is_set() and (left_s := begun_s + loop * length_s - perf_counter()) > 0:
            stop.wait(left_s)
        for t, each in enumerate(replay(recorded, real_time=real_time, stop=stop)):
            at_ns = epoch_ns + round((loop * length_s + float(times_s[t])) * 1e9)
            content = pack_image(each.frame, affine)
            server.send([pack_message("IMAGE", device, at_ns, content, {ACQUIRED: f"{at_ns / 1e9:.9f}"})])
            count += 1
    return count


def _check(device: str, rate: str, loops: int, port: int) -> None:
    if not device.isascii() or not 0 < len(device) <= 20:
        raise SettingsError(f"--device must be a name of 1 to 20 ASCII letters, got {device!r}; choose another one")
    if rate not in ("real", "max"):
        raise SettingsError(f"--rate must be real or max, got {rate!r}; choose one of these")
    if loops < 1:
        raise SettingsError(f"--loops must be 1 or more, got {loops}; change it")
    if not 0 <= port < 1 << 16:
        raise SettingsError(f"--port must be a port of 0 to 65535, got {port}; choose another one")
