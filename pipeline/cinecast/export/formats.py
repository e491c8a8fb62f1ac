"""The formats of an export, by name and by the ending of the file."""

from __future__ import annotations

from pathlib import Path

from cinecast.errors import SettingsError

FORMATS = ("nifti", "mha", "mp4", "gif")
_ENDINGS = {".nii.gz": "nifti", ".nii": "nifti", ".mha": "mha", ".mp4": "mp4", ".gif": "gif"}
_FILMS = ("mp4", "gif")
_NO_FILMS = {"dvf": "a DVF"} | dict.fromkeys(("reliability", "static-reliability"), "a map of reliability")


def export_format(out: Path, wanted: str | None, what: str) -> str:
    """Return the format of a file, by its ending; ``wanted`` must agree with it.

    Parameters
    ----------
    out
        The file to be written, which need not exist.
    wanted
        What ``--format`` names; None where it was left out.
    what
        A name in `cinecast.export.WHATS`.

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
        raise SettingsError(f"--format must be one of {', '.join(FORMATS)}, got {wanted!r}; choose one of these")
    by_ending = next((name for ending, name in _ENDINGS.items() if out.name.lower().endswith(ending)), None)
    if by_ending is None or (wanted is not None and wanted != by_ending):
        endings = ", ".join(ending for ending, name in _ENDINGS.items() if wanted in (None, name))
        raise SettingsError(
            f"the file must end with {endings}{f' for --format {wanted}' if wanted else ''}, got {out.name}; rename it"
        )
    if what in _NO_FILMS and by_ending in _FILMS:
        raise SettingsError(f"{_NO_FILMS[what]} is exported as nifti or mha, got {by_ending}; choose one of these")
    return by_ending
