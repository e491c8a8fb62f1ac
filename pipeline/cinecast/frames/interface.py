"""The two questions that every reader answers: what is the sequence, and which series are there."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import NamedTuple

from cinecast.errors import ReadError
from cinecast.frames.claims import DEFAULT_LIMIT_GB
from cinecast.frames.complete import complete
from cinecast.frames.detect import Format, detect_format, is_file, readable_name
from cinecast.frames.series_names import may_be_kept, with_kept_series
from cinecast.frames.sidecar import read_sidecar, sidecar_path
from cinecast.frames.source import PlaneSummary, SeriesSummary, Source, without_text
from cinecast.frames.spool import MEMORY, Spool
from cinecast.sequence import Sequence
from cinecast.settings import FramesSettings


class _Reader(NamedTuple):
    """How one format answers both questions."""

    read: Callable[[Path, FramesSettings, Spool], Source]
    list_series: Callable[[Path], tuple[SeriesSummary, ...]]


def _reader(kind: Format, limit_gb: float = DEFAULT_LIMIT_GB) -> _Reader:
    """Return the reader of a format; its library is loaded only now: pydicom or SimpleITK take longer than a file.

    Formats that cannot be listed without their pixels unfold at most ``limit_gb`` for it.
    """
    if kind == "dicom":
        from cinecast.frames.dicom.folder import list_dicom, read_dicom

        return _Reader(read_dicom, list_dicom)
    if kind == "nifti":
        from cinecast.frames.nifti import list_nifti, read_nifti

        return _Reader(read_nifti, list_nifti)
    if kind == "npz":
        from cinecast.frames.npz import list_npz, read_npz

        return _Reader(read_npz, partial(list_npz, limit_gb=limit_gb))
    if kind == "nrrd":
        from cinecast.frames.nrrd import list_nrrd, read_nrrd

        return _Reader(read_nrrd, list_nrrd)
    from cinecast.frames.mha import list_mha, read_mha

    return _Reader(read_mha, partial(list_mha, limit_gb=limit_gb))


def read_sequence(path: Path, settings: FramesSettings | None = None, spool: Spool = MEMORY) -> Sequence:
    """Read a DICOM folder or file, NIfTI, MHA, NRRD or NPZ as one validated sequence.

    Each fact comes from the settings, else from the file itself, else from the sidecar ``NAME.json`` beside it.

    Parameters
    ----------
    path
        File or folder; the format is told by its content.
    settings
        Series, plane, and facts that win over the file.
    spool
        Where frames of more than 32 MB go; into memory, unless it has a disk for them.

    Returns
    -------
    Sequence
        Frames (T, H, W) in the type of the source: in memory, or memory-mapped where they are on the disk.

    Raises
    ------
    ReadError
        If the files are not a usable sequence; the message begins with the name of the file or folder.
    """
    settings = settings or FramesSettings()
    path = _absolute(path)
    with _reading(path):
        kind = detect_format(path)
        _check_series(kind, settings)
        sidecar = read_sidecar(path)
        return complete(readable_name(path), _reader(kind).read(path, settings, spool), sidecar, settings)


def source_files(path: Path) -> list[Path]:
    """Return all files that `read_sequence` may take a fact from, sorted; a change in none of them changes nothing.

    Raises
    ------
    ReadError
        If the path holds no sequence of a known format.
    """
    path = _absolute(path)
    with _reading(path):
        if detect_format(path) in ("mha", "trackrad"):
            from cinecast.frames.mha import mha_source_files

            files = mha_source_files(path)
        elif path.is_dir():
            files = [file for file in path.iterdir() if file.is_file() and not file.name.startswith(".")]
        else:
            files = [path]
        sidecar = sidecar_path(path)
        return sorted([*files, sidecar] if is_file(sidecar) else files)


def list_series(path: Path, memory_limit_gb: float = DEFAULT_LIMIT_GB) -> tuple[SeriesSummary, ...]:
    """Return every series of a DICOM folder with its planes, or the one series of another format.

    Nothing about the patient is in it.

    Parameters
    ----------
    path
        File or folder; the format is told by its content.
    memory_limit_gb
        As in `FramesSettings`, for formats that cannot be listed without their pixels.

    Returns
    -------
    tuple[SeriesSummary, ...]
        Ordered by series number.

    Raises
    ------
    ReadError
        If the path holds no sequence of a known format, or one beyond the limit; the message begins with its name.
    """
    path = _absolute(path)
    with _reading(path):
        return _reader(detect_format(path), memory_limit_gb).list_series(path)


def name_series_for_keeping(path: Path, settings: FramesSettings) -> FramesSettings:
    """Return settings that may be kept with results: a series that they name by UID or description gets its number.

    Parameters
    ----------
    path
        File or folder of the sequence.
    settings
        Settings as they were given.

    Returns
    -------
    FramesSettings
        The same, but for the name of the series: its number, or a digest of its UID where the number is not enough.

    Raises
    ------
    ReadError
        If the path holds no such series.
    """
    path = _absolute(path)
    if may_be_kept(settings.series):
        return settings
    with _reading(path):
        _check_series(detect_format(path), settings)
        return with_kept_series(path, settings)


def _check_series(kind: Format, settings: FramesSettings) -> None:
    if settings.series is not None and kind != "dicom":
        raise ReadError(
            f"--series must be left out where there is no DICOM series, got {without_text(settings.series)}; remove it"
        )


def list_planes(path: Path, settings: FramesSettings | None = None) -> tuple[PlaneSummary, ...]:
    """Return the planes that are each a sequence of its own, as ``plane`` of the settings counts them.

    Parameters
    ----------
    path
        File or folder.
    settings
        Series and kind of image, where a DICOM folder holds several.

    Returns
    -------
    tuple of PlaneSummary
        Without scouts, which are said.

    Raises
    ------
    ReadError
        If the path holds no sequence of a known format, or several series or kinds of which none is chosen.
    """
    settings = settings or FramesSettings()
    path = _absolute(path)
    with _reading(path):
        kind = detect_format(path)
        if kind == "dicom":
            from cinecast.frames.dicom.folder import list_dicom_planes

            return list_dicom_planes(path, settings)
        return _reader(kind).list_series(path)[0].planes


@contextmanager
def _reading(path: Path) -> Iterator[None]:
    # In batch work a sentence without the name of the sequence is of no use.
    try:
        yield
    except ReadError as error:
        text = str(error)
        raise ReadError(text if text.startswith(path.name) else f"{path.name}: {text}") from error
    except OSError as error:
        raise ReadError(
            f"{path.name} cannot be read ({error.strerror}); check its name, its permissions and the disk"
        ) from error


def _absolute(path: Path) -> Path:
    # As `sidecar_path` does, so that "." has a name.
    return Path(os.path.abspath(path))
