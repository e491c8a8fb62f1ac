"""`cinecast tune`: settings and modes for each method and horizon, from train and validation span of a sequence."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cinecast.errors import SettingsError
from cinecast.flow.reference import reference_index, settings_for
from cinecast.forecast import check_horizon, is_offline
from cinecast.horizon import parse_horizons
from cinecast.motion.held import held_frames
from cinecast.progress import Progress
from cinecast.run.runner import run_sequence
from cinecast.run.scope import Scope
from cinecast.sequence import Sequence
from cinecast.settings import Settings, TunedSettings
from cinecast.settings.toml_file import build_settings, read_kept_settings, settings_text
from cinecast.store import RunFolder, Status
from cinecast.store import artifacts as art
from cinecast.store.digests import fingerprint
from cinecast.store.marker import saved_sequence
from cinecast.tuning.grid import paper_grid, why_not_tuned
from cinecast.tuning.result import (
    TUNED_FILE,
    ValidationErrors,
    read_choice,
    read_errors,
    tuned_settings,
    write_choice,
)
from cinecast.tuning.search_task import SearchSpan, SearchTask, run_search_and_defaults
from cinecast.tuning.trial import Evaluation

if TYPE_CHECKING:
    from distributed import Client

# Raised when a search gives other results for the same weights and settings.
_VERSION = 1


@dataclass(frozen=True)
class TuneRequest:
    """What is searched.

    Parameters
    ----------
    modes
        Numbers of modes to try.
    runs
        Random runs of each setting.
    thin
        Values kept of each setting of the papers' grids; None for all.
    trials
        Settings that optuna tries for each number of modes, in place of the grids; None for the grids.
    given
        By method, values by name of the settings that are not searched for, although they could be.
    """

    modes: tuple[int, ...] = (1, 2, 3, 4)
    runs: int = 3
    thin: int | None = None
    trials: int | None = None
    given: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not self.modes or min(self.modes) < 1:
            raise SettingsError(f"--modes must be 1 or more, got {list(self.modes)}; give numbers of modes to try")
        if self.runs < 1:
            raise SettingsError(f"--runs must be 1 or more, got {self.runs}; a few runs tell settings apart")
        if self.trials is not None and self.trials < 1:
            raise SettingsError(f"--trials must be 1 or more, got {self.trials}; leave it out for the papers' grids")
        if self.trials is not None and self.thin is not None:
            raise SettingsError("--trials and --thin exclude each other, got both; only grids are thinned")


@dataclass(frozen=True)
class TuneResult:
    """What was chosen, with its errors; how many searches were done and kept, where the settings file is.

    The frame period in s turns horizons into seconds.
    """

    chosen: tuple[TunedSettings, ...]
    errors: tuple[ValidationErrors, ...]
    done: int
    kept: int
    file: Path
    frame_period_s: float


def tune_sequence(
    source: Path,
    out: Path,
    settings: Settings,
    request: TuneRequest,
    *,
    progress: Progress | None = None,
    workers: int = 1,
    scheduler: str | None = None,
) -> TuneResult:
    """Choose settings for every method and horizon of `settings` on the validation span of a sequence.

    Nothing after the validation span is read by a search. Each search is kept in the run folder as it ends; the same
    command again does what is missing. Methods with nothing to tune are named and passed over; the settings file
    runs them as they are.

    Parameters
    ----------
    source
        File or folder of the sequence.
    out
        A run folder; its frames, flow and motion are made or reused.
    settings
        Settings of all stages: methods, horizons, protocol and seed are taken from ``forecast``.
    request
        What is searched.
    progress
        Hears of the work.
    workers
        Processes on this machine.
    scheduler
        Address of a running dask scheduler in their place.

    Returns
    -------
    The choices, in order of methods and horizons, and the settings file that `cinecast run` takes.

    Raises
    ------
    CinecastError
        If the input, a setting, the folder or the scheduler breaks a rule; what was finished is kept.
    """
    progress = progress or Progress()
    kept_settings = _kept_settings(out, settings)
    asked, settings = settings, _tunable(settings, progress)
    settings = replace(settings, motion=replace(settings.motion, modes=max(request.modes)))
    scope = Scope(until="motion")
    run_sequence(source, out, settings, scope=scope, progress=progress, workers=workers, saved=kept_settings)
    # With a target the run may measure from another frame than the one that is chosen without.
    settings = replace(settings, flow=build_settings(read_kept_settings(out / art.SETTINGS_FILE)).flow)
    sequence = art.load_sequence(out / art.FRAMES)
    tasks = search_tasks(sequence, settings, request)
    with RunFolder(out, sequence.name) as store:
        stale = [task for task in tasks if store.status(task.key, _mark(store, task)) is not Status.FRESH]
        if stale:
            with progress.working("tune", len(stale)) as advance, _workers(scheduler, workers, progress) as client:
                for task in _searched(client, store, stale):
                    del task
                    advance()
        chosen = tuple(read_choice(store.path(task.key), task.method, task.horizon) for task in tasks)
        errors = tuple(read_errors(store.path(task.key)) for task in tasks)
        as_they_are = [method for method in asked.forecast.methods if why_not_tuned(method)]
        store.write_file(TUNED_FILE, settings_text(tuned_settings(settings, chosen, as_they_are)).encode())
    kept = len(tasks) - len(stale)
    return TuneResult(chosen, errors, len(stale), kept, out / TUNED_FILE, sequence.frame_period_s)


def _kept_settings(out: Path, asked: Settings) -> Settings:
    """Return what the run goes on with: its own methods and horizons, and as many modes as without a search."""
    saved = out / art.SETTINGS_FILE
    if saved_sequence(out) is None or not saved.is_file():
        return asked
    own = build_settings(read_kept_settings(saved)).forecast
    return replace(asked, forecast=replace(asked.forecast, methods=own.methods, horizons=own.horizons))


def _tunable(settings: Settings, progress: Progress) -> Settings:
    """Return the settings with the methods that have something to tune; the others are named."""
    reasons = {method: why_not_tuned(method) for method in settings.forecast.methods}
    tunable = tuple(method for method, reason in reasons.items() if not reason)
    if not tunable:
        raise SettingsError(
            f"tune needs a method with settings to choose, got {', '.join(reasons)}; give one, such as --method rls"
        )
    for method, reason in reasons.items():
        if reason:
            progress.note(f"{method} is left as it is: {reason}.")
    return settings.with_methods(tunable)


def search_tasks(sequence: Sequence, settings: Settings, request: TuneRequest) -> list[SearchTask]:
    """Return the searches, one for each method and horizon.

    Parameters
    ----------
    sequence
        Spans and frame rate are taken from it; no search sees its frames here.
    settings
        Settings of all stages: methods, horizons, protocol and seed are taken from ``forecast``.
    request
        Modes, runs, and how grids are thinned or replaced.

    Returns
    -------
    All horizons of a method together.

    Raises
    ------
    SettingsError
        If a horizon does not fit the spans, or there is no grid or space for a method.
    """
    rate, forecast, split = 1 / sequence.frame_period_s, settings.forecast, sequence.split
    flow = settings_for(sequence, settings).flow
    held = tuple(t for t in sorted(held_frames(sequence.faults, flow)) if t < split.validation_end)
    tasks = []
    for method in forecast.methods:
        given = request.given.get(method, {})
        offline = settings.motion.offline_train_end if is_offline(method) else None
        train_end = split.train_end if offline is None else sequence.frames_before(offline)
        for horizon in parse_horizons(forecast.horizons, sequence.frame_period_s):
            check_horizon(horizon.frames, train_end=train_end, split=split, instants=sequence.instants)
            grid = None
            if request.trials is None:
                grid = paper_grid(method, "cine", rate, longest=train_end - horizon.frames)
                grid = grid.thinned(request.thin) if request.thin else grid
                grid = grid.holding(given)
            tasks.append(
                SearchTask(
                    method=method,
                    horizon=horizon.frames,
                    span=SearchSpan(train_end, split.validation_end),
                    modes=request.modes,
                    reference=reference_index(flow),
                    evaluation=Evaluation(forecast.protocol, request.runs, forecast.seed),
                    grid=grid,
                    trials=request.trials or 0,
                    rate_hz=rate,
                    fixed=dict(forecast.method_settings.get(method, {})),
                    given=dict(given) if grid is None else {},
                    held=held,
                    longest_gap_s=None if sequence.instants.regular else sequence.longest_gap_s,
                    black_beyond=flow.arithmetic == "published",
                )
            )
    return tasks


def _searched(client: Client, store: RunFolder, tasks: list[SearchTask]) -> Iterator[SearchTask]:
    """Search the tasks on the workers and keep each choice as it comes."""
    from distributed import as_completed

    run = store.root.absolute()
    futures = {client.submit(run_search_and_defaults, run, task, pure=False): task for task in tasks}
    for future in as_completed(list(futures), loop=client.loop):
        task = futures[future]
        tuned = future.result()
        with store.commit(task.key, _mark(store, task), task.values()) as folder:
            write_choice(folder, tuned.choice, tuned.default_nrmse)
        yield task


def _mark(store: RunFolder, task: SearchTask) -> str:
    motion = art.motion_key(task.span.train_end)
    inputs = {name: store.digest(motion, name) for name in art.FILES["motion"]}
    inputs["frames.npy"] = store.digest(art.FRAMES, "frames.npy")
    return fingerprint("tune", _VERSION, task.values(), inputs)


@contextmanager
def _workers(scheduler: str | None, workers: int, progress: Progress) -> Iterator[Client]:
    from cinecast.batch.cluster import connected

    with tempfile.TemporaryDirectory() as logs, connected(scheduler, workers, Path(logs), progress.note) as client:
        yield client
