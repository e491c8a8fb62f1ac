"""The file of an export: written whole or not at all."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from cinecast.export.content import Content
from cinecast.export.films import write_gif, write_mp4
from cinecast.export.volumes import write_mha, write_nifti_volume
from cinecast.store.disk_errors import as_store_error
from cinecast.store.replacing import replacing

WRITERS: dict[str, Callable[[Path, Content], str]] = {
    "nifti": write_nifti_volume,
    "mha": write_mha,
    "mp4": write_mp4,
    "gif": write_gif,
}


def write_export(out: Path, content: Content, kind: str) -> str:
    """Write a file whole or not at all, and say what it has.

    Parameters
    ----------
    out
        File to write, in an existing folder.
    content
        Frames, DVFs or maps of reliability.
    kind
        A name in `cinecast.export.FORMATS`; a film takes frames alone.

    Returns
    -------
    str
        Which frames, and in which unit or grey window.

    Raises
    ------
    StoreError
        If it cannot be written.
    """
    with as_store_error(out.parent, "the export"), replacing(out) as temporary:
        return f"{content.span}, {WRITERS[kind](temporary, content)}"
