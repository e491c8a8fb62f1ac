"""Where a session's frames come from: a recorded sequence, or a folder that a scanner writes into."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from threading import Event
from time import perf_counter
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from cinecast.frames import read_sequence
from cinecast.frames.complete import affine_with_spacing
from cinecast.frames.dicom.stream import DicomStream
from cinecast.frames.landmark_list import ListedPlace
from cinecast.frames.recording_digests import frames_digests
from cinecast.frames.spool import Spool
from cinecast.frames.streamed import Streamed, StreamedFrame
from cinecast.landmarks import Landmarks
from cinecast.landmarks.listed import listed_landmarks
from cinecast.live.calibration import Calibration
from cinecast.live.drawn_calibration import drawn_on_calibration
from cinecast.live.replay import replay_with_pauses
from cinecast.live.target_intake import Drawn
from cinecast.score.patient_axes import axes_of_plane
from cinecast.settings import FramesSettings

# Frames to calibrate on where a watched folder has no sidecar to say it.
WATCHED_TRAIN_END = 90
_LOOK_EVERY_S = 0.005


class FrameSource(Protocol):
    """What a session needs to know of its frames.

    Attributes
    ----------
    train_end
        Number of frames to calibrate on.
    """

    train_end: int

    def arrivals(self) -> Iterator[Streamed | None]:
        """Yield what arrives, when it arrives; now and then None while nothing does."""
        ...

    def spacing_mm(self) -> tuple[float, float]:
        """Return the pixel spacing along (rows, columns) in mm, once frames have come."""
        ...

    def affine(self) -> NDArray[np.float64] | None:
        """Return the map from (column, row, plane, 1) to patient RAS+ mm, once frames have come, or None."""
        ...

    def digests(self) -> frozenset[str]:
        """Return the digests that the sequence is known by."""
        ...

    def axes(self) -> dict[str, NDArray[np.float64]]:
        """Return the axes of `cinecast.score.patient_axes.axes_of_plane`, once frames have come."""
        ...

    def drawn_on(self, calibration: Calibration, instances: Mapping[int, str]) -> Drawn:
        """Return the frames that masks may have been drawn on.

        Parameters
        ----------
        calibration
            What was learned from the first frames.
        instances
            `cinecast.frames.recording_digests.instance_digest` of these frames by their number in the stream,
            where they have one.

        Returns
        -------
        Drawn
            With their numbers in the stream.
        """
        ...

    def own_landmarks(self, reference: int) -> Landmarks | None:
        """Return a user's own landmarks, or None.

        Parameters
        ----------
        reference
            Number of the reference frame in the stream.
        """
        ...


class RecordedSource:
    """A recorded sequence.

    Parameters
    ----------
    path
        Its file or folder.
    settings
        How it is read; also gives the train end.
    real_time
        Frames come at their times; else one after another.
    stop
        Once it is set, no more frames come.
    marked
        Rows of a user's list of landmarks; none where there is no list.
    place
        A folder on a disk that has room for frames that are large; it may be missing. None: they are held in memory.
    """

    def __init__(
        self,
        path: Path,
        settings: FramesSettings,
        real_time: bool,
        stop: Event,
        marked: tuple[ListedPlace, ...] = (),
        place: Path | None = None,
    ) -> None:
        self._sequence = read_sequence(path, settings, Spool(place))
        self._real_time, self._stop, self._marked = real_time, stop, marked
        self.train_end = self._sequence.split.train_end

    def arrivals(self) -> Iterator[Streamed | None]:
        """Yield the frames; in their own time, also None while the next one is waited for."""
        return replay_with_pauses(self._sequence, real_time=self._real_time, stop=self._stop)

    def spacing_mm(self) -> tuple[float, float]:
        """Return the pixel spacing of the sequence."""
        return self._sequence.spacing_mm

    def affine(self) -> NDArray[np.float64] | None:
        """Return the affine of the sequence."""
        return self._sequence.affine

    def digests(self) -> frozenset[str]:
        """Return the digests of the frames."""
        return frames_digests(self._sequence.frames)

    def axes(self) -> dict[str, NDArray[np.float64]]:
        """Return the axes along which the plane is told."""
        return axes_of_plane(self._sequence.affine, self._sequence.axes)

    def drawn_on(self, calibration: Calibration, instances: Mapping[int, str]) -> Drawn:
        """Return the sequence itself, whose frames come in their order.

        Parameters
        ----------
        calibration, instances
            Not needed.

        Returns
        -------
        Drawn
            All of its frames.
        """
        del calibration, instances
        return Drawn(self._sequence, tuple(range(len(self._sequence.frames))))

    def own_landmarks(self, reference: int) -> Landmarks | None:
        """Return the landmarks of the list.

        Parameters
        ----------
        reference
            Number of the reference frame.

        Returns
        -------
        Landmarks or None
            With their tracks through the whole sequence; None where there is no list.

        Raises
        ------
        ReadError
            If the list does not fit the sequence, or a landmark has no row for the reference frame.
        """
        count, rows, columns = self._sequence.frames.shape
        return listed_landmarks(self._marked, (count, rows, columns), reference) if self._marked else None


class WatchedSource:
    """A folder that a scanner writes DICOM files into.

    Parameters
    ----------
    path
        The folder, which may be empty.
    settings
        See `cinecast.frames.dicom.stream.DicomStream`; the train end is theirs, else that of the sidecar, else 90.
    idle_s
        The stream ends when nothing has come for so many seconds; None: only `stop` ends it.
    stop
        Once it is set, no more frames come.
    """

    def __init__(self, path: Path, settings: FramesSettings, idle_s: float | None, stop: Event) -> None:
        self._stream, self._name = DicomStream(path, settings), path.name
        self._idle_s, self._stop = idle_s, stop
        self.train_end = self._stream.train_end or WATCHED_TRAIN_END

    def arrivals(self) -> Iterator[Streamed | None]:
        """Yield what the scanner has finished; a frame behind which a newer one was found is marked as passed over."""
        last = perf_counter()
        while not self._stop.is_set():
            looked = perf_counter()
            found = behind_the_newest(self._stream.look(looked))
            for arrived in found:
                yield arrived
                if self._stop.is_set():
                    return
            # What came while a frame was worked on is found by the next look: that time is not idle, however long.
            if found or self._stream.awaits_more(looked):
                last = perf_counter()
            elif self._idle_s is not None and looked - last >= self._idle_s:
                return
            yield None
            self._stop.wait(_LOOK_EVERY_S)

    def facts(self) -> dict[str, Any]:
        """Return what is to be kept of the stream: how many frames were not of it, by the reason."""
        return {"left_out": dict(sorted(self._stream.left_out.items()))}

    def spacing_mm(self) -> tuple[float, float]:
        """Return the pixel spacing of the settings, the files or the sidecar."""
        return self._stream.spacing_mm

    def affine(self) -> NDArray[np.float64] | None:
        """Return the place of the first frame, in steps of the spacing: what is given wins over the files."""
        affine = self._stream.affine
        return None if affine is None else affine_with_spacing(affine, self._stream.spacing_mm)

    def digests(self) -> frozenset[str]:
        """Return nothing: nobody can have seen the frames before."""
        return frozenset()

    def axes(self) -> dict[str, NDArray[np.float64]]:
        """Return the axes along which the plane is told."""
        return axes_of_plane(self._stream.affine, self._stream.axes)

    def drawn_on(self, calibration: Calibration, instances: Mapping[int, str]) -> Drawn:
        """Return the frames of the calibration: a mask is drawn on one of these.

        Parameters
        ----------
        calibration
            What was learned from the first frames.
        instances
            `cinecast.frames.recording_digests.instance_digest` of these frames by their number in the stream.

        Returns
        -------
        Drawn
            These frames alone.

        Raises
        ------
        ReadError
            If they are too few to make a sequence.
        """
        stream = self._stream
        return drawn_on_calibration(
            self._name, calibration, instances, stream.affine, stream.spacing_mm, stream.spacing_origin
        )

    def own_landmarks(self, reference: int) -> None:
        """Return nothing: nobody can have marked frames that are still to come.

        Parameters
        ----------
        reference
            Number of the reference frame.
        """
        del reference


def behind_the_newest(arrived: list[Streamed]) -> list[Streamed]:
    """Return what was found at one look, with all frames but the newest marked as passed over.

    Parameters
    ----------
    arrived
        Frames in the order of their times, and faults.

    Returns
    -------
    list[Streamed]
        The same in the same order.
    """
    newest = next((each for each in reversed(arrived) if isinstance(each, StreamedFrame)), None)

    return [
        replace(each, passed_over=True) if isinstance(each, StreamedFrame) and each is not newest else each
        for each in arrived
    ]
