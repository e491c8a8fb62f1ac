"""What a user's own files say, as digests: a run knows by them whether it was made with the same."""

from __future__ import annotations

from dataclasses import dataclass

from cinecast.run.own_dvf import own_dvf_digest
from cinecast.run.own_landmarks import own_landmarks_digest
from cinecast.run.own_targets import labels_digest, own_labels, own_targets, targets_digest
from cinecast.sequence import Sequence
from cinecast.settings import Settings
from cinecast.store import RunFolder
from cinecast.store import artifacts as art


@dataclass(frozen=True)
class GivenFiles:
    """Digests of what is said in the files that the settings name; empty for no file.

    Parameters
    ----------
    landmarks
        Of the user's own landmarks.
    targets
        Of the targets.
    labels
        Of the reference masks.
    dvf
        Of the user's own DVFs.
    """

    landmarks: str = ""
    targets: str = ""
    labels: str = ""
    dvf: str = ""


def read_given_files(sequence: Sequence, settings: Settings) -> GivenFiles:
    """Read the files that the settings name.

    Parameters
    ----------
    sequence
        The sequence that they belong to.
    settings
        Settings of all stages; the reference frame is a number.

    Returns
    -------
    GivenFiles
        Of these files.

    Raises
    ------
    ReadError, SettingsError
        If a file cannot be read or does not fit the sequence: said before the flow has cost its minutes.
    """
    targets = own_targets(sequence, settings)
    return GivenFiles(
        own_landmarks_digest(sequence, settings),
        targets_digest(targets),
        labels_digest(own_labels(sequence, settings, targets)),
        own_dvf_digest(sequence, settings),
    )


def kept_given_files(store: RunFolder, settings: Settings) -> GivenFiles:
    """Return what a run was made with, whose files may have gone since.

    Parameters
    ----------
    store
        The run folder. Masks of a target, or of labels, that the run has no more may still lie there.
    settings
        What the run has now.

    Returns
    -------
    GivenFiles
        Of the files that the settings name.
    """

    def kept(key: str) -> str:
        return str(store.record(key).get("settings", {}).get("file", ""))

    return GivenFiles(
        kept(art.LANDMARKS),
        kept(art.MEASURED_TARGET) if settings.target.files else "",
        kept(art.LABELS) if settings.score.labels else "",
        kept(art.FLOW) if settings.flow.dvf else "",
    )
