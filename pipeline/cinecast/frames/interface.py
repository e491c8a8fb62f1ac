"""The two questions that every reader answers: what is the sequence, and which series are there."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from cinecast.errors import ReadError
from cinecast.frames.complete import complete
from cinecast.frames.detect import Format, detect_format, sequence_name
from cinecast.frames.dicom.folder import list_dicom, read_dicom
from cinecast.frames.dicom.select import without_text
from cinecast.frames.mha import list_mha, mha_source_files, read_mha
from cinecast.frames.nifti import list_nifti, read_nifti
from cinecast.frames.npz import list_npz, read_npz
from cinecast.frames.sidecar import read_sidecar, sidecar_path
from cinecast.frames.source import SeriesSummary, Source
from cinecast.sequence import Sequence
from cinecast.settings import FramesSettings

_READ: dict[Format, Callable[[Path, FramesSettings], Source]] = {
    "dicom": read_dicom,
    "trackrad": read_mha,
    "nifti": read_nifti,
    "mha": read_mha,
    "npz": read_npz,
}
_LIST: dict[Format, Callable[[Path], tuple[SeriesSummary, ...]]] = {
    "dicom": list_dicom,
    "trackrad": list_mha,
    "nifti": list_nifti,
    "mha": list_mha,
    "npz": list_npz,
}


def read_sequence(path: Path, settings: FramesSettings | None = None) -> Sequence:
    """Read a DICOM folder or file, NIfTI, MHA (TrackRAD2025) or NPZ as one validated sequence.

    Each fact comes from the settings, else from the file itself, else from the sidecar ``NAME.json`` beside it.

    Parameters
    ----------
    path
        File or folder; the format is told by its content.
    settings
        Series, plane, and facts that win over the file.

    Raises
    ------
    ReadError
        If the files are not a usable sequence; the message begins with the name of the file or folder.
    """
    settings = settings or FramesSettings()
    path = _absolute(path)
    with _reading(path):
        kind = detect_format(path)
        if settings.series is not None and kind != "dicom":
            raise ReadError(
                f"--series must be left out where there is no DICOM series, got {without_text(settings.series)}; "
                "remove it"
            )
        sidecar = read_sidecar(path)
        return complete(sequence_name(path), _READ[kind](path, settings), sidecar, settings)


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
            files = mha_source_files(path)
        elif path.is_dir():
            files = [file for file in path.iterdir() if file.is_file() and not file.name.startswith(".")]
        else:
            files = [path]
        sidecar = sidecar_path(path)
        return sorted([*files, sidecar] if sidecar.is_file() else files)


def list_series(path: Path) -> tuple[SeriesSummary, ...]:
    """Return every series of a DICOM folder with its planes, or the one series of another format.

    Nothing about the patient is in it.

    Raises
    ------
    ReadError
        If the path holds no sequence of a known format; the message begins with its name.
    """
    path = _absolute(path)
    with _reading(path):
        return _LIST[detect_format(path)](path)


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
