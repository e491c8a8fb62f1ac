"""Files that go with one plane of a recording alone, where every plane becomes a run of its own."""

from __future__ import annotations

from pathlib import Path

from cinecast.errors import SettingsError
from cinecast.frames.masks import has_place
from cinecast.settings import Settings


def check_every_plane(settings: Settings) -> None:
    """Refuse files that do not say of which plane they are: each would be laid on all planes.

    Parameters
    ----------
    settings
        Settings that all planes of a recording share, of which there are several.

    Raises
    ------
    SettingsError
        If a mask has no position in the patient, or landmarks or DVFs are given in pixels.
    cinecast.errors.ReadError
        If a mask cannot be read.
    """
    masks = [*settings.target.files, *([settings.score.labels] if settings.score.labels else [])]
    placeless = [each for each in masks if not has_place(Path(each))]
    placeless += [settings.landmarks.file] if settings.landmarks.file else []
    placeless += [settings.flow.dvf] if settings.flow.dvf.lower().endswith(".npy") else []
    if placeless:
        raise SettingsError(
            "with --plane all a file must say where in the patient it lies, or it would be laid on every plane, got "
            f"{Path(placeless[0]).name}, which does not; give it with the --plane NUMBER that it was drawn on"
        )
