"""A user's targets and reference masks, read and held against the sequence that they were drawn on."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Iterable, Mapping
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from cinecast.errors import ReadError, SettingsError
from cinecast.flow.reference import reference_index, settings_for
from cinecast.frames.masks import (
    LabelSeries,
    Target,
    find_first_label,
    read_label_series,
    settings_of_files,
    targets_of_file,
)
from cinecast.sequence import Sequence
from cinecast.settings import FlowSettings, Settings, TargetSettings
from cinecast.settings.flow_settings import OWN_FLOW
from cinecast.store import artifacts as art
from cinecast.store.digests import json_digest
from cinecast.store.record import read_record

_LOG = logging.getLogger(__name__)


def own_targets(sequence: Sequence, settings: Settings) -> tuple[Target, ...]:
    """Return the targets that the settings name.

    Parameters
    ----------
    sequence
        The sequence that they were drawn on.
    settings
        Of which ``target`` counts.

    Returns
    -------
    tuple of Target
        Each name once: of a structure with contours on several frames the first counts. None where none is asked for.

    Raises
    ------
    ReadError
        If a file cannot be read or does not fit the sequence.
    SettingsError
        If a target is of a frame after the train span or of a faulty one, or two files give one name.
    """
    targets: dict[str, Target] = {}
    for path, own in settings_of_files(settings.target):
        for target in targets_of_file(path, sequence, own):
            if target.name in targets:
                raise SettingsError(
                    f"each target must have a name of its own, got {target.name!r} in two files; name them with "
                    "--target-name, once for each file"
                )
            targets[target.name] = target
    for target in targets.values():
        _check(target, sequence)
    return tuple(targets.values())


def _check(target: Target, sequence: Sequence) -> None:
    train_end = sequence.split.train_end
    if target.frame >= train_end:
        raise SettingsError(
            f"a target must be of a frame of the train span, 0 to {train_end - 1}, got {target.name!r} of frame "
            f"{target.frame}; masks of later frames serve scoring only: give them as --labels"
        )
    if target.frame in sequence.faults:
        raise SettingsError(
            f"a target must be of a frame that shows it, got {target.name!r} of frame {target.frame}, which is "
            f"{sequence.faults[target.frame]}; draw it on another frame (--target-frame)"
        )


def own_labels(sequence: Sequence, settings: Settings, targets: Iterable[Target]) -> tuple[LabelSeries, ...]:
    """Return the reference masks that the settings name, for scoring alone.

    Parameters
    ----------
    sequence
        The sequence that they were drawn on.
    settings
        Of which ``score.labels`` counts, and the labels and names of the targets.
    targets
        The targets, from `own_targets` or as the run keeps them.

    Returns
    -------
    tuple of LabelSeries
        Of the structures that are targets. None where no file is named.

    Raises
    ------
    ReadError
        If the file cannot be read, does not fit the sequence, or has no mask of any target.
    """
    if not settings.score.labels:
        return ()
    path, own = Path(settings.score.labels), settings.target
    found = read_label_series(path, sequence, labels=own.labels, names=own.names)
    names = [target.name for target in targets]
    if not names:
        raise SettingsError(f"--labels score a target, got {path.name} and no target; give the target with --target")
    if len(found) == len(names) == 1:  # what its file calls it does not matter then
        return (replace(found[0], name=names[0]),)
    matching = tuple(each for each in found if each.name in names)
    if not matching:
        got = ", ".join(each.name for each in found)
        raise ReadError(
            f"labels must have the name of a target, {', '.join(names)}, got {got} in "
            f"{path.name}; choose with --target-label, or name them with --target-name"
        )
    return matching


def targets_digest(targets: Iterable[Target]) -> str:
    """Return the digest of what targets are, in whatever files; empty for none."""
    values = [(each.name, each.frame, hashlib.sha256(each.mask.tobytes()).hexdigest()) for each in targets]
    return json_digest(values) if values else ""


def labels_digest(labels: Iterable[LabelSeries]) -> str:
    """Return the digest of reference masks, in whatever file; empty for none."""
    values = [
        (each.name, *(hashlib.sha256(array.tobytes()).hexdigest() for array in (each.masks, each.labelled)))
        for each in labels
    ]
    return json_digest(values) if values else ""


def with_found_target(source: Path, settings: Settings) -> Settings:
    """Return settings that name the first label of a TrackRAD2025 case, where they name no target.

    Parameters
    ----------
    source
        File or folder of the sequence. Its case's labels of all frames are never looked at.
    settings
        Settings of all stages.

    Returns
    -------
    Settings
        The same where a target is named already or the sequence is no such case.
    """
    found = None if settings.target.files else find_first_label(source)
    return settings if found is None else replace(settings, target=replace(settings.target, files=(str(found),)))


def check_target_options(own: TargetSettings) -> None:
    """Refuse what is said of a target that nobody has given: it would be taken for the next one.

    Raises
    ------
    SettingsError
        If there is a label, a name or a frame, and no file.
    """
    said = {"--target-label": own.labels, "--target-name": own.names, "--target-frame": own.frame}
    given = [option for option, value in said.items() if value not in ((), None)]
    if given and not own.files:
        raise SettingsError(f"{' and '.join(given)} must be said of a target, got none; give it with --target FILE")


def check_gating_options(own: Iterable[TargetSettings], changes: Iterable[Mapping[str, Any]]) -> None:
    """Refuse what a command says of the gate where there is no target: it would be that of the next one.

    Parameters
    ----------
    own
        Targets of each sequence that the command is about.
    changes
        Tables of options; of these, ``score`` counts. What a settings file says stays without a word.

    Raises
    ------
    SettingsError
        If a margin or a latency is given and no sequence has a target.
    """
    if any(each.files for each in own):
        return
    said = {"margin_mm": "--margin", "latency_s": "--latency", "gate_by_radius": "score.gate_by_radius"}
    for table in changes:
        for name, value in table.get("score", {}).items():
            if name in said:
                text = f"{value:g}" if isinstance(value, int | float) else repr(value)
                raise SettingsError(
                    f"{said[name]} is that of a target's gate, got {text} and no target; give it with --target, in a "
                    "batch with the column target of a CSV list"
                )


def say_found_target(settings: Settings) -> None:
    """Warn of the target that `with_found_target` has taken unasked."""
    _LOG.warning("%s is taken as the target", ", ".join(Path(file).name for file in settings.target.files))


def with_reference_of_target(
    out: Path, sequence: Sequence, targets: tuple[Target, ...], settings: Settings
) -> Settings:
    """Return settings that measure motion from the target's own frame, where it is not measured yet.

    Parameters
    ----------
    out
        The run folder, which may not exist. What it holds keeps a reference frame that was chosen before there was a
        target. Where motion is measured again anyway the frame goes: one that was given and is given no more, or where
        other settings of the flow, or your own DVFs, have changed.
    sequence
        The sequence; the frame that would be chosen without a target is chosen among its own.
    targets
        The targets; the first one counts.
    settings
        Settings of all stages; a reference frame that is given stays.

    Returns
    -------
    Settings
        The same where there is no target.
    """
    if settings.flow.reference != "auto" or not targets:
        return settings
    if (out / art.FLOW / "dvf.npy").is_file():
        recorded = (read_record(out / art.FLOW) or {}).get("settings", {})
        measured_from = recorded.get("reference")
        if measured_from is None:
            return settings
        stays = measured_from != targets[0].frame and _is_measured_so(recorded, settings.flow)
        if stays and measured_from == reference_index(settings_for(sequence, settings).flow):
            return settings
    return replace(settings, flow=replace(settings.flow, reference=targets[0].frame))


def _is_measured_so(recorded: Mapping[str, Any], flow: FlowSettings) -> bool:
    """Return whether recorded motion was measured with these settings, whatever the reference frame."""
    if "file" in recorded or flow.dvf:  # your own DVFs, whose reference frame is never chosen
        return False
    asked = asdict(flow)
    own = {name: value for name, value in recorded.items() if name in asked and name != "reference"}
    return {"estimator": OWN_FLOW} | own == {name: asked[name] for name in {"estimator", *own}}
