"""Run a sequence through all stages: what is stale is redone, what is fresh is kept."""

from __future__ import annotations

import logging
from dataclasses import dataclass, replace
from pathlib import Path

from cinecast.errors import SettingsError
from cinecast.forecast import load_method_settings
from cinecast.horizon import horizon_seconds, parse_horizon
from cinecast.motion.held import held_frames
from cinecast.progress import Progress
from cinecast.run.dropping import remove_dropped, remove_kept_frames, without_dropped
from cinecast.run.given_files import save_given_files
from cinecast.run.maker import Maker, settings_saved
from cinecast.run.own_targets import (
    check_target_options,
    own_targets,
    say_found_target,
    with_found_target,
    with_reference_of_target,
)
from cinecast.run.plan import Plan, check_good_frames, make_plan
from cinecast.run.same_recording import check_same_recording
from cinecast.run.scope import KEPT_STAGES, Scope
from cinecast.run.source_frames import source_frames
from cinecast.run.stage_runner import StageRunner, is_large
from cinecast.run.stage_work import Work
from cinecast.run.work_process import WorkPlaces
from cinecast.sequence import Sequence
from cinecast.settings import Settings
from cinecast.store import RunFolder, cohort_left_alone
from cinecast.store import artifacts as art
from cinecast.store.kept_results import kept_results
from cinecast.store.marker import saved_sequence
from cinecast.store.pages import load_second_opinion

_LOG = logging.getLogger(__name__)

