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
from cinecast.frames.streamed import Streamed, StreamedFault, StreamedFrame
from cinecast.live.calibration import Calibration
from cinecast.live.drawn_calibration import drawn_on_calibration
from cinecast.live.stream_address import StreamAddress
from cinecast.live.stream_clock import StreamClock
from cinecast.live.target_intake import Drawn
from cinecast.score.patient_axes import axes_of_plane
from cinecast.settings import FramesSettings
from cinecast.streams.arrivals import Arrivals, ArrivedFault, ArrivedFrame
from cinecast.streams.receiving import Reader, Receiver

_LOG = logging.getLogger(__name__)

# Frames to calibrate on where nobody says how many.
STREAM_TRAIN_END = 90
_LOOK_EVERY_S = 0.02
# Spacings and places come in single precision; a patient that has moved is moved by more than this, in mm.
_SAME_PLACE_MM = 0.01


class ReceivedSource:
    """Frames of a stream, until it is stopped: it has no end of its own.

    The first frame decides on spacing and place. One that has another place is left out and counted: what was learned
    does not hold there.

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
        self._first: ArrivedFrame | None = None
        self._count = self.passed_over = 0
        self._out_of_step_said = False
        self.faults: Counter[str] = Counter()
        self.train_end = settings.train_end or STREAM_TRAIN_END

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
            last = perf_counter()
            while not self._stop.is_set() and (self._idle_s is None or perf_counter() - last < self._idle_s):
                taken = self._arrivals.take(_LOOK_EVERY_S)
                if taken is None:
                    yield None
                    continue
                yield self._streamed(*taken)
                last = perf_counter()
        finally:
            self._receiver.stop()

    def spacing_mm(self) -> tuple[float, float]:
        """Return the pixel spacing along (rows, columns) in mm: that of the settings, else that of the first frame."""
        affine = self.affine()
        if self._settings.pixel_spacing_mm is not None:
            return self._settings.pixel_spacing_mm
        assert affine is not None  # no frame is taken without
        columns, rows = np.linalg.norm(affine[:3, :2], axis=0).tolist()
        return rows, columns

    def affine(self) -> NDArray[np.float64] | None:
        """Return the place of the first frame."""
        return None if self._first is None else self._first.affine

    def digests(self) -> frozenset[str]:
        """Return nothing: nobody can have seen the frames before."""
        return frozenset()

    def axes(self) -> dict[str, NDArray[np.float64]]:
        """Return the axes along which the plane is told."""
        return axes_of_plane(self.affine(), None)

    def drawn_on(self, calibration: Calibration, instances: Mapping[int, str]) -> Drawn:
        """Return the frames of the calibration: a mask is drawn on one of these.

        Parameters
        ----------
        calibration
            What was learned from the first frames.
        instances
            `cinecast.sequence.instance_digest` of these, which a stream has not.

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
        return {
            "address": self.address.text,
            "clock": clock.choice,
            "epoch_ns": clock.epoch_ns,
            "clock_jumps": clock.jumps,
            "clock_rate": clock.rate,
            "connections": receiver.connections,
            "frames": self._count,
            "faults": dict(sorted((self.faults + receiver.faults).items())),
            "left_alone": dict(sorted(receiver.left_alone.items())),
            "passed_over": self.passed_over,
            "times_full": self._arrivals.full,
        }

    def _streamed(self, arrived: ArrivedFrame | ArrivedFault, newer_waits: bool) -> Streamed:
        if isinstance(arrived, ArrivedFault):
            return StreamedFault(f"the message after frame {self._count - 1}", arrived.sentence)
        name = f"frame {self._count}"
        time_s = self.clock.time_s(arrived, name)
        if isinstance(time_s, str):
            return self._fault("time", name, time_s)
        if (misplaced := self._misplaced(arrived)) is not None:
            return self._fault("geometry", name, misplaced)
        self._check_step(name)
        self._count += 1
        self.passed_over += newer_waits
        way_s = self.clock.way_s(arrived)
        return StreamedFrame(name, time_s, arrived.frame, arrived.seen_s, passed_over=newer_waits, way_s=way_s)

    def _check_step(self, name: str) -> None:
        """Refuse MRD in a tick that cannot be; other clocks have a unit, and one that runs fast is only said."""
        if self.clock.keeps_step or self._out_of_step_said:
            return
        if self.address.scheme == "mrd":
            raise ReadError(_out_of_step(self.clock))
        self._out_of_step_said = True
        _LOG.warning("%s: %.3g s of the frames' clock pass in 1 s of arrival", name, self.clock.rate)

    def _fault(self, kind: str, name: str, sentence: str) -> StreamedFault:
        self.faults[kind] += 1
        return StreamedFault(f"what came for {name}", sentence)

    def _misplaced(self, arrived: ArrivedFrame) -> str | None:
        """Return what is wrong with the place of a frame; the first that has one decides."""
        if arrived.affine is None and self._settings.pixel_spacing_mm is None:
            return "it has no pixel spacing; give one with --pixel-spacing"
        if self._first is None or self._first.affine is None or arrived.affine is None:
            self._first = self._first or arrived
            return None
        if np.array_equal(arrived.affine, self._first.affine):  # as always, but for a new plane
            return None
        rows, columns = arrived.frame.shape
        corners = np.array([[0, 0, 0, 1], [columns, 0, 0, 1], [0, rows, 0, 1]], dtype=np.float64).T
        moved = np.linalg.norm(((arrived.affine - self._first.affine) @ corners)[:3], axis=0)
        if arrived.frame.shape == self._first.frame.shape and (farthest := float(moved.max())) > _SAME_PLACE_MM:
            return (
                f"it lies elsewhere: a corner of it is {farthest:.3g} mm from that of the first frame; "
                "start a new session for a new plane"
            )
        return None


def _check(settings: FramesSettings) -> None:
    for option, given in (
        ("--frame-period", settings.frame_period_s),
        ("--series", settings.series),
        ("--plane", settings.plane),
    ):
        if given is not None:
            raise SettingsError(f"{option} must be left out with a stream, got {given}: its messages say what it is of")


def _out_of_step(clock: StreamClock) -> str:
    rate = clock.rate or math.nan
    return (
        f"the frames' clock must keep step with their arrival, got {rate:.3g} s of it in 1 s of arrival; give the tick "
        "that it counts in (--tick, for MRD), or --clock arrival"
    )
