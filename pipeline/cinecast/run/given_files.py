"""What a user's own files say, as digests: a run knows by them whether it was made with the same."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass

from cinecast.parsed_text import parse_json
from cinecast.run.own_dvf import own_dvf_digest
from cinecast.run.own_landmarks import own_landmarks_digest
from cinecast.run.own_targets import labels_digest, own_labels, own_targets, targets_digest
from cinecast.sequence import Sequence
from cinecast.settings import Settings
from cinecast.store import RunFolder
from cinecast.store import artifacts as art
from cinecast.store.digests import json_digest

# What files say that nobody has read for these settings: no result was made of it.
_UNREAD = "unread"


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


def save_given_files(store: RunFolder, settings: Settings, given: GivenFiles) -> None:
    """Keep what the files say with the settings that name them, before anything is made of it.

    Parameters
    ----------
    store
        The run folder, with these settings.
    settings
        Settings of all stages.
    given
        Of the files that they name.

    Raises
    ------
    StoreError
        If the disk cannot be written.
    """
    kept = {"named": _named(settings), **asdict(given)}
    store.write_file(art.GIVEN_FILE, json.dumps(kept, indent=1).encode() if given != GivenFiles() else None)


def kept_given_files(store: RunFolder, settings: Settings) -> GivenFiles:
    """Return what the files said that the settings name when they were last read for the run; they may have gone since.

    Parameters
    ----------
    store
        The run folder. Results of files that the settings do not name may still lie there.
    settings
        What the run has now.

    Returns
    -------
    GivenFiles
        Of the files that the settings name; of none of the results where they were not read with these settings.
    """
    saved = _saved(store)
    if saved is not None and saved.get("named") != _named(settings):
        saved = {}  # a kill came in between

    def kept(name: str, key: str, file: object) -> str:
        if not file:
            return ""
        # Earlier versions kept it with the results alone.
        found = store.record(key).get("settings", {}).get("file") if saved is None else saved.get(name)
        return str(found or _UNREAD)

    return GivenFiles(
        kept("landmarks", art.LANDMARKS, settings.landmarks.file),
        kept("targets", art.MEASURED_TARGET, settings.target.files),
        kept("labels", art.LABELS, settings.score.labels),
        kept("dvf", art.FLOW, settings.flow.dvf),
    )


def _saved(store: RunFolder) -> dict[str, str] | None:
    content = store.read_file(art.GIVEN_FILE)
    if content is None:
        return None
    try:
        found = parse_json(content.decode())
    except ValueError:
        found = None
    return found if isinstance(found, dict) else {}  # of a damaged one nothing is believed


def _named(settings: Settings) -> str:
    """Return a digest of all that settings say of files."""
    return json_digest([settings.landmarks.file, asdict(settings.target), settings.score.labels, settings.flow.dvf])
