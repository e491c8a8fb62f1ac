"""The file of an export: written whole or not at all."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from cinecast.export.exported import Content, Table
from cinecast.export.films import write_gif, write_mp4
from cinecast.export.transforms import write_field, write_transform
from cinecast.export.volumes import write_mha, write_nifti_volume
from cinecast.store.disk_errors import as_store_error
from cinecast.store.replacing import replacing
from cinecast.store.tables import write_table


def write_csv(path: Path, table: Table) -> str:
    """Write a table as CSV.

    Parameters
    ----------
    path
        File to write, ``.csv``.
    table
        Its rows.

    Returns
    -------
    str
        How many rows it has, in words.
    """
    write_table(path, table.columns, table.rows)
    return f"{len(table.rows)} rows"


# Each takes what `cinecast.export.formats` lets it have: a table goes to CSV alone.
WRITERS: dict[str, Callable[[Path, Any], str]] = {
    "nifti": write_nifti_volume,
    "mha": lambda path, content: (write_field if content.single else write_mha)(path, content),
    "nrrd": write_field,
    "h5": write_transform,
    "mp4": write_mp4,
    "gif": write_gif,
    "csv": write_csv,
}


def write_export(out: Path, content: Content | Table, kind: str) -> str:
    """Write a file whole or not at all, and say what it has.

    Parameters
    ----------
    out
        File to write, in an existing folder.
    content
        Frames, DVFs, maps of reliability, masks or a table.
    kind
        A name in `cinecast.export.FORMATS`; a film takes frames and painted pictures, CSV a table alone.

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
        words = WRITERS[kind](temporary, content)
        note = content.note if isinstance(content, Content) else ""
        not_causal = f"; {content.not_causal}" if content.not_causal else ""
        return f"{content.span}, {words}{note}{not_causal}"
