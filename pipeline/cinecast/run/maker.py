"""What is up to date in a run folder, and the making of what is not: the one way, for `cinecast run` and a batch."""

from __future__ import annotations

import logging
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from cinecast.errors import StoreError
from cinecast.run.freshness import concerned_keys, step_fingerprint
from cinecast.run.plan import Plan
from cinecast.run.scope import Scope
from cinecast.run.source_frames import SourceFrames
from cinecast.run.stage_work import Advance, Work
from cinecast.run.step import Step
from cinecast.settings import Settings
from cinecast.settings.toml_file import settings_text
from cinecast.store import RunFolder, Status
from cinecast.store import artifacts as art
from cinecast.store.pages import write_files

_LOG = logging.getLogger(__name__)
_STEP_TIMES = "step_times.csv"


class Maker:
    """Knows what is fresh in a run folder and makes the rest.

    Parameters
    ----------
    store
        The run folder.
    scope
        What is redone whatever its state.
    """

    def __init__(self, store: RunFolder, scope: Scope) -> None:
        self.store, self.scope = store, scope
        self.done: list[str] = []
        self.kept: list[str] = []

    def status(self, step: Step) -> Status:
        """Return the state of a step's artifact; the artifacts that it reads must be there."""
        return self.store.status(step.key, step_fingerprint(self.store, step))

    def needs(self, step: Step) -> bool:
        """Return whether a step must be done, and note it as kept where not.

        Raises
        ------
        StoreError
            If ``--only`` names another stage and this step, which it reads, is not up to date.
        """
        status = self.status(step)
        self._check_only(step, status)
        if status is Status.FRESH and not self._redoes(step):
            self.kept.append(step.key)
            return False
        if status is Status.DAMAGED:
            _LOG.warning("%s is damaged: its files are not those that were written; it is made again", step.key)
        return True

    def survey(self, plan: Plan, frames: Status = Status.FRESH) -> dict[str, Status]:
        """Return the steps after ``frames`` that may have to be made, without making any.

        A step that reads what is to be made is among them; whether it has to be made is known only then.

        Parameters
        ----------
        plan
            All steps of the run.
        frames
            State of the artifact ``frames``, which is no step of the plan.

        Returns
        -------
        dict[str, Status]
            State by key, in the order of the plan: `Status.FRESH` where the scope alone has a step redone.

        Raises
        ------
        StoreError
            If ``--only`` names a later stage and a step that it reads is not up to date.
        """
        found: dict[str, Status] = {}
        concerned = concerned_keys(plan, self.scope.only)
        for step in plan.steps():
            if not self.scope.reaches(step.stage):
                break
            if step.key not in concerned:
                continue
            if any(key in found or (key == art.FRAMES and frames is not Status.FRESH) for key, _ in step.inputs):
                status = Status.STALE if self.store.record(step.key) else Status.MISSING
            else:
                status = self.status(step)
            self._check_only(step, status)
            if status is not Status.FRESH or self._redoes(step):
                found[step.key] = status
        return found

    def make(self, step: Step, work: Work, plan: Plan, advance: Advance) -> None:
        """Make the artifact of a step after ``frames``, and note its key in ``done``.

        Parameters
        ----------
        step
            What is made; what it reads must be there.
        work
            The stages with the sequence and settings of the run.
        plan
            The plan that the step belongs to: the report depends on all of its tasks.
        advance
            Called for each frame of the flow; other stages do not use it.

        Raises
        ------
        CinecastError, cinecast_models.ForecastingError
            If a stage refuses what it is given, an input is missing, or the disk cannot be written.
        """
        with self._commit(step) as folder:
            _compute(step, folder, work, plan, advance)

    def make_frames(self, source: SourceFrames) -> None:
        """Keep the sequence as the run's frames, and note their key in ``done``.

        Parameters
        ----------
        source
            The sequence as its source has it.

        Raises
        ------
        StoreError
            If the disk is full or cannot be written.
        """
        with self._commit(source.step) as folder:
            art.save_sequence(folder, source.sequence)
            art.save_warnings(folder, source.warnings)

    @contextmanager
    def _commit(self, step: Step) -> Iterator[Path]:
        order = self.scope.order if self.scope.forces(step.stage) else None
        before = self._results(step)
        with self.store.commit(step.key, step_fingerprint(self.store, step), step.settings, order) as folder:
            yield folder
        # The table of scores does not say whose it is: one of other frames or files, say, must not stand beside these.
        if before and step.stage != art.REPORT and self._results(step) != before:
            self.store.write_file(art.SCORES_FILE, None)
        self.done.append(step.key)

    def _results(self, step: Step) -> dict[str, str]:
        """Return the digests of the files that are there, but for what is another at each call."""
        files = self.store.record(step.key).get("files", {})
        return {name: digest for name, digest in files.items() if name != _STEP_TIMES}

    def _check_only(self, step: Step, status: Status) -> None:
        only = self.scope.only
        if only is not None and step.stage != only and status is not Status.FRESH:
            raise StoreError(
                f"--only {only} needs {step.key} to be up to date, got it {status.value}; run without --only"
            )

    def _redoes(self, step: Step) -> bool:
        order = self.scope.order
        return self.scope.forces(step.stage) and (order is None or self.store.record(step.key).get("order") != order)


