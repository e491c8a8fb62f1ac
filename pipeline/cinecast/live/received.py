"""Frames that a scanner, or a bridge to one, sends over a socket."""

from __future__ import annotations

import logging
import math
from collections import Counter
from collections.abc import Iterator, Mapping
from threading import Event
from time import perf_counter
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cinecast.errors import ReadError, SettingsError
from cinecast.frames.complete import affine_with_spacing
from cinecast.frames.streamed import Streamed, StreamedFault, StreamedFrame
from cinecast.live.calibration import Calibration
from cinecast.live.drawn_calibration import drawn_on_calibration
from cinecast.live.frame_faults import fault_of_frame
from cinecast.live.newest_first import newest_first
from cinecast.live.stream_address import StreamAddress
from cinecast.live.stream_clock import StreamClock
from cinecast.live.stream_plane import Plane, StreamPlane, lies_about_zero
from cinecast.live.target_intake import Drawn
from cinecast.score.patient_axes import axes_of_plane
from cinecast.settings import FramesSettings
from cinecast.streams.arrivals import Arrivals, ArrivedFault, ArrivedFrame
from cinecast.streams.receiving import Reader, Receiver

_LOG = logging.getLogger(__name__)

# Frames to calibrate on where nobody says how many.
STREAM_TRAIN_END = 90
_LOOK_EVERY_S = 0.02
_OTHER_PLANE = "a frame of another plane"


