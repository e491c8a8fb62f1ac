"""Which format a path holds, by its content first and its extension second."""

from __future__ import annotations

import os
import stat
import zlib
from pathlib import Path
from typing import Literal

from cinecast.errors import ReadError

Format = Literal["dicom", "trackrad", "nifti", "mha", "nrrd", "npz"]

FORMATS_KNOWN = "DICOM (folder or file), NIfTI (.nii, .nii.gz), MHA/MHD, NRRD (.nrrd, .seq.nrrd) and NPZ"
EXTENSIONS: dict[str, Format] = {
    ".nii.gz": "nifti",
    ".nii": "nifti",
    ".mha": "mha",
    ".mhd": "mha",
    ".seq.nrrd": "nrrd",
    ".nrrd": "nrrd",
    ".npz": "npz",
    ".dcm": "dicom",
    ".ima": "dicom",
}
# What is taken for a sequence where folders are searched: a plain NRRD is a mask more often than not.
FOUND_IN_FOLDERS = tuple(extension for extension in EXTENSIONS if extension != ".nrrd")
# Beside these, converters put a JSON of their own that says of times.
CONVERTED = (".nii", ".nii.gz", ".nrrd")
# Without its preamble a DICOM file begins with an element of group 0002 or 0008.
_BARE_DICOM = (b"\x02\x00", b"\x08\x00")


def sequence_name(path: Path) -> str:
    """Return the name of a file without its known extension, or of a folder as it stands."""
    if path.is_dir():
        return path.name
    return path.name[: -len(known)] if (known := _extension(path)) else path.name


def readable_name(path: Path) -> str:
    """Return the name of a sequence for people and files: what is no UTF-8, as of an old disk, stands as a mark."""
    return readable(sequence_name(path))


def readable(name: str) -> str:
    """Return a name of a file in characters that can be written."""
    return os.fsencode(name).decode("utf-8", "replace")


def detect_format(path: Path) -> Format:
    """Return the format of an existing file or folder.

    Raises
    ------
    ReadError
        If there is no such path, it cannot be read, or its format is not known.
    """
    if _mode(path) is None:
        raise ReadError(f"there is no file or folder {path}; check the path")
    if path.is_dir():
        return "trackrad" if mha_files(path / "images") else "dicom"
    if not path.is_file():
        raise ReadError(f"{path.name} is neither a file nor a folder; give one that holds a sequence")
    found = _format_of_content(read_head(path)) or EXTENSIONS.get(_extension(path))
    if found is None:
        raise ReadError(f"{path.name} is of no known format; give one of {FORMATS_KNOWN}")
    return found


def is_file(path: Path) -> bool:
    """Return whether a file lies at a path.

    `Path.is_file` says no where the system cannot tell, from Python 3.14 on whatever the reason, such as a disk that
    has gone: a sidecar would be passed over, and its facts with it.

    Raises
    ------
    ReadError
        If the system cannot tell.
    """
    mode = _mode(path)
    return mode is not None and stat.S_ISREG(mode)


def _mode(path: Path) -> int | None:
    """Return what lies at a path, as the system has it; None for nothing."""
    try:
        return path.stat().st_mode
    except (FileNotFoundError, NotADirectoryError, ValueError):  # the last: no path of a file has a character of code 0
        return None
    except OSError as error:
        raise ReadError(
            f"{path.name} cannot be read ({error.strerror}); check its name, its permissions and the disk"
        ) from error


def mha_files(folder: Path) -> list[Path]:
    """Return the MHA and MHD files directly in a folder, by name; none where there is no such folder."""
    if not folder.is_dir():
        return []
    return sorted(file for file in folder.iterdir() if file.suffix.lower() in (".mha", ".mhd"))


def read_head(path: Path, size: int = 4096) -> bytes:
    """Return the first bytes of a file.

    Parameters
    ----------
    path
        An existing file.
    size
        How many bytes at most.

    Returns
    -------
    bytes
        Fewer where the file is shorter.

    Raises
    ------
    ReadError
        If the file cannot be read.
    """
    try:
        with path.open("rb") as stream:
            return stream.read(size)
    except OSError as error:
        raise ReadError(f"{path.name} cannot be read ({error.strerror}); check its permissions and the disk") from error


def has_dicom_magic(head: bytes) -> bool:
    """Return whether the bytes carry the DICOM preamble."""
    return head[128:132] == b"DICM"


def may_be_bare_dicom(head: bytes) -> bool:
    """Return whether the bytes could be DICOM without its preamble."""
    return head[:2] in _BARE_DICOM


def _extension(path: Path) -> str:
    name = path.name.lower()
    return next((known for known in EXTENSIONS if name.endswith(known)), "")


def _format_of_content(head: bytes) -> Format | None:
    if has_dicom_magic(head):
        return "dicom"
    if head[:4] == b"PK\x03\x04":
        return "npz"
    if head[:4] == b"NRRD":
        return "nrrd"
    if has_nifti_header(head):
        return "nifti"
    if has_mha_header(head):
        return "mha"
    return None


def has_nifti_header(head: bytes) -> bool:
    """Return whether a file, zipped or not, begins as NIfTI-1 or NIfTI-2 does."""
    plain = _unzipped(head) if head[:2] == b"\x1f\x8b" else head
    return plain[344:348] == b"n+1\0" or plain[4:8] == b"n+2\0"


def has_mha_header(head: bytes) -> bool:
    """Return whether a file begins with a header of MHA or MHD."""
    return b"NDims" in head and b"ElementType" in head


def _unzipped(head: bytes) -> bytes:
    try:
        return zlib.decompressobj(wbits=31).decompress(head, 1024)
    except zlib.error:
        return b""
