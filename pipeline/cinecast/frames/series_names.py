"""How a series is called where settings are kept: a number or a digest, never what people typed at the scanner."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from cinecast.errors import ReadError
from cinecast.frames.source import NAMES_KEPT, series_key
from cinecast.settings import FramesSettings


def may_be_kept(name: str | None) -> bool:
    """Return whether the name of a series says nothing of the patient: it is a number, a digest, or not given."""
    return name is None or NAMES_KEPT.fullmatch(name.strip()) is not None


def with_kept_series(path: Path, settings: FramesSettings) -> FramesSettings:
    """Return settings that name the same series by its number, or by a digest of its UID where the number does not do.

    Parameters
    ----------
    path
        DICOM folder or file that the settings are for.
    settings
        Settings that may name the series by UID or description.

    Returns
    -------
    FramesSettings
        The same where the series is not named so.

    Raises
    ------
    ReadError
        If the sequence has no such series, or the series has neither a number of its own nor a UID.
    """
    wanted = settings.series
    if wanted is None or may_be_kept(wanted):
        return settings
    from cinecast.frames.dicom.folder import scan
    from cinecast.frames.dicom.select import select_series, split_series, summarise

    headers = scan(path)
    chosen = summarise(select_series(headers, wanted))
    numbers = [frames[0].series_number for frames in split_series(headers)]
    if chosen.number is not None and numbers.count(chosen.number) == 1:
        return replace(settings, series=str(chosen.number))
    if chosen.uid is None:
        raise ReadError(
            "a series that is chosen by its description must have a number or a UID of its own, got neither; put its "
            "files into a folder of their own"
        )
    return replace(settings, series=series_key(chosen.uid))
