"""A folder that a scanner writes into, as a stream of frames of one series and one plane with their times."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from cinecast.errors import ReadError, SettingsError
from cinecast.frames.dicom.arrival import split_arrived
from cinecast.frames.dicom.folder import DICOM_SPACING
from cinecast.frames.dicom.header import FrameHeader
from cinecast.frames.dicom.order import frame_numbers
from cinecast.frames.dicom.planes import has_spacing_of, plane_affine, shift_mm, split_planes
from cinecast.frames.dicom.select import is_named
from cinecast.frames.folder_watch import FolderWatch, WatchedFrame
from cinecast.frames.sidecar import Sidecar, read_sidecar
from cinecast.frames.streamed import Streamed, StreamedFault, StreamedFrame
from cinecast.frames.timing import CLOCKS, DAY, MICROSECONDS, WRAPPING, choose_clock
from cinecast.sequence import instance_digest
from cinecast.settings import FramesSettings

# So many frames without a clock that tells them apart, and there will be none.
_MOST_WITHOUT_CLOCK = 8


class DicomStream:
    """Frames of a watched folder.

    The first frame decides on series, plane, pixel spacing and place; what has another one is said once and left out.
    Times are those of the most trusted clock that tells the first frames apart; they are counted with
    ``frame_period_s`` of the settings, or that of the sidecar where no clock does. Where they are counted, frames that
    are there together are ordered as in a recorded folder, and one that belongs before frames already counted is said
    and left out.

    Parameters
    ----------
    folder
        An existing folder, which may be empty.
    settings
        Series, and facts that win over the files.
    patience_s
        See `FolderWatch`.

    Raises
    ------
    ReadError, SettingsError
        If there is no such folder, or a plane is chosen by number.
    """

    def __init__(self, folder: Path, settings: FramesSettings, patience_s: float = 5.0) -> None:
        if not folder.is_dir():
            raise ReadError(f"a folder to watch must exist, got {folder}; make it, or check the path")
        if settings.plane is not None:
            raise SettingsError(
                f"--plane must be left out where a folder is watched, got {settings.plane}: planes can be counted only "
                "once all are there; the plane of the first frame is taken"
            )
        self._settings, self._folder = settings, folder
        self._sidecar: Sidecar = read_sidecar(folder)
        self._sidecar.note_foreign()
        self._watch = FolderWatch(folder, patience_s)
        self._first: FrameHeader | None = None
        self._others: set[str] = set()
        self._held: list[WatchedFrame] = []
        self._clock: tuple[str, int] | None = None
        self._period_s = settings.frame_period_s
        self._count = 0
        self._newest: FrameHeader | None = None

    @property
    def train_end(self) -> int | None:
        """Train end of the settings or the sidecar, in frames."""
        return self._settings.train_end or self._sidecar.split.get("train_end")

    @property
    def spacing_mm(self) -> tuple[float, float]:
        """Pixel spacing along (rows, columns) in mm, once a frame has come.

        Raises
        ------
        ReadError
            If neither settings nor frames nor sidecar say it.
        """
        spacing = self._settings.pixel_spacing_mm or self._own_spacing_mm or self._sidecar.pixel_spacing_mm
        if spacing is None:
            raise ReadError(
                f"a stream needs a pixel spacing, and the DICOM files of {self._folder.name} have none; give "
                "--pixel-spacing"
            )
        return spacing

    @property
    def spacing_origin(self) -> str:
        """Where the pixel spacing is from, in the words of `cinecast.sequence.Sequence.origins`."""
        if self._settings.pixel_spacing_mm is not None:
            return "--pixel-spacing"
        return DICOM_SPACING if self._own_spacing_mm else f"sidecar {self._sidecar.file_name}"

    @property
    def axes(self) -> tuple[str, str] | None:
        """The patient's axes along (rows, columns) where the sidecar gives them."""
        return self._sidecar.axes

    @property
    def _own_spacing_mm(self) -> tuple[float, float] | None:
        return self._first.spacing_mm if self._first else None

    @property
    def affine(self) -> NDArray[np.float64] | None:
        """Map from (column, row, plane, 1) to patient RAS+ mm, once a frame has come; None where it has no position."""
        return plane_affine([self._first]) if self._first else None

    def look(self, now_s: float) -> list[Streamed]:
        """Return what has arrived since the last look, frames in order of time.

        Parameters
        ----------
        now_s
            The time of this look, as `time.perf_counter` counts.

        Raises
        ------
        ReadError
            If the folder cannot be read, or no clock tells its frames apart.
        """
        arrived: list[Streamed] = []
        for found in self._watch.look(now_s):
            if isinstance(found, StreamedFault):
                arrived.append(found)
            elif (fault := self._other(found.header)) is None:
                self._held.append(found)
            elif fault not in self._others:
                self._others.add(fault)
                arrived.append(StreamedFault(found.header.path.name, fault))
        return arrived + self._timed()

    def _other(self, header: FrameHeader) -> str | None:
        """Return in words what a frame belongs to that is not the stream; None if it is the stream."""
        wanted = self._settings.series
        if wanted is not None and not is_named(header, wanted):
            return f"it belongs to series {header.series_number}, not to {wanted}; others like it are left out"
        if header.colour:
            return "it is in colour; others like it are left out"
        if self._first is None:
            self._first = header
        elif not _same_series(header, self._first):
            return f"it belongs to another series ({header.series_number}); others like it are left out"
        elif len(split_planes([self._first, header])) > 1:
            return "it shows another plane; others like it are left out"
        elif not has_spacing_of(header, self._first):
            return "its pixel spacing is not that of the first frame; others like it are left out"
        elif shift_mm(header, self._first) > 0:
            return "it has moved within the plane since the first frame; others like it are left out"
        return None

    def _timed(self) -> list[Streamed]:
        """Return the frames held, with times, as soon as a clock is known."""
        if self._period_s is None and self._clock is None:
            self._choose_clock()
        if self._period_s is not None:
            return self._counted(self._period_s)
        return [] if self._clock is None else self._by_clock(*self._clock)

    def _by_clock(self, key: str, start: int) -> list[Streamed]:
        timed: list[tuple[int, WatchedFrame]] = []
        without: list[Streamed] = []
        for held in self._held:
            moment = held.header.clocks.get(key)
            if moment is None:
                without.append(StreamedFault(held.header.path.name, f"it has no time of the {CLOCKS[key]}"))
            else:
                timed.append((_after_midnight(moment, start) if key in WRAPPING else moment, held))
        self._held = []
        timed.sort(key=lambda pair: pair[0])
        return without + [_streamed(held, (moment - start) / MICROSECONDS) for moment, held in timed]

    def _choose_clock(self) -> None:
        headers = [held.header for held in self._held]
        chosen = choose_clock([header.clocks for header in headers], frame_numbers(headers)) if headers else None
        if chosen is not None:
            self._clock = chosen[0], min(chosen[1])
        elif len(self._held) > _MOST_WITHOUT_CLOCK:
            self._period_s = self._sidecar.frame_period_s
            if self._period_s is None:
                raise ReadError(
                    f"a stream needs times, and no acquisition time tells the first {len(self._held)} DICOM files of "
                    f"{self._folder.name} apart; give --frame-period to set times by frame count"
                )

    def _counted(self, period_s: float) -> list[Streamed]:
        if not self._held:
            return []
        held, self._held = self._held, []
        following, late = split_arrived(self._newest, [each.header for each in held])
        faults = [StreamedFault(held[i].header.path.name, fault) for i, fault in late.items()]
        first = self._count
        self._count += len(following)
        if following:
            self._newest = held[following[-1]].header
        return [*faults, *(_streamed(held[i], (first + n) * period_s) for n, i in enumerate(following))]


def _same_series(one: FrameHeader, other: FrameHeader) -> bool:
    # Some exports give every file a series UID of its own.
    alike = (one.series_number, one.series_description) == (other.series_number, other.series_description)
    return one.series_uid == other.series_uid or alike


def _streamed(held: WatchedFrame, time_s: float) -> StreamedFrame:
    header = held.header
    name = header.path.name if header.index == 0 else f"{header.path.name}[{header.index}]"
    instance = instance_digest(header.uid, header.index) if header.uid else ""
    return StreamedFrame(name, time_s, held.frame, held.seen_s, instance)


def _after_midnight(moment: int, start: int) -> int:
    return moment + DAY if moment < start - DAY // 2 else moment
