"""What `cinecast batch` would find to do, sequence by sequence and stage by stage, without doing any of it."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from cinecast.batch.job import Job
from cinecast.batch.preparing import saved_cohort
from cinecast.batch.tasks import load_plan
from cinecast.errors import CinecastError
from cinecast.frames import source_files
from cinecast.run.maker import Maker
from cinecast.run.scope import KEPT_STAGES, Scope
from cinecast.run.stage_steps import frames_step
from cinecast.store import CohortFolder, RunFolder, Status
from cinecast.store import artifacts as art
from cinecast.store.digests import source_digest
from cinecast.store.marker import RUN_FILE
from cinecast_models import ForecastingError

DONE, FAILED = "done", "failed"


@dataclass(frozen=True)
class SequenceStatus:
    """The state of one sequence.

    Parameters
    ----------
    name
        Its name in the cohort.
    stages
        ``done``, ``stale``, ``missing``, ``damaged`` or ``failed`` of each stage; where its artifacts differ, how
        many are not done: ``stale 2 of 7``. A sequence without a target has no stage ``target``.
    reasons
        Why steps failed, by key of the artifact.
    """

    name: str
    stages: Mapping[str, str]
    reasons: Mapping[str, str]


def cohort_status(root: Path) -> list[SequenceStatus]:
    """Return the state of every sequence of a cohort, whoever works on it at the time.

    Raises
    ------
    CinecastError
        If the folder is none of a batch, or of a newer version.
    """
    folder = CohortFolder.view(root)
    failures = folder.read_failures()
    jobs = saved_cohort(folder).jobs()
    with ThreadPoolExecutor() as pool:  # digests of files are taken without Python's lock
        return list(pool.map(lambda job: _status(folder, job, failures.get(job.name, {})), jobs))


def _status(folder: CohortFolder, job: Job, failures: Mapping[str, str]) -> SequenceStatus:
    run = folder.run_folder(job.name)
    reasons = dict(failures)
    states: dict[str, dict[str, str]] = {stage: {} for stage in KEPT_STAGES}
    if (run / RUN_FILE).is_file():
        try:
            states |= _looked_at(RunFolder.view(run), job)
        except (CinecastError, ForecastingError) as error:
            reasons.setdefault(art.FRAMES, str(error))
    elif not job.source.exists():
        reasons.setdefault(art.FRAMES, f"{job.source} is no longer there")
    known = {key: why for key, why in reasons.items() if key.split("/")[0] in states}
    reasons = {key: why for key, why in known.items() if states[key.split("/")[0]].get(key) != DONE}
    failed = {key.split("/")[0] for key in reasons}
    asked = [stage for stage in KEPT_STAGES if stage != "target" or job.settings.target.files]
    return SequenceStatus(
        job.name, {stage: FAILED if stage in failed else _word(states[stage]) for stage in asked}, reasons
    )


def _looked_at(store: RunFolder, job: Job) -> dict[str, dict[str, str]]:
    """Return `_states`, looked at again where somebody has moved away meanwhile what was read."""
    try:
        return _states(store, job)
    except FileNotFoundError:
        return _states(store, job)


def _states(store: RunFolder, job: Job) -> dict[str, dict[str, str]]:
    """Return the state of every artifact, by stage and key."""
    maker = Maker(store, Scope())
    frames = maker.status(frames_step(job.settings, source_digest(source_files(job.source))))
    states: dict[str, dict[str, str]] = {"frames": {art.FRAMES: _word_of(frames)}}
    if frames in (Status.FRESH, Status.STALE):
        _, plan = load_plan(store, job)
        pending = maker.survey(plan, frames)
        for step in plan.steps():
            states.setdefault(step.stage, {})[step.key] = _word_of(pending.get(step.key, Status.FRESH))
    return states


def _word_of(status: Status) -> str:
    return DONE if status is Status.FRESH else status.value


def _word(states: Mapping[str, str]) -> str:
    """Return one word for the artifacts of a stage, the worst of them."""
    kinds = set(states.values())
    if not kinds:
        return Status.MISSING.value
    if len(kinds) == 1:
        return kinds.pop()
    worst = next(word for word in ("damaged", "missing", "stale") if word in kinds)
    undone = sum(state != DONE for state in states.values())
    return f"{worst} {undone} of {len(states)}"