class ReceivedSource:
    """Frames of a stream, until it is stopped: it has no end of its own.

    The first frame decides on size, spacing and place, or others that follow before there are enough to calibrate on.
    One that has another place is left out and counted: what was learned does not hold there.

    Parameters
    ----------
    address
        Where they come from.
    reader
        Reads the messages of that protocol.
    clock
        Gives frames their times.
    settings
        Facts that win over the messages: train end and pixel spacing.
    idle_s
        The stream ends when nothing has come for so many seconds; None: only `stop` ends it.
    stop
        Once it is set, no more frames come.

    Attributes
    ----------
    train_end
        Number of frames to calibrate on.
    faults
        How many frames could not be used, by the kind of fault.
    passed_over
        How many frames were waiting behind a newer one when they were taken.

    Raises
    ------
    SettingsError
        If settings are given that a stream cannot have.
    """

    def __init__(
        self,
        address: StreamAddress,
        reader: Reader,
        clock: StreamClock,
        settings: FramesSettings,
        idle_s: float | None,
        stop: Event,
    ) -> None:
        _check(settings)
        self.address, self.clock = address, clock
        self._arrivals = Arrivals()
        self._receiver = Receiver(address.host, address.port, reader, self._arrivals)
        self._settings, self._idle_s, self._stop = settings, idle_s, stop
        self.train_end = settings.train_end or STREAM_TRAIN_END
        self._plane = StreamPlane(self.train_end)
        self._in_turn = self._count = self.passed_over = 0
        self._out_of_step_said = False
        self.faults: Counter[str] = Counter()

    def arrivals(self) -> Iterator[Streamed | None]:
        """Yield what arrives, when it arrives; a frame behind which a newer one waits is marked as passed over.

        While nothing arrives there is None now and then.

        Raises
        ------
        ReadError
            If the clock that counts does not keep step with the arrival of the frames to calibrate on.
        """
        self._receiver.start()
        try:
            for each in newest_first(self._taken()):
                self.passed_over += isinstance(each, StreamedFrame) and each.passed_over
                yield each
        finally:
            self._receiver.stop()

    def _taken(self) -> Iterator[tuple[Streamed | None, bool] | None]:
        """Yield what is taken, None for what is left alone, and whether more waits; None where nothing comes."""
        last = perf_counter()
        while not self._stop.is_set():
            taken = self._arrivals.take(_LOOK_EVERY_S)
            streamed, newer_waits = (None, False) if taken is None else (self._streamed(taken[0]), taken[1])
            yield None if taken is None else (streamed, newer_waits)
            # What came while a frame was worked on waits: that time is not idle, however long it was.
            if streamed is not None:
                last = perf_counter()
            elif self._idle_s is not None and not newer_waits and perf_counter() - last >= self._idle_s:
                return

    def spacing_mm(self) -> tuple[float, float]:
        """Return the pixel spacing along (rows, columns) in mm: that of the settings, else that of the frames."""
        if self._settings.pixel_spacing_mm is not None:
            return self._settings.pixel_spacing_mm
        affine = self.affine()
        assert affine is not None  # no frame is taken without
        columns, rows = np.linalg.norm(affine[:3, :2], axis=0).tolist()
        return rows, columns

    def affine(self) -> NDArray[np.float64] | None:
        """Return the place of the frames, in steps of their spacing: what is given wins over the messages.

        A message says where the centre of a frame is, so that stays.
        """
        own = self._plane.own
        if own is None or own.affine is None or self._settings.pixel_spacing_mm is None:
            return None if own is None else own.affine
        return _about_centre(own.affine, own.shape, self._settings.pixel_spacing_mm)

    def digests(self) -> frozenset[str]:
        """Return nothing: nobody can have seen the frames before."""
        return frozenset()

    def axes(self) -> dict[str, NDArray[np.float64]]:
        """Return the axes along which the plane is told."""
        own = self._plane.own
        unknown = own is None or own.affine is None or lies_about_zero(own.affine, own.shape)
        return axes_of_plane(None if unknown else self.affine(), None)

    def drawn_on(self, calibration: Calibration, instances: Mapping[int, str]) -> Drawn:
        """Return the frames of the calibration: a mask is drawn on one of these.

        Parameters
        ----------
        calibration
            What was learned from the first frames.
        instances
            `cinecast.frames.recording_digests.instance_digest` of these, which a stream has not.

        Returns
        -------
        Drawn
            These frames alone.
        """
        origin = "the option" if self._settings.pixel_spacing_mm else "the stream"
        return drawn_on_calibration(self.address.text, calibration, instances, self.affine(), self.spacing_mm(), origin)

    def own_landmarks(self, reference: int) -> None:
        """Return nothing: nobody can have marked frames that are still to come.

        Parameters
        ----------
        reference
            Number of the reference frame.
        """
        del reference

    def facts(self) -> dict[str, Any]:
        """Return what is to be kept of the stream: its clock, its connections, what was wrong with it."""
        receiver, clock = self._receiver, self.clock
        left_alone = receiver.left_alone + Counter({_OTHER_PLANE: self._in_turn})
        return {
            "address": self.address.text,
            "clock": clock.choice,
            "epoch_ns": clock.epoch_ns,
            "clock_jumps": clock.jumps,
            "clock_rate": clock.rate,
            "connections": receiver.connections,
            "frames": self._count,
            "faults": dict(sorted((self.faults + receiver.faults).items())),
            "left_alone": dict(sorted(left_alone.items())),
            "passed_over": self.passed_over,
            "times_full": self._arrivals.full,
        }

    def _streamed(self, arrived: ArrivedFrame | ArrivedFault) -> Streamed | None:
        if isinstance(arrived, ArrivedFault):
            after = f"after frame {self._count - 1}" if self._count else "before the first frame"
            return StreamedFault(f"the message {after}", arrived.sentence)
        name = f"frame {self._count}"
        if arrived.affine is None and self._settings.pixel_spacing_mm is None:
            return self._fault("geometry", name, "it has no pixel spacing; give one with --pixel-spacing")
        plane = Plane(arrived.frame.shape, arrived.affine)
        verdict = self._plane.observe(plane, lambda: fault_of_frame(arrived.frame, None) is None)
        if verdict == "in turn":
            self._leave_alone(name)
            return None
        if verdict == "elsewhere":
            kind = "geometry" if self._plane.own and plane.shape == self._plane.own.shape else "size"
            return self._fault(kind, name, self._plane.fault(plane))
        time_s = self.clock.time_s(arrived, name)  # which would not keep step if it saw frames of other planes, too
        if isinstance(time_s, str):
            return self._fault("time", name, time_s)
        self._check_step(name)
        self._count += 1
        way_s = self.clock.way_s(arrived)
        anew = self._plane.change if verdict == "anew" else ""
        return StreamedFrame(name, time_s, arrived.frame, arrived.seen_s, way_s=way_s, begins_anew=anew)

    def _leave_alone(self, name: str) -> None:
        if not self._in_turn:
            _LOG.warning(
                "what came for %s is of another plane that is imaged in turn: such frames are left alone", name
            )
        self._in_turn += 1

    def _check_step(self, name: str) -> None:
        """Refuse MRD in a tick that cannot be; other clocks have a unit, and one that runs fast is only said."""
        if self._out_of_step_said or (self.clock.keeps_step and not self.clock.drifts):
            return
        mrd = self.address.scheme == "mrd"
        if mrd and not self.clock.keeps_step and not self.clock.drifts:
            raise ReadError(_out_of_step(self.clock))
        self._out_of_step_said = True
        _LOG.warning(
            "%s: %.3g s of the frames' clock pass in 1 s of arrival: unless a recording is replayed at another speed, "
            "that clock is wrong and each horizon with it; %s--clock arrival takes another",
            *(name, self.clock.rate, "give another --tick; " if mrd else ""),
        )

    def _fault(self, kind: str, name: str, sentence: str) -> StreamedFault:
        self.faults[kind] += 1
        return StreamedFault(f"what came for {name}", sentence)


def _check(settings: FramesSettings) -> None:
    for option, given in (
        ("--frame-period", settings.frame_period_s),
        ("--series", settings.series),
        ("--plane", settings.plane),
    ):
        if given is not None:
            raise SettingsError(f"{option} must be left out with a stream, got {given}: its messages say what it is of")


def _about_centre(
    affine: NDArray[np.float64], shape: tuple[int, ...], spacing_mm: tuple[float, float]
) -> NDArray[np.float64]:
    """Return an affine in steps of another spacing, with the centre of the frame where it is."""
    scaled = affine_with_spacing(affine, spacing_mm)
    middle = np.array([(shape[1] - 1) / 2, (shape[0] - 1) / 2, 0, 1])
    scaled[:3, 3] += ((affine - scaled) @ middle)[:3]
    return scaled


def _out_of_step(clock: StreamClock) -> str:
    rate = clock.rate or math.nan
    return (
        f"the frames' clock must keep step with their arrival, got {rate:.3g} s of it in 1 s of arrival; give the tick "
        "that it counts in (--tick, for MRD), or --clock arrival"
    )
