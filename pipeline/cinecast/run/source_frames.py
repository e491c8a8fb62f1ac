"""The frames of a run: read from their source, or taken from the run where it was read before and has not changed."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from cinecast.frames import read_sequence, source_files
from cinecast.frames.heard_warnings import heard_warnings
from cinecast.frames.spool import Spool
from cinecast.run.plan import STAGE_VERSIONS
from cinecast.run.scope import Scope
from cinecast.run.stage_steps import frames_step
from cinecast.run.step import Step
from cinecast.sequence import Sequence
from cinecast.settings import Settings
from cinecast.store import Status, artifact_status
from cinecast.store import artifacts as art
from cinecast.store.digests import fingerprint, source_digest
from cinecast.store.record import read_record

_LOG = logging.getLogger(__name__)


@dataclass(frozen=True, eq=False)
class SourceFrames:
    """A sequence as its source has it now.

    Parameters
    ----------
    step
        The step that keeps it in the run.
    sequence
        The sequence; its frames are memory-mapped where they come from the run, or are large.
    warnings
        What was said when it was read.
    """

    step: Step
    sequence: Sequence
    warnings: tuple[str, ...]


def source_frames(
    source: Path, out: Path, settings: Settings, scope: Scope, reading: Callable[[list[Path]], None] = lambda _: None
) -> SourceFrames:
    """Return the sequence of a source.

    The run's own copy serves where it was made from the same bytes with the same settings: to read 500 DICOM files
    takes longer than all the rest of a run in which nothing is to be done. What was said of them then is said again.

    Parameters
    ----------
    source
        File or folder of the sequence.
    out
        The run folder; it may be missing.
    settings
        Of which those of ``frames`` count.
    scope
        Has the source read again where it forces ``frames``.
    reading
        Called with its files where the source is read, before that.

    Returns
    -------
    SourceFrames

    Raises
    ------
    ReadError
        If the files are not a usable sequence.
    """
    files = source_files(source)
    step = frames_step(settings, source_digest(files))
    own = fingerprint(step.stage, STAGE_VERSIONS[step.stage], step.settings, {})
    if not scope.forces(step.stage) and artifact_status(out, step.key, own) is Status.FRESH:
        kept = _kept(step, out / step.key, own)
        if kept is not None:
            for warning in kept.warnings:
                _LOG.warning("%s", warning)
            return kept
    reading(files)
    return read_source(step, source, settings, out)


def _kept(step: Step, folder: Path, own: str) -> SourceFrames | None:
    """Return what a run has kept of a source; None where it lacks something, or others are replaced by another command.

    The run is not locked yet: of files of which some were replaced, each would fit the others.
    """
    before = read_record(folder)
    try:
        warnings, sequence = art.load_warnings(folder), art.load_sequence(folder)
    except FileNotFoundError:
        return None
    same = before is not None and before["fingerprint"] == own and read_record(folder) == before
    return SourceFrames(step, sequence, warnings) if same and warnings is not None else None


def read_source(step: Step, source: Path, settings: Settings, out: Path) -> SourceFrames:
    """Read the sequence of a source.

    Parameters
    ----------
    step
        The step that keeps it in the run, `cinecast.run.stage_steps.frames_step`.
    source
        File or folder of the sequence.
    settings
        Of which those of ``frames`` count.
    out
        The run folder, which may be missing: frames that are large wait on its disk until they are kept.

    Returns
    -------
    SourceFrames

    Raises
    ------
    ReadError
        If the files are not a usable sequence.
    """
    with heard_warnings() as heard:
        sequence = read_sequence(source, settings.frames, Spool(out))
    return SourceFrames(step, sequence, tuple(heard))
