"""Choice of one series and one plane among those of a DICOM folder."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Sequence as SequenceOf

from cinecast.errors import ReadError
from cinecast.frames.dicom.header import FrameHeader
from cinecast.frames.dicom.kind_choice import chosen_kind, split_kinds
from cinecast.frames.dicom.planes import Plane, moved_slice, split_planes
from cinecast.frames.source import SeriesSummary, listing, series_key, without_text

_LOG = logging.getLogger(__name__)

# A scout has so many frames of a plane at most, and a tenth of those of the sequence.
_MOST_SCOUTS = 3
# Messages are kept with a cohort and shown on its page, which is mailed: nothing that people typed at the scanner is in
# them.
_WHERE_TEXTS_ARE = "`cinecast info --identifying` lists UIDs and descriptions"


def split_series(headers: SequenceOf[FrameHeader]) -> list[list[FrameHeader]]:
    """Return the frames by series, ordered by series number, then UID.

    Some exports (MATLAB's ``dicomwrite``) give every file a series UID of its own. A series of one frame is no cine, so
    that those of the same number and description are taken together.
    """
    series: dict[object, list[FrameHeader]] = {}
    counts = Counter(header.series_uid for header in headers)
    for header in headers:
        alone = counts[header.series_uid] == 1
        key = (header.series_number, header.series_description) if alone else header.series_uid
        series.setdefault(key, []).append(header)
    return sorted(series.values(), key=lambda frames: (frames[0].series_number or 0, frames[0].series_uid or ""))


def summarise(headers: SequenceOf[FrameHeader]) -> SeriesSummary:
    """Return what `cinecast info` lists of one series."""
    first = headers[0]
    kinds = split_kinds(headers)
    planes = tuple(plane.summary(index) for index, plane in enumerate(split_planes(_of_one_kind(headers))))
    return SeriesSummary(
        number=first.series_number,
        uid=first.series_uid if len({header.series_uid for header in headers}) == 1 else None,
        description=first.series_description,
        frame_count=len(headers),
        rows=first.rows,
        columns=first.columns,
        planes=planes,
        kinds=tuple(f"{index}: {kind}" for index, kind in enumerate(kinds)) if len(kinds) > 1 else (),
        other_sizes=any((header.rows, header.columns) != (first.rows, first.columns) for header in headers),
    )


def _of_one_kind(headers: SequenceOf[FrameHeader]) -> SequenceOf[FrameHeader]:
    # ``--plane`` counts the planes of the kind that is read: a scout of another plane is none of them.
    try:
        return chosen_kind(headers, None).headers
    except ReadError:
        return headers


def select_series(headers: SequenceOf[FrameHeader], wanted: str | None) -> list[FrameHeader]:
    """Return the frames of the one series that `wanted` names by number, UID or description.

    Parameters
    ----------
    headers
        Frames of all series of a folder.
    wanted
        Number, UID or description of a series; None where there is one alone.

    Returns
    -------
    list[FrameHeader]
        Its frames, in the order given.

    Raises
    ------
    ReadError
        If it names none or several, or there are several and it is None.
    """
    series = split_series(headers)
    if wanted is None:
        if len(series) == 1:
            return series[0]
        raise ReadError(
            f"one series must be chosen where there are several, got {_listed(series)}; choose one with --series "
            f"({_WHERE_TEXTS_ARE})"
        )
    chosen = [frames for frames in series if is_named(frames[0], wanted.strip())]
    if not chosen:
        raise ReadError(
            f"--series must name one of {_listed(series)}, got {without_text(wanted)}; give a number, UID or "
            f"description ({_WHERE_TEXTS_ARE})"
        )
    if len(chosen) > 1:
        raise ReadError(
            f"--series must name one series, got {without_text(wanted)} for {_listed(chosen)}; give the UID "
            f"({_WHERE_TEXTS_ARE})"
        )
    return chosen[0]


def select_plane(headers: SequenceOf[FrameHeader], wanted: int | None) -> Plane:
    """Return the plane of a series that `wanted` counts; scouts of other planes that are left out are said.

    Parameters
    ----------
    headers
        Frames of one series.
    wanted
        Index of a plane in the order of `split_planes`; None where there is one alone beside scouts.

    Returns
    -------
    Plane
        Its frames, in the order given.

    Raises
    ------
    ReadError
        If there is no such plane, or there are several and it is None.
    """
    planes = split_planes(headers)
    if wanted is None and len(planes) == 1:
        return planes[0]
    if wanted is None and len(kept := without_scouts(planes)) == 1:
        return kept[0]
    if wanted is None and (moved := moved_slice(planes)) is not None:
        raise ReadError(moved)
    listed = listing([str(plane.summary(index)) for index, plane in enumerate(planes)])
    if wanted is None:
        raise ReadError(
            f"one plane must be chosen where there are several, got {len(planes)} ({listed}); choose one with --plane "
            "(run, batch and info also take --plane all)"
        )
    if wanted >= len(planes):
        raise ReadError(f"--plane must be one of the planes {listed}, got {wanted}; choose one of them")
    return planes[wanted]


def without_scouts(planes: SequenceOf[Plane]) -> list[Plane]:
    """Return the planes that are more than a few images that the others were planned on; what is left out is said."""
    most = min(_MOST_SCOUTS, max(len(plane.headers) for plane in planes) // 10)
    kept = [plane for plane in planes if len(plane.headers) > most]
    left_out = sum(len(plane.headers) for plane in planes) - sum(len(plane.headers) for plane in kept)
    if left_out:
        _LOG.warning(
            "the series has %d frame(s) of other planes, which are taken for scouts and left out; --plane takes "
            "another",
            left_out,
        )
    return kept


def _listed(series: SequenceOf[list[FrameHeader]]) -> str:
    return listing([summarise(frames).without_text() for frames in series])


def is_named(header: FrameHeader, wanted: str) -> bool:
    """Return whether a frame belongs to the series that `wanted` names by number, UID or description.

    Parameters
    ----------
    header
        A frame of the series.
    wanted
        What ``--series`` was given, without blanks around it.

    Returns
    -------
    bool
        Descriptions are compared without regard to upper and lower case.
    """
    number = None if header.series_number is None else str(header.series_number)
    description = (header.series_description or "").strip().casefold()
    key = series_key(header.series_uid) if header.series_uid else None
    return wanted in (number, header.series_uid, key) or (description != "" and wanted.casefold() == description)
