"""The stages of a run, one after another: what is not up to date is made, side by side where that is possible."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import nullcontext

from cinecast.landmarks.summary import summarise_landmarks
from cinecast.progress import Progress
from cinecast.run.freshness import concerned_keys
from cinecast.run.maker import Maker
from cinecast.run.plan import Plan
from cinecast.run.scope import STAGES
from cinecast.run.stage_work import Work
from cinecast.run.step import Step
from cinecast.run.work_process import WorkPlaces
from cinecast.single_thread import single_threaded
from cinecast.store import artifacts as art

# Stages whose steps are made side by side. Forecasts are not, so that their time per step is honest.
_SIDE_BY_SIDE = ("target", "score")
_BEFORE_LANDMARKS = STAGES[: STAGES.index("landmarks")]
# Processes of their own are worth their start where so many pixels of DVFs are to be scored.
WORTH_PROCESSES = 50_000_000


def is_large(pixels: int, forecasts: int) -> bool:
    """Return whether a run is worth processes of its own.

    Parameters
    ----------
    pixels
        In all frames of its sequence.
    forecasts
        How often these are forecast: methods times horizons.

    Returns
    -------
    bool
    """
    return pixels * forecasts >= WORTH_PROCESSES


class StageRunner:
    """Runs the stages after ``frames``.

    Parameters
    ----------
    maker
        Knows what is up to date, and makes the rest.
    work
        The work of each stage.
    places
        Where steps are made side by side.
    plan
        All steps of the run.
    progress
        Hears of the work.
    """

    def __init__(self, maker: Maker, work: Work, places: WorkPlaces, plan: Plan, progress: Progress) -> None:
        self._maker, self._work, self._places, self._plan, self._progress = maker, work, places, plan, progress
        concerned, reaches = concerned_keys(plan, maker.scope.only), maker.scope.reaches
        self._asked = {
            stage: [step for step in plan.stages[stage] if step.key in concerned]
            for stage in STAGES[1:]
            if reaches(stage)
        }
        self._landmarks: list[Future[None]] | None = None  # what was begun of them before their turn

    def run(self) -> list[dict[str, str]] | None:
        """Run the stages as far as the scope reaches.

        Returns
        -------
        list or None
            The table of scores once it is whole.
        """
        scores = None
        self._maker.store.read_ahead([step.key for own in self._asked.values() for step in own], self._work.workers)
        scored = sum(step.task is not None for step in self._asked.get("score", ()))
        large = is_large(self._work.sequence.frames.size, scored)
        with ThreadPoolExecutor(1) as pool:  # what is running in it is finished and kept, whatever happens
            for stage, asked in self._asked.items():
                made = [self._run_wave(stage, wave, pool, large) for wave in _waves(asked)]
                self._say(stage, made)
                if stage == "score":
                    scores = self._work.combine_scores(self._plan)
        return scores

    def _run_wave(self, stage: str, wave: list[Step], pool: ThreadPoolExecutor, large: bool) -> bool:
        """Make the steps that are not up to date; return whether there were any."""
        if stage == "landmarks" and self._landmarks is not None:
            return self._wait_for(self._landmarks)
        steps = [step for step in wave if self._maker.needs(step)]
        if not steps:
            return False
        if large and stage != "report":
            self._places.start_processes()  # what comes before the scores takes longer than their start
            if stage in _BEFORE_LANDMARKS:
                self._begin_landmarks(pool)
        if stage == "forecast":
            wait(self._landmarks or ())  # nothing runs beside forecasts, so that their time per step is honest
        total = len(self._work.sequence.frames) if stage == "flow" else len(steps)
        with single_threaded(), self._progress.working(stage, total) as advance:
            self._make(steps, advance)
        return True

    def _begin_landmarks(self, pool: ThreadPoolExecutor) -> None:
        """Have landmarks made in another process beside flow and motion, as they depend on neither."""
        if self._landmarks is not None or not self._places.elsewhere:
            return

        def make(step: Step) -> None:
            with self._places.one(self._work) as place:
                self._maker.make(step, place, self._plan, lambda: None)

        asked = self._asked.get("landmarks", ())
        self._landmarks = [pool.submit(make, step) for step in asked if self._maker.needs(step)]

    def _wait_for(self, landmarks: list[Future[None]]) -> bool:
        """Wait for the landmarks that were begun; return whether there were any."""
        if landmarks:
            with self._progress.working("landmarks", len(landmarks)) as advance:
                for each in landmarks:
                    each.result()
                    advance()
        return bool(landmarks)

    def _make(self, steps: list[Step], advance: Callable[[], None]) -> None:
        side_by_side = steps[0].stage in _SIDE_BY_SIDE

        def make(step: Step) -> None:
            with self._places.one(self._work) if side_by_side else nullcontext(self._work) as place:
                self._maker.make(step, place, self._plan, advance)
            if step.stage != "flow":  # it counts frames, not steps
                advance()

        if side_by_side:
            # The longest first: else a thread would work on it at the end, and the others wait.
            steps = sorted(steps, key=lambda step: not (step.task and step.task.has_random_runs))
        with ThreadPoolExecutor(self._work.workers if side_by_side else 1) as pool:
            futures = [pool.submit(make, step) for step in steps]
            try:
                for future in futures:
                    future.result()
            except BaseException:
                pool.shutdown(cancel_futures=True)  # what is running is finished and kept
                raise

    def _say(self, stage: str, made: list[bool]) -> None:
        """Say what a user should know of a stage, given whether something was made in each of its waves."""
        work, note = self._work, self._progress.note
        if stage == "flow" and made and not any(made):
            work.say_of_kept_flow()
        if stage == "landmarks" and any(made):
            self._say_landmarks()
        if stage == "target" and any(made):
            for sentence in work.targets.sentences():
                note(sentence)
        if stage == "score" and made and self._asked[stage][0].key == art.LABELS and made[0]:
            for sentence in work.targets.label_sentences():
                note(sentence)

    def _say_landmarks(self) -> None:
        """Say what was found; that nothing was is a warning of the stage."""
        sequence = self._work.sequence
        landmarks = art.load_landmarks(self._work.store.path(art.LANDMARKS), len(sequence.frames))
        if landmarks.names:
            summary = summarise_landmarks(landmarks, sequence.spacing_mm, sequence.split.train_end)
            self._progress.note(f"Landmarks: {summary.sentence}.")


def _waves(steps: list[Step]) -> list[list[Step]]:
    """Return the steps of a stage in two parts: what is made once a sequence is read by others of the same stage."""
    keys = {step.key for step in steps}
    later = [step for step in steps if any(key in keys for key, _ in step.inputs)]
    waves = [[step for step in steps if step not in later], later]
    return [wave for wave in waves if wave]
