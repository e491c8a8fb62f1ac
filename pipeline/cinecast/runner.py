"""Run a sequence through all stages: what is stale is redone, what is fresh is kept."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path

import cv2
from threadpoolctl import threadpool_limits

from cinecast.errors import CinecastError, SettingsError, StoreError
from cinecast.plan import STAGE_VERSIONS, STAGES, Plan, Step, make_plan
from cinecast.progress import Progress
from cinecast.readers import read_sequence, source_files
from cinecast.report import render_report
from cinecast.settings import Settings
from cinecast.settings_file import settings_text
from cinecast.stage_work import Work
from cinecast.store import RunFolder, Status
from cinecast.store import artifacts as art
from cinecast.store.digests import fingerprint, source_digest
from cinecast.store.pages import write_files
from cinecast_models import ForecastingError

_LOG = logging.getLogger(__name__)

# Stages whose steps run side by side; forecasts do not, so that their time per step is honest.
_PARALLEL = ("warp", "score")


@dataclass(frozen=True)
class RunResult:
    """What a run did.

    Parameters
    ----------
    done, kept
        Keys of the artifacts that were made and of those that were fresh.
    scores
        Rows of ``score/scores.csv``, or None where the run stopped before.
    report
        Path of the report, or None where the run stopped before.
    """

    done: tuple[str, ...]
    kept: tuple[str, ...]
    scores: list[dict[str, str]] | None
    report: Path | None


@dataclass(frozen=True)
class Scope:
    """Which stages are redone whatever their state, and which are run at all.

    Parameters
    ----------
    start_from
        This stage and all after it are redone.
    only
        This stage alone is run and redone; what it reads must be up to date.
    """

    start_from: str | None = None
    only: str | None = None

    def __post_init__(self) -> None:
        for option, stage in (("--from", self.start_from), ("--only", self.only)):
            if stage is not None and stage not in STAGES:
                raise SettingsError(
                    f"{option} must name one of the stages {', '.join(STAGES)}, got {stage!r}; choose one of these"
                )
        if self.start_from and self.only:
            raise SettingsError("--from and --only exclude each other, got both; give one of them")

    def forces(self, stage: str) -> bool:
        """Return whether a stage is redone even if it is fresh."""
        if self.only:
            return stage == self.only
        return self.start_from is not None and STAGES.index(stage) >= STAGES.index(self.start_from)

    def reaches(self, stage: str) -> bool:
        """Return whether the run goes as far as this stage."""
        return self.only is None or STAGES.index(stage) <= STAGES.index(self.only)


def run_sequence(
    source: Path,
    out: Path,
    settings: Settings,
    *,
    scope: Scope | None = None,
    progress: Progress | None = None,
    workers: int = 2,
) -> RunResult:
    """Forecast and score one sequence.

    Parameters
    ----------
    source
        File or folder of the sequence.
    out
        The run folder; made if missing.
    settings
        Settings of all stages.
    scope
        What to redo or to leave out; by default what is stale or missing is done.
    progress
        Hears of the work.
    workers
        Threads.

    Returns
    -------
    RunResult

    Raises
    ------
    CinecastError, cinecast_models.ForecastingError
        If the input, a setting or the run folder breaks a rule; what was finished before is kept.
    """
    scope, progress = scope or Scope(), progress or Progress()
    if workers < 1:
        raise SettingsError(f"--workers must be 1 or more, got {workers}; leave it out for one per processor")
    # Frames and methods run side by side: threads within a filter or a product would compete with them, and would
    # let the number of processors into the last bits of the results.
    cv2.setNumThreads(1)
    with threadpool_limits(1):
        sequence = read_sequence(source, settings.frames)
        plan = make_plan(sequence, settings)
        values = {**asdict(settings.frames), "source": source_digest(source_files(source))}
        with RunFolder(out, sequence.name) as store:
            runner = _Runner(store, scope, settings)
            with runner.settings_saved():
                frames = Step("frames", art.FRAMES, values, ())
                if runner.needs(frames):
                    runner.make(frames, lambda folder: art.save_sequence(folder, sequence))
                scores = _run_stages(runner, Work(store, sequence, settings, workers), plan, progress)
        report = out / art.REPORT / "index.html" if scores is not None and scope.reaches("report") else None
        return RunResult(tuple(runner.done), tuple(runner.kept), scores, report)


class _Runner:
    """Knows what is fresh in a run folder and makes the rest."""

    def __init__(self, store: RunFolder, scope: Scope, settings: Settings) -> None:
        self.store, self.scope, self.settings = store, scope, settings
        self.done: list[str] = []
        self.kept: list[str] = []

    def needs(self, step: Step) -> bool:
        """Return whether a step must be done, and note it as kept where not.

        Raises
        ------
        StoreError
            If ``--only`` names a later stage and this step is not up to date.
        """
        status = self.store.status(step.key, self._fingerprint(step))
        only = self.scope.only
        if only is not None and step.stage != only and status is not Status.FRESH:
            raise StoreError(
                f"--only {only} needs {step.key} to be up to date, got it {status.value}; run without --only"
            )
        if status is Status.FRESH and not self.scope.forces(step.stage):
            self.kept.append(step.key)
            return False
        if status is Status.DAMAGED:
            _LOG.warning("%s is damaged: its files are not those that were written; it is made again", step.key)
        return True

    @contextmanager
    def settings_saved(self) -> Iterator[None]:
        """Save the settings with the run before anything is made with them, so that a run that was killed goes on.

        Settings that break a rule, or that ``--only`` has no use for, are not kept.
        """
        before = self.store.read_file(art.SETTINGS_FILE)
        self.store.write_file(art.SETTINGS_FILE, settings_text(self.settings).encode())
        try:
            yield
        except (CinecastError, ForecastingError):
            with suppress(StoreError):  # a full disk, say
                self.store.write_file(art.SETTINGS_FILE, before)
            raise

    def make(self, step: Step, compute: Callable[[Path], object]) -> None:
        """Make the artifact of a step."""
        with self.store.commit(step.key, self._fingerprint(step), step.settings) as folder:
            compute(folder)
        self.done.append(step.key)

    def _fingerprint(self, step: Step) -> str:
        inputs = {f"{key}/{name}": self.store.digest(key, name) for key, name in step.inputs}
        return fingerprint(step.stage, STAGE_VERSIONS[step.stage], step.settings, inputs)


def _run_stages(runner: _Runner, work: Work, plan: Plan, progress: Progress) -> list[dict[str, str]] | None:
    """Run the stages after ``frames`` as far as the scope reaches; return the table of scores once it is whole."""
    scores = None
    for stage in STAGES[1:]:
        if not runner.scope.reaches(stage):
            break
        steps = [step for step in plan.stages[stage] if runner.needs(step)]
        total = len(work.sequence.frames) if stage == "flow" else len(steps)
        if steps:
            with progress.working(stage, total) as advance:
                _run_steps(runner, steps, _computation(stage, work, plan, scores, advance), work.workers, advance)
        if stage == "score":
            scores = work.combine_scores(plan)
    return scores


def _run_steps(
    runner: _Runner,
    steps: list[Step],
    compute: Callable[[Step, Path], object],
    workers: int,
    advance: Callable[[], None],
) -> None:
    def make(step: Step) -> None:
        runner.make(step, lambda folder: compute(step, folder))
        if step.stage != "flow":  # it counts frames, not steps
            advance()

    with ThreadPoolExecutor(workers if steps[0].stage in _PARALLEL else 1) as pool:
        futures = [pool.submit(make, step) for step in steps]
        try:
            for future in futures:
                future.result()
        except BaseException:
            pool.shutdown(cancel_futures=True)  # what is running is finished and kept
            raise


def _computation(
    stage: str, work: Work, plan: Plan, scores: list[dict[str, str]] | None, advance: Callable[[], None]
) -> Callable[[Step, Path], object]:
    """Return the function that writes one step's artifact into a folder."""
    per_task = {"forecast": work.forecast, "warp": work.warp, "score": work.score}
    if stage in per_task:
        return lambda step, folder: per_task[stage](folder, step.task) if step.task else None
    if stage == "motion":
        return lambda step, folder: work.motion(folder, int(step.settings["train_end"]))
    if stage == "report":
        return lambda _, folder: _write_report(folder, work, plan, scores or [])
    return lambda _, folder: work.flow(folder, advance)


def _write_report(folder: Path, work: Work, plan: Plan, scores: list[dict[str, str]]) -> None:
    write_files(folder, render_report(work.report_data(plan, scores)))
