"""The formats of an export, by name and by the ending of the file."""

from __future__ import annotations

from pathlib import Path

from cinecast.errors import SettingsError
from cinecast.export.choice import DVF, DVF_OF_FRAME
from cinecast_models.errors import spelling_hint

FORMATS = ("nifti", "mha", "nrrd", "h5", "mp4", "gif", "csv")
_ENDINGS = {".nii.gz": "nifti", ".nii": "nifti"} | {f".{name}": name for name in FORMATS if name != "nifti"}
_VOLUMES, _FILMS = ("nifti", "mha"), ("mp4", "gif")
# What each is called, and the formats that hold it.
_HELD_BY = {
    DVF: ("a DVF of all frames", _VOLUMES),
    # ITK takes a NIfTI image of one slice for one of two axes, which is no transform of space.
    DVF_OF_FRAME: ("a DVF of one frame", ("mha", "nrrd", "h5")),
    "reliability": ("a map of reliability", _VOLUMES),
    "static-reliability": ("a map of reliability", _VOLUMES),
    "target": ("a film of targets", _FILMS),
    "target-masks": ("a mask of a target", _VOLUMES),
    "target-centroids": ("a table of centroids", ("csv",)),
}
_OF_IMAGES = ("an image", (*_VOLUMES, *_FILMS))


def export_format(out: Path, wanted: str | None, what: str) -> str:
    """Return the format of a file, by its ending; ``wanted`` must agree with it.

    Parameters
    ----------
    out
        The file to be written, which need not exist.
    wanted
        What ``--format`` names; None where it was left out.
    what
        A name in `cinecast.export.WHATS`, or `ExportChoice.kind`.

    Returns
    -------
    str
        A name in `FORMATS`.

    Raises
    ------
    SettingsError
        If the format is unknown, does not go with the ending, or cannot hold what is exported.
    """
    if wanted is not None and wanted not in FORMATS:
        raise SettingsError(
            f"--format must be one of {', '.join(FORMATS)}, got {wanted!r}; {spelling_hint(wanted, FORMATS)}"
        )
    by_ending = next((name for ending, name in _ENDINGS.items() if out.name.lower().endswith(ending)), None)
    if by_ending is None or (wanted is not None and wanted != by_ending):
        endings = ", ".join(ending for ending, name in _ENDINGS.items() if wanted in (None, name))
        raise SettingsError(
            f"the file must end with {endings}{f' for --format {wanted}' if wanted else ''}, got {out.name}; rename it"
        )
    name, held_by = _HELD_BY.get(what, _OF_IMAGES)
    if by_ending not in held_by:
        raise SettingsError(f"{name} is exported as {' or '.join(held_by)}, got {by_ending}; choose {_one_of(held_by)}")
    return by_ending


def _one_of(formats: tuple[str, ...]) -> str:
    return "that" if len(formats) == 1 else "one of these"