# A horizon in whole frames that is longer or shorter than was asked for by more than this ratio is said.
_OTHER_TIME = 1.1


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
    second_opinion
        What the report found, each with its evidence.
    """

    done: tuple[str, ...]
    kept: tuple[str, ...]
    scores: list[dict[str, str]] | None
    report: Path | None
    second_opinion: tuple[tuple[str, str], ...] = ()


def run_sequence(
    source: Path,
    out: Path,
    settings: Settings,
    *,
    scope: Scope | None = None,
    progress: Progress | None = None,
    workers: int = 2,
    processes: bool = False,
    drop: tuple[str, ...] = (),
    saved: Settings | None = None,
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
        How many steps are made side by side, where they can be.
    processes
        Whether scores and targets of a large run are made by processes of their own, one less than workers, which are
        sooner done than threads. Each holds some 120 MB of memory of its own.
    drop
        Methods and horizons that are taken out of the settings, and whose results are removed.
    saved
        What is saved as the settings of the run, where that is not what is made with.

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
    with WorkPlaces(workers if processes else 1) as places:
        found = source_frames(source, out, settings, scope, lambda files: _start_early(places, files, settings, scope))
        sequence = found.sequence
        settings, plan = _planned(sequence, source, out, settings, scope, drop)
        # What a target decides, the frame that motion is measured from, is that of what is saved, too.
        kept = settings if saved is None else replace(saved, flow=settings.flow, target=settings.target)
        with cohort_left_alone(out), RunFolder(out, sequence.name) as store:
            maker = Maker(store, scope)
            with settings_saved(store, kept):
                save_given_files(store, kept, plan.given)
                remove_dropped(store, plan, drop, sequence.frame_period_s)
                remove_kept_frames(store)
                if drop:
                    progress.note(f"Removed, with its files: {', '.join(drop)}.")
                if maker.needs(found.step):
                    if not scope.forces(found.step.stage):
                        check_same_recording(out, found)
                    maker.make_frames(found)
                    sequence = replace(sequence, frames=art.load_array(out / art.FRAMES / "frames.npy"))
                del found  # and with it what was read: from here on frames are those of the run, memory-mapped
                work = Work(store, sequence, plan.settings, workers)
                scores = StageRunner(maker, work, places, plan, progress).run()
    _say_other_times(settings, sequence.frame_period_s, progress)
    if scores is not None:
        _say_scored(plan, sequence, progress)
    _say_reference(plan, settings, progress)  # not where the run was refused
    if scope.only is not None and scope.only not in KEPT_STAGES:
        progress.note(f"Of the stage {scope.only} nothing is kept: predicted frames are made when they are needed.")
    report = out / art.REPORT / "index.html" if scores is not None and scope.reaches("report") else None
    opinion = load_second_opinion(report.parent) if report is not None else ()
    return RunResult(tuple(maker.done), tuple(maker.kept), scores, report, opinion)


def _start_early(places: WorkPlaces, files: list[Path], settings: Settings, scope: Scope) -> None:
    """Have the processes of a large run load what they need while its source is read."""
    forecasts = len(settings.forecast.methods) * len(settings.forecast.horizons)
    pixels = sum(path.stat().st_size for path in files)  # of a byte or two; compressed ones are more
    if scope.reaches("score") and is_large(pixels, forecasts):
        places.start_processes()


def _planned(
    sequence: Sequence, source: Path, out: Path, settings: Settings, scope: Scope, drop: tuple[str, ...]
) -> tuple[Settings, Plan]:
    """Return the settings of a run, with what its sequence decides of them, and its plan."""
    if drop:
        _check_run_to_drop_from(out)
        kept = {result.method for result in kept_results(out)}
        left = without_dropped(settings.forecast, drop, kept, sequence.frame_period_s)
        settings = replace(settings, forecast=left)
    asked, settings = settings, with_found_target(source, settings)
    if settings is not asked:
        say_found_target(settings)
    check_target_options(settings.target)
    settings = with_reference_of_target(out, sequence, own_targets(sequence, settings), settings)
    plan = make_plan(sequence, settings, load_method_settings(settings.forecast))
    if scope.reaches("score"):  # before the flow has cost its minutes
        check_good_frames(sequence, settings, "test", sequence.split.test_frames, 1)
    _say_untuned(plan, settings)
    return settings, plan


def _check_run_to_drop_from(out: Path) -> None:
    if saved_sequence(out) is None:
        raise SettingsError(f"--drop takes out of a run that is there, got none in {out}; leave it out")


def _say_untuned(plan: Plan, settings: Settings) -> None:
    """Say where a method that was tuned for some horizons is run at others, with its settings for all horizons."""
    forecast = settings.forecast
    tuned = {each.method for each in forecast.tuned}
    for task in plan.tasks:
        if task.method in tuned and forecast.tuned_at(task.method, task.horizon.frames) is None:
            _LOG.warning(
                "%s was not tuned for a horizon of %d frame(s): it is run there with its settings for all horizons",
                task.method,
                task.horizon.frames,
            )


def _say_other_times(settings: Settings, period_s: float, progress: Progress) -> None:
    """Say which horizons in seconds are another time in whole frames, by more than a batch would pool."""
    for text in settings.forecast.horizons:
        horizon, asked_s = parse_horizon(text, period_s), horizon_seconds(text, period_s)
        if not asked_s / _OTHER_TIME <= horizon.seconds <= asked_s * _OTHER_TIME:
            progress.note(
                f"A horizon of {asked_s:.4g} s is {horizon.seconds:.2f} s here: {horizon.frames} frame(s) of "
                f"{period_s:.4g} s."
            )


def _say_scored(plan: Plan, sequence: Sequence, progress: Progress) -> None:
    """Say on how many test frames each horizon is scored where frames are missing before some, as after a pause."""
    test = sequence.split.test_frames
    if sequence.instants.regular:
        return
    held = held_frames(sequence.faults, plan.settings.flow)
    for frames, history in sorted({(task.horizon.frames, task.compared_history) for task in plan.tasks}):
        can_be = sequence.instants.scored(frames, history)
        scored = sum(bool(can_be[t]) and t not in held for t in test)
        if frames and scored < len(test):
            progress.note(
                f"Horizon {frames}: {scored} of {len(test)} test frames scored; the others are faulty, or frames are "
                "missing before them."
            )


def _say_reference(plan: Plan, settings: Settings, progress: Progress) -> None:
    if settings.flow.reference == "auto":
        number = plan.settings.flow.reference
        progress.note(f"Reference: motion is measured from frame {number}, which was chosen in the train span.")
