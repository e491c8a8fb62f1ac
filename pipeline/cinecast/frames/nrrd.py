"""NRRD with attached data: sequences of Slicer (`.seq.nrrd`, a list axis first or last), and (column, row, time).

Slicer before 5.9 writes the list axis first, later ones last; its times stand in ``axis N index values``, whose unit
is in the field ``units``.
"""

from __future__ import annotations

import bz2
import logging
import zlib
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from cinecast.errors import ReadError
from cinecast.frames.claims import check_deflated, check_held, check_limit, open_gzip, read_claimed
from cinecast.frames.converter_json import converter_times
from cinecast.frames.nrrd_header import NrrdHeader, read_nrrd_header
from cinecast.frames.nrrd_layout import NrrdLayout
from cinecast.frames.source import PlaneSummary, SeriesSummary, Source
from cinecast.frames.spool import MEMORY, Spool
from cinecast.settings import FramesSettings

_LOG = logging.getLogger(__name__)


def read_nrrd(path: Path, settings: FramesSettings, spool: Spool = MEMORY) -> Source:
    """Read one plane of an NRRD file.

    Parameters
    ----------
    path
        ``.nrrd`` or ``.seq.nrrd``.
    settings
        ``plane``, where there are several; ``memory_limit_gb``.
    spool
        Where large frames go.

    Returns
    -------
    Source
        Without times where neither the index of a list axis, nor the step of a time axis has a unit of time.

    Raises
    ------
    ReadError
        If the file is damaged, claims more than it holds or than the limit, has other axes, or holds several planes and
        `settings.plane` chooses none.
    """
    header = _header(path)
    layout = NrrdLayout(header)
    plane = _chosen_plane(layout, settings.plane)
    frames = spool.native(layout.frames(_values(path, header, settings.memory_limit_gb, spool), plane))
    beside = converter_times(path, len(frames), layout.period_s(), "NRRD header")
    if settings.frame_period_s is None:
        for doubt in beside.doubts:
            _LOG.warning("%s: %s", path.name, doubt)
    times, origin = layout.times()
    if beside.times_s is not None or (times is not None and beside.origin):
        times, origin = times if beside.times_s is None else beside.times_s, beside.origin or origin
    spacing, affine = layout.spacing_mm(), layout.affine(plane)
    origins = {
        "frames": f"NRRD, {layout.words}",
        "spacing_mm": "NRRD header",
        "affine": "no space of the patient in the NRRD header" if affine is None else "space of the NRRD header",
    }
    if times is not None:
        origins["frame_period_s"] = origin
    return Source(
        frames=frames,
        times_s=times,
        spacing_mm=spacing,
        affine=affine,
        origins=origins,
        lacking={"frame_period_s": layout.why_no_times(), "spacing_mm": layout.why_no_spacing()},
        step_without_unit=layout.step_without_unit(),
    )


def list_nrrd(path: Path) -> tuple[SeriesSummary, ...]:
    """Return the one series of an NRRD file with its planes, by its header alone.

    Raises
    ------
    ReadError
        As `read_nrrd`.
    """
    layout = NrrdLayout(_header(path))
    planes = tuple(PlaneSummary(index, layout.frame_count) for index in range(layout.plane_count))
    count = layout.frame_count * layout.plane_count
    return (SeriesSummary(None, None, None, count, layout.rows, layout.columns, planes),)


def _header(path: Path) -> NrrdHeader:
    """Return the header, once it is known that the file can hold what it claims."""
    header = read_nrrd_header(path)
    held = path.stat().st_size - header.data_start
    if header.encoding == "raw":
        check_held(path.name, "NRRD", header.claimed, held)
    elif header.encoding == "gzip":
        check_deflated(path.name, "NRRD", header.claimed, held)
    return header


def _values(path: Path, header: NrrdHeader, limit_gb: float, spool: Spool) -> NDArray[Any]:
    """Return the values, the first axis of the header first; those of an uncompressed file stay on the disk."""
    kind = header.kind
    try:
        with path.open("rb") as file:
            if header.encoding == "raw":
                return np.memmap(file, kind, "r", header.data_start, header.sizes, order="F")
            check_limit(path.name, header.claimed, limit_gb)
            file.seek(header.data_start)
            stream: IO[bytes] = open_gzip(file) if header.encoding == "gzip" else bz2.BZ2File(file)
            content = read_claimed(path.name, "NRRD", stream, header.claimed, spool)
            return np.frombuffer(content, kind).reshape(header.sizes, order="F")
    except (OSError, EOFError, ValueError, OverflowError, MemoryError, zlib.error) as error:
        raise ReadError(
            f"{path.name} cannot be read as NRRD: it is cut short or damaged; copy or export it again"
        ) from error


def _chosen_plane(layout: NrrdLayout, plane: int | None) -> int:
    if plane is None and layout.plane_count > 1:
        raise ReadError(
            f"one plane must be chosen where there are several, got {layout.plane_count}; choose one with --plane "
            "(run, batch and info also take --plane all)"
        )
    if plane is not None and plane >= layout.plane_count:
        raise ReadError(f"--plane must be below the {layout.plane_count} plane(s) of the NRRD, got {plane}; change it")
    return plane or 0
