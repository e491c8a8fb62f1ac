"""Whether results of a run were made as its settings ask, by what was noted when they were made; no file is read."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from cinecast.errors import StoreError
from cinecast.run.plan import STAGE_VERSIONS, Plan
from cinecast.run.stage_steps import frames_step
from cinecast.run.step import Step
from cinecast.settings import Settings
from cinecast.store import RunFolder
from cinecast.store import artifacts as art
from cinecast.store.digests import fingerprint


def step_fingerprint(store: RunFolder, step: Step, version: int | None = None) -> str:
    """Return the fingerprint of a step with the inputs that are in the run now.

    Parameters
    ----------
    store
        The run folder.
    step
        Which settings and which files of other artifacts the result depends on.
    version
        Of the arithmetic of its stage; None for that of this program.

    Returns
    -------
    str
        SHA-256 of stage, its version, settings and recorded digests of the inputs, as hexadecimal digits.

    Raises
    ------
    StoreError
        If one of the inputs is missing.
    """
    inputs = {f"{key}/{name}": store.digest(key, name) for key, name in step.inputs}
    return fingerprint(step.stage, version or STAGE_VERSIONS[step.stage], step.settings, inputs)


def concerned_keys(plan: Plan, only: str | None) -> frozenset[str]:
    """Return what a command has to look at: a stage's artifacts, and all that they are made from.

    Parameters
    ----------
    plan
        All steps after ``frames``.
    only
        Name of the stage; None for all stages.

    Returns
    -------
    frozenset[str]
        Keys of artifacts of the plan, of which ``frames`` is none.
    """
    steps = {step.key: step for step in plan.steps()}
    waiting = [key for key, step in steps.items() if only is None or step.stage == only]
    found = set[str]()
    while waiting:
        key = waiting.pop()
        if key in steps and key not in found:
            found.add(key)
            waiting += [each for each, _ in steps[key].inputs]
    return frozenset(found)


def made_as_asked(store: RunFolder, plan: Plan, settings: Settings, keys: Iterable[str]) -> bool:
    """Return whether artifacts, and all that they were made from, are those that a plan would make.

    Parameters
    ----------
    store
        The run folder.
    plan, settings
        What is asked for.
    keys
        The artifacts.

    Returns
    -------
    bool
        False also where an artifact or an input is missing, or is none of the plan's. Files are not compared with
        their recorded digests.
    """
    return all(step is not None and _is_of(store, step) for step in _made_from(store, plan, settings, keys))


def made_by_older_version(store: RunFolder, plan: Plan, settings: Settings, keys: Iterable[str]) -> bool:
    """Return whether nothing but the version of the program keeps artifacts from being as they are asked for.

    Parameters
    ----------
    store
        The run folder.
    plan, settings
        What is asked for.
    keys
        The artifacts.

    Returns
    -------
    bool
        True where each of them, and of what they were made from, has these settings and the inputs that lie there, with
        the arithmetic of this version or of an earlier one.
    """
    return all(
        step is not None and any(_is_of(store, step, version) for version in range(1, STAGE_VERSIONS[step.stage] + 1))
        for step in _made_from(store, plan, settings, keys)
    )


def _made_from(store: RunFolder, plan: Plan, settings: Settings, keys: Iterable[str]) -> Iterator[Step | None]:
    """Yield the steps of artifacts and of all that they were made from; None for what is none of the plan's."""
    source = str(store.record(art.FRAMES).get("settings", {}).get("source"))
    steps = {art.FRAMES: frames_step(settings, source)} | {step.key: step for step in plan.steps()}
    waiting, seen = list(keys), set[str]()
    while waiting:
        key = waiting.pop()
        if key in seen:
            continue
        seen.add(key)
        yield steps.get(key)
        waiting += [key for key, _ in steps[key].inputs] if key in steps else []


def _is_of(store: RunFolder, step: Step, version: int | None = None) -> bool:
    try:
        return store.record(step.key).get("fingerprint") == step_fingerprint(store, step, version)
    except StoreError:  # an input is gone, so nothing says what this was made from
        return False
