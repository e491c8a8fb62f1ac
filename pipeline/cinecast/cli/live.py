"""``cinecast live``: forecasts while the frames come."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

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
    gating_table,
    target_tables,
)
from cinecast.errors import SettingsError

if TYPE_CHECKING:
    from cinecast.settings import TargetSettings


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
    from cinecast.cli.live_run import LiveRequest, run_live
    from cinecast.cli.live_streams import check_stream_options
    from cinecast.live.stream_address import is_stream
    from cinecast.run.own_targets import check_gating_options, check_target_options, with_found_target
    from cinecast.run.settings_sources import resolve_settings
    from cinecast.settings.toml_file import parse_assignment

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
    check_gating_options([resolved.target], [{"score": gating_table(margin, None)}, *changes])
    _check_target(resolved.target, margin)
    run_live(
        LiveRequest(
            sequence=sequence,
            out=out,
            settings=resolved,
            method=method,
            horizon=horizon,
            hurried=rate == "real",
            watch=watch,
            idle_s=idle,
            recalibrate=recalibrate,
            page=page,
            margin_mm=resolved.score.margin_mm if margin is None else margin,
            clock=clock,
            tick=tick,
            send=send,
            bind=bind,
        )
    )


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
    if margin is not None and not 0 < margin < math.inf:
        raise SettingsError(f"--margin must be above 0 mm, got {margin:g}; give a length")
    if "all" in own.labels:
        raise SettingsError(
            "--target-label must name each structure live, got all: how many there are must be known before their file "
            "is; repeat the option"
        )