@contextmanager
def settings_saved(store: RunFolder, settings: Settings) -> Iterator[None]:
    """Save the settings with the run before anything is made with them, so that a run that was killed goes on.

    Settings that break a rule, or that ``--only`` has no use for, are not kept: what was saved before comes back.

    The table of scores of other settings is taken away, as it does not say whose it is. It comes back with the scores.

    Parameters
    ----------
    store
        The run folder.
    settings
        Settings of all stages.

    Yields
    ------
    None
        To make the run in.

    Raises
    ------
    Exception
        What the work in the block raised, passed on.
    """
    text = settings_text(settings).encode()
    names = (art.SETTINGS_FILE, art.SCORES_FILE) if _changes_scores(store, text) else (art.SETTINGS_FILE,)
    before = {name: store.read_file(name) for name in (*names, art.GIVEN_FILE)}
    frames = store.record(art.FRAMES).get("files")
    for name in reversed(names):  # the table first: a kill in between leaves none
        store.write_file(name, text if name == art.SETTINGS_FILE else None)
    try:
        yield
    except Exception:  # for want of memory, say: settings that cannot be met must not come back by themselves
        if store.record(art.FRAMES).get("files") != frames:  # of the frames before, which are gone
            before.pop(art.SCORES_FILE, None)
        with suppress(StoreError):  # a full disk, say
            for name, content in before.items():
                store.write_file(name, content)
        raise


def _changes_scores(store: RunFolder, text: bytes) -> bool:
    """Return whether settings differ from those saved in more than the report and the lists of methods and horizons.

    Where none are saved, nobody knows which settings a table is of.
    """
    saved = store.read_file(art.SETTINGS_FILE)
    return saved is None or _of_results(saved) != _of_results(text)


def _of_results(text: bytes) -> dict[str, Any] | None:
    """Return the settings that the result of a method at a horizon may depend on; None for a text that is no TOML."""
    try:
        tables = tomllib.loads(text.decode())
    except ValueError:
        return None
    tables.pop("report", None)
    for name in ("methods", "horizons"):
        tables.get("forecast", {}).pop(name, None)
    return tables


def _compute(step: Step, folder: Path, work: Work, plan: Plan, advance: Advance) -> None:
    """Write one step's artifact into a folder."""
    per_task = {"forecast": work.forecast, "score": work.score}
    if step.stage in per_task and step.task is not None:
        per_task[step.stage](folder, step.task)
    elif step.stage == "flow":
        work.flow(folder, advance)
    elif step.stage == "landmarks":
        work.landmarks(folder)
    elif step.stage == "target":
        work.target(folder, step.task)
    elif step.key == art.LABELS:
        work.labels(folder)
    elif step.stage == "motion":
        train_end = int(step.settings["train_end"])
        made = work.drifts if step.key == art.drift_key(train_end) else work.motion
        made(folder, train_end)
    elif step.stage == "report":
        from cinecast.report import render_report

        data = work.report_data(plan, work.combine_scores(plan))
        write_files(folder, render_report(data))
