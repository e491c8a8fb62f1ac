"""A folder that a scanner writes into, as a stream of frames of one series and one plane with their times."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Sequence as SequenceOf
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from cinecast.errors import ReadError, SettingsError
from cinecast.frames.dicom.arrival import settled_clock, split_arrived
from cinecast.frames.dicom.clock_choice import Chosen
from cinecast.frames.dicom.clocks import CLOCKS, WRAPPING
from cinecast.frames.dicom.folder import DICOM_SPACING
from cinecast.frames.dicom.header import FrameHeader
from cinecast.frames.dicom.kind_choice import split_kinds, watched_kind
from cinecast.frames.dicom.numbered import NumberedFrames
from cinecast.frames.dicom.order import clock_contradiction, order_frames, order_remarks
from cinecast.frames.dicom.planes import has_spacing_of, plane_affine, shift_mm, split_planes
from cinecast.frames.dicom.select import is_named
from cinecast.frames.folder_watch import FolderWatch, WatchedFrame
from cinecast.frames.given_period import contradicted_times
from cinecast.frames.recording_digests import instance_digest
from cinecast.frames.sidecar import Sidecar, read_sidecar
from cinecast.frames.streamed import Streamed, StreamedFault, StreamedFrame
from cinecast.frames.timing import DAY, MICROSECONDS
from cinecast.settings import FramesSettings

_LOG = logging.getLogger(__name__)

# So many frames without a clock that tells them apart, and there will be none.
_MOST_WITHOUT_CLOCK = 8
# So many others are said; more come only from a plane that keeps moving.
_MOST_OTHERS = 50
# So many of the first frames are held against a frame period that the user gives.
_HELD_AGAINST_PERIOD = 12


# Directions and position.
_Place = tuple[tuple[float, ...], tuple[float, ...]]
_NOWHERE: _Place = ((), ())


class _Other(NamedTuple):
    """What frames that are left out are told apart by: a plane that moves is said although another was left out."""

    fault: str
    orientation: tuple[float, ...]
    position_mm: tuple[float, ...]


class DicomStream:
    """Frames of a watched folder.

    The first two frames that belong together decide on series, plane, kind of image, pixel spacing and place: a scout
    before them does not. What has another one is said once and left out; so are phase images and scouts unless ``kind``
    of the settings asks for them.
    Times are those of the most trusted clock that tells the first frames apart; they are counted with
    ``frame_period_s`` of the settings, or that of the sidecar where no clock does. Where they are counted, frames that
    are there together are ordered as in a recorded folder, and one that belongs before frames already counted is said
    and left out. Frames that are missing by number count where no clock tells.

    Parameters
    ----------
    folder
        An existing folder, which may be empty.
    settings
        Series, and facts that win over the files.
    patience_s
        See `FolderWatch`.

    Attributes
    ----------
    left_out
        How many frames are not of the stream, by the reason.

    Raises
    ------
    ReadError, SettingsError
        If there is no such folder, or a plane or kind is chosen by number.
    """

    def __init__(self, folder: Path, settings: FramesSettings, patience_s: float = 5.0) -> None:
        if not folder.is_dir():
            raise ReadError(f"a folder to watch must exist, got {folder}; make it, or check the path")
        if settings.plane is not None:
            raise SettingsError(
                f"--plane must be left out where a folder is watched, got {settings.plane}: planes can be counted only "
                "once all are there; the plane of the first frame is taken"
            )
        self._kind = watched_kind(settings.kind)
        self._settings, self._folder = settings, folder
        self._sidecar: Sidecar = read_sidecar(folder)
        self._sidecar.note_foreign()
        self._watch = FolderWatch(folder, patience_s)
        self._first: FrameHeader | None = None
        self._others: set[_Other] = set()
        self._there: set[int] = set()  # hashes: whole keys of a day would take much memory
        self.left_out: Counter[str] = Counter()
        self._undecided: list[WatchedFrame] = []
        self._held: list[WatchedFrame] = []
        self._clock: tuple[str, int] | None = None
        self._period_s = settings.frame_period_s
        self._count = self._missing = 0
        self._numbered = NumberedFrames(trusts_clocks=settings.frame_period_s is not None)
        self._newest: FrameHeader | None = None
        self._last: list[tuple[int, FrameHeader]] = []
        self._contradicted = False
        self._first_counted: list[FrameHeader] = []

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

    def awaits_more(self, now_s: float) -> bool:
        """Whether a file has come, not long before ``now_s``, that is not whole yet as far as is known."""
        return self._watch.awaits_more(now_s)

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
            elif (fault := self._never(found.header) or self._there_already(found)) is not None:
                arrived += self._left_out(found, fault)
            else:
                arrived += self._sorted_in(found)
        return arrived + self._timed()

    def _sorted_in(self, found: WatchedFrame) -> list[Streamed]:
        """Hold a frame that is of the stream, decide what the stream is, or leave the frame out."""
        waiting = [*self._undecided, found]
        self._undecided = []
        if self._first is None:
            self._first = _leader([each.header for each in waiting])
        if self._first is None:
            self._undecided = waiting
            return []
        faults: list[Streamed] = []
        for each in waiting:
            if (fault := _unlike(each.header, self._first)) is None:
                self._held.append(each)
            else:
                place = _rounded_place(each.header) if _same_series(each.header, self._first) else _NOWHERE
                faults += self._left_out(each, fault, place)
        return faults

    def _left_out(self, found: WatchedFrame, fault: str, place: _Place = _NOWHERE) -> list[Streamed]:
        """Count a frame that is not of the stream, and report it unless one like it was.

        Frames that could be of the stream are alike only where they are of one place: its plane may move after another
        one, which is imaged in turn, was reported.
        """
        self.left_out[fault] += 1
        other = _Other(fault, *place)
        if other in self._others or len(self._others) >= _MOST_OTHERS:
            return []
        self._others.add(other)
        return [StreamedFault(found.header.path.name, f"{fault}; others like it are left out")]

    def _never(self, header: FrameHeader) -> str | None:
        """Return in words why a frame belongs to no stream that is asked for; None if it may."""
        wanted = self._settings.series
        if wanted is not None and not is_named(header, wanted):
            return f"it belongs to series {header.series_number}, which --series does not name"
        if header.colour:
            return "it is in colour"
        component = header.kind.component or "magnitude"
        if component != self._kind:
            return f"it is a {component} image, not a {self._kind} image (--kind {component} takes it)"
        return "it is a localizer" if header.kind.localizer else None

    def _there_already(self, found: WatchedFrame) -> str | None:
        """Return in words that a frame is a copy of one that has come; None for any other.

        Counted, it would move all later times; and no clock tells it from the other. Some exports give all files one
        UID: then their numbers, times or pixels differ, or nothing is said.
        """
        header = found.header
        if header.uid is None or (header.number is None and not header.clocks):
            return None
        place = header.number, header.temporal_position, header.position, header.orientation
        own = hash((header.uid, header.index, *place, *sorted(header.clocks.items()), found.frame.tobytes()))
        if own in self._there:
            return "it is a copy of a frame that has come, under another name"
        self._there.add(own)
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
        self._say_contradictions(key, timed)
        return without + [_streamed(held, (moment - start) / MICROSECONDS) for moment, held in timed]

    def _say_contradictions(self, key: str, timed: SequenceOf[tuple[int, WatchedFrame]]) -> None:
        """Say once what contradicts the times of the frames that have come, the newest of those before among them."""
        if self._contradicted or not timed:
            return
        moments = [*self._last, *((moment, held.header) for moment, held in timed)]
        self._last = moments[-1:]
        chosen = Chosen(key, [moment for moment, _ in moments])
        headers = [header for _, header in moments]
        found = [*order_remarks(headers, chosen), clock_contradiction(headers, chosen)]
        for sentence in filter(None, found):
            self._contradicted = True
            _LOG.warning("%s", sentence)

    def _choose_clock(self) -> None:
        headers = [held.header for held in self._held]
        chosen = settled_clock(headers)
        if chosen is not None:
            self._clock = chosen.key, min(chosen.times)
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
        timed = [_streamed(held[i], self._place(held[i].header) * period_s) for i in following]
        if following:
            self._newest = held[following[-1]].header
            self._say_contradicted_period([held[i].header for i in following])
        return [*faults, *timed]

    def _place(self, header: FrameHeader) -> int:
        """Return how many periods lie before the next frame: one for each before it, and each that is missing."""
        missing = self._numbered.missing_before(header)
        if missing:
            _LOG.warning(
                "by its number %d frame(s) are missing before %s: their time counts, as that of lost frames",
                *(missing, header.path.name),
            )
        place = self._count + missing
        self._count, self._missing = place + 1, self._missing + missing
        return place

    def _say_contradicted_period(self, headers: SequenceOf[FrameHeader]) -> None:
        """Say once where the frame period of the user's is not that of the first frames' own clock."""
        period_s, before = self._settings.frame_period_s, len(self._first_counted)
        # What is missing by number has been said, and has its time.
        if period_s is None or before >= _HELD_AGAINST_PERIOD or self._missing:
            return
        self._first_counted += headers
        if len(self._first_counted) < _HELD_AGAINST_PERIOD:
            return
        try:
            _, times_s, clock = order_frames(self._first_counted, counted=True)
        except ReadError as error:
            _LOG.warning("%s", error)
            return
        for remark in [] if times_s is None else contradicted_times(period_s, times_s, clock or "the files"):
            _LOG.warning("%s", remark)


def _rounded_place(header: FrameHeader) -> _Place:
    """Return directions to a hundredth and position to a mm, empty where there is none."""
    directions, position = header.orientation or (), header.position or ()
    return tuple(round(each, 2) for each in directions), tuple(float(round(each)) for each in position)


def _leader(headers: SequenceOf[FrameHeader]) -> FrameHeader | None:
    """Return the first of the two frames that belong together; the first of all where there are too many without."""
    for later, header in enumerate(headers):
        for earlier in headers[:later]:
            if _unlike(header, earlier) is None:
                return earlier
    return headers[0] if len(headers) > _MOST_WITHOUT_CLOCK else None


def _unlike(header: FrameHeader, first: FrameHeader) -> str | None:
    """Return in words what a frame belongs to that is not the stream of another one; None if it is that stream."""
    if not _same_series(header, first):
        return f"it belongs to another series ({header.series_number})"
    kinds = split_kinds([first, header])
    if len(kinds) > 1:
        return f"it is another kind of image ({next(kind.name for kind in kinds if header in kind.headers)})"
    if len(split_planes([first, header])) > 1:
        return "it shows another plane"
    if not has_spacing_of(header, first):
        return "its pixel spacing is not that of the first frame"
    if shift_mm(header, first) > 0:
        return "it has moved within the plane since the first frame"
    return None


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
