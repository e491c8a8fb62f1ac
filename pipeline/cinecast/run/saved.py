"""A run as it lies on the disk, whole or not: what of it can be drawn, and what is missing or damaged."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

from cinecast.errors import StoreError
from cinecast.forecast import load_method_settings
from cinecast.references import PERSISTENCE
from cinecast.run.freshness import step_fingerprint
from cinecast.run.gathering import Gathering
from cinecast.run.given_files import GivenFiles, kept_given_files
from cinecast.run.plan import Plan, make_plan
from cinecast.run.stage_steps import frames_step
from cinecast.run.step import Step
from cinecast.sequence import Sequence
from cinecast.settings import Settings
from cinecast.settings.toml_file import build_settings, read_kept_settings
from cinecast.store import RunFolder, Status
from cinecast.store import artifacts as art
from cinecast.store.digests import json_digest
from cinecast.store.marker import saved_sequence
from cinecast_models import ForecastingError, MethodSettings

_WORDS = {
    Status.MISSING: "not made yet",
    Status.DAMAGED: "damaged (its files are not those that were written)",
    Status.STALE: "not made from what the run holds now (other settings, or an input that is gone)",
}
_NAMED = 4


class _Planned(NamedTuple):
    plan: Plan
    missing: tuple[str, ...]


class _Checked(NamedTuple):
    usable: tuple[str, ...]
    missing: tuple[str, ...]


@contextmanager
def saved_run(root: Path) -> Iterator[Gathering]:
    """Open a run that `run_sequence` made, finished or not, and say what of it can be drawn.

    Parameters
    ----------
    root
        The run folder.

    Yields
    ------
    Gathering
        What is whole and up to date; the rest is named in its ``missing``.

    Raises
    ------
    StoreError
        If the folder is no run, is in use, or holds no whole frames or no settings.
    """
    name = saved_sequence(root)
    if name is None:
        raise StoreError(f"a run must be a folder that 'cinecast run' made, got {root}; give the --out of a run")
    with RunFolder(root, name) as store:
        settings = saved_settings(root)
        _check_frames(store)
        sequence = art.load_sequence(store.path(art.FRAMES))
        plan, left_out = _plan(sequence, settings, kept_given_files(store, settings))
        checked = _check(store, plan, _frames_status(store, settings))
        chosen = replace(settings, flow=plan.settings.flow)
        yield Gathering(store, sequence, chosen, plan, checked.usable, (*left_out, *checked.missing))


def saved_settings(root: Path) -> Settings:
    """Return the settings that a run has now.

    Raises
    ------
    StoreError, SettingsError
        If it holds none, or they cannot be understood.
    """
    path = root / art.SETTINGS_FILE
    if not path.is_file():
        raise StoreError(f"a run must hold {art.SETTINGS_FILE}, got none in {root}; run 'cinecast run' again")
    return build_settings(read_kept_settings(path))


def _plan(sequence: Sequence, settings: Settings, given: GivenFiles) -> _Planned:
    """Plan the methods whose settings can be read; a model file that is gone hides its own method alone."""
    own: dict[str, MethodSettings] = {}
    left_out: dict[str, str] = {}
    for method in settings.forecast.methods:
        alone = settings.with_methods((method,))
        try:
            loaded = load_method_settings(alone.forecast)
            make_plan(sequence, alone, loaded, given)
        except ForecastingError as error:
            left_out[method] = f"{method}: {error}"
        else:
            own |= loaded
    kept = tuple(method for method in settings.forecast.methods if method not in left_out) or (PERSISTENCE,)
    plan = make_plan(sequence, settings.with_methods(kept), own, given)
    return _Planned(plan, tuple(left_out.values()))


def _check_frames(store: RunFolder) -> None:
    status = store.status(art.FRAMES, str(store.record(art.FRAMES).get("fingerprint")))
    if status is not Status.FRESH:
        raise StoreError(
            f"a run must hold its frames to be drawn, got them {_WORDS[status]} in {store.root}; "
            "run 'cinecast run' again"
        )


def _frames_status(store: RunFolder, settings: Settings) -> Status:
    """Return whether frames, which are whole, were read as the settings ask; those that came later say nothing."""
    kept = store.record(art.FRAMES).get("settings", {})
    asked = frames_step(settings, str(kept.get("source"))).settings
    same = all(json_digest(kept.get(name, value)) == json_digest(value) for name, value in asked.items())
    return Status.FRESH if same else Status.STALE


def _check(store: RunFolder, plan: Plan, frames: Status) -> _Checked:
    """Sort the steps before the report into what can be drawn and what cannot, stage by stage."""
    found: dict[str, Status] = {art.FRAMES: frames}
    sentences = [] if frames is Status.FRESH else [f"{art.FRAMES}: {_WORDS[frames]}"]
    for stage, steps in plan.stages.items():
        if stage == art.REPORT:
            continue
        for step in steps:  # some read others of their stage
            found[step.key] = _status(store, step, found)
        for status, words in _WORDS.items():
            keys = [step.key for step in steps if found[step.key] is status]
            if keys:
                sentences.append(f"{_list_of(keys)}: {words}")
    return _Checked(tuple(key for key, status in found.items() if status is Status.FRESH), tuple(sentences))


def _status(store: RunFolder, step: Step, found: dict[str, Status]) -> Status:
    """Return the status of one artifact; what was made from something out of date is out of date itself."""
    try:
        status = store.status(step.key, step_fingerprint(store, step))
    except StoreError:  # an input is gone, so nothing says what this was made from
        return Status.STALE if store.path(step.key).is_dir() else Status.MISSING
    stale_input = any(found.get(key) is Status.STALE for key, _ in step.inputs)
    return Status.STALE if status is Status.FRESH and stale_input else status


def _list_of(keys: list[str]) -> str:
    rest = len(keys) - _NAMED
    return ", ".join(keys[:_NAMED]) + (f" and {rest} more" if rest > 0 else "")
