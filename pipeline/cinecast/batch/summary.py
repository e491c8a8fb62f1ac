"""The summary of a cohort, gathered from its runs: one table of scores and one page."""

from __future__ import annotations

import logging
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from cinecast.batch.job import Job
from cinecast.batch.page import CohortData, SequenceScores, gated_apart, not_pooled, render_cohort, sequence_scores
from cinecast.batch.same_frames import grey_course, same_frames
from cinecast.batch.tasks import load_plan
from cinecast.batch.warnings_said import WarningsSaid
from cinecast.errors import CinecastError
from cinecast.frames.brightness import LARGEST_TRUSTED_SPREAD, brightness_spread
from cinecast.motion.held import held_frames
from cinecast.report.data import ReportGate
from cinecast.run.faults import frame_warnings
from cinecast.run.freshness import made_as_asked
from cinecast.score.scoring import SCORE_COLUMNS
from cinecast.store import CohortFolder, RunFolder
from cinecast.store import artifacts as art
from cinecast.store.cohort import PAGE_FILE, SUMMARY_FILE
from cinecast.store.tables import read_table, table_text
from cinecast.version import __version__
from cinecast_models import ForecastingError

_LOG = logging.getLogger(__name__)

_COUNTED_TWICE = "the tables count them as several sequences, so that p values are too small"
_BRIGHTNESS_IS_NO_MOTION = (
    "the brightness of whole frames varies: the flow of cinecast does not take that for motion by default, another may"
)


def write_summary(
    folder: CohortFolder,
    jobs: list[Job],
    failures: Mapping[str, Mapping[str, str]],
    said: WarningsSaid,
    up_to_date: Collection[str] = (),
) -> tuple[str, ...]:
    """Write ``summary.csv`` of all sequences that have scores and did not fail, and ``index.html``.

    Scores that were made with other settings than the cohort has now are left out of both, and named on the page.

    Parameters
    ----------
    folder, jobs, failures, said
        The cohort, all its sequences, why steps failed, and what was warned of.
    up_to_date
        Names of sequences whose scores have just been brought up to date, or failed: of these it is not found out
        again, since that reads the frames of each.

    Returns
    -------
    tuple[str, ...]
        A sentence for each horizon that is another time in some sequences than in others, and so not pooled.
    """
    jobs = sorted(jobs, key=lambda job: job.name)
    tables = {job.name: _scores(folder.run_folder(job.name)) for job in jobs if job.name not in failures}
    doubtful = [job for job in jobs if tables.get(job.name) and job.name not in up_to_date]
    outdated = tuple(job.name for job in doubtful if not _as_asked(folder, job))
    tables = {name: table for name, table in tables.items() if name not in outdated}
    rows = [[name, *(row[column] for column in SCORE_COLUMNS[1:])] for name, table in tables.items() for row in table]
    folder.write_file(SUMMARY_FILE, table_text(SCORE_COLUMNS, rows).encode())
    scored = {job.name: _by_horizon(job, tables[job.name]) for job in jobs if job.name in tables}
    data = CohortData(
        title=folder.root.name,
        sequences=_with_same_frames(
            [
                _with_warnings(scored_job, job, folder.run_folder(job.name), said)
                for job in jobs
                if (scored_job := scored.get(job.name))
            ]
        ),
        failures={job.name: failures[job.name] for job in jobs if job.name in failures},
        unfinished=tuple(name for name, scores in scored.items() if not scores),
        version=__version__,
        outdated=outdated,
        one_source=_of_one_source([job for job in jobs if scored.get(job.name)]),
    )
    if apart := gated_apart(data):
        _LOG.warning("%s", apart)
    folder.write_file(PAGE_FILE, render_cohort(data).encode(errors="replace"))
    return not_pooled(data)


def _with_warnings(
    scores: SequenceScores, job: Job, run: Path, said: WarningsSaid
) -> tuple[SequenceScores, NDArray[np.float64]]:
    """Return scores with what is to be known of their frames, and what was said of results that are still there.

    Beside them comes the `grey_course` of the frames, empty where they cannot be read.

    The frames are looked at again: what was said of them may have been lost with a killed batch, or come from an
    earlier version, and scores without it would look better than they are. What was said begins with the name that the
    sequence itself has, which may be another than that in the cohort: without it, the same sentence is shown once.
    """
    own_name = ""
    try:
        sequence = art.load_sequence(run / art.FRAMES)
        spread = brightness_spread(sequence.frames, held_frames(sequence.faults, job.settings.flow))
        of_frames = frame_warnings(sequence, job.settings.flow)
        course, own_name = grey_course(sequence.frames), f"{sequence.name}: "
    except (CinecastError, OSError, ValueError):
        course = np.empty(0)
        spread, of_frames = float("nan"), ["its frames cannot be read, so nothing is known of their brightness"]
    if spread > LARGEST_TRUSTED_SPREAD and not job.settings.flow.takes_brightness_for_motion:
        of_frames.append(_BRIGHTNESS_IS_NO_MOTION)
    kept = [text for key, texts in said.of(job.name).items() if (run / key).is_dir() for text in texts]
    noted = [text.removeprefix(own_name) for text in kept]
    return replace(scores, brightness=spread, warnings=tuple(dict.fromkeys([*of_frames, *noted]))), course


def _with_same_frames(looked_at: list[tuple[SequenceScores, NDArray[np.float64]]]) -> tuple[SequenceScores, ...]:
    """Return scores that say of which other sequences they are as well; the terminal is told, too."""
    sequences = [scores for scores, _ in looked_at]
    alike = same_frames({scores.name: course for scores, course in looked_at})
    for group in sorted({tuple(sorted((name, *others))) for name, others in alike.items()}):
        _LOG.warning("%s show the same frames: %s; keep one of them", _joined(group), _COUNTED_TWICE)
    return tuple(
        replace(each, warnings=(*each.warnings, f"{_joined(alike[each.name])} shows the same frames: {_COUNTED_TWICE}"))
        if each.name in alike
        else each
        for each in sequences
    )


def _of_one_source(jobs: Sequence[Job]) -> tuple[tuple[str, ...], ...]:
    named: dict[Path, list[str]] = {}
    for job in jobs:
        named.setdefault(job.source, []).append(job.name)
    return tuple(tuple(names) for names in named.values() if len(names) > 1)


def _joined(names: Sequence[str]) -> str:
    return " and ".join(names)


def _as_asked(folder: CohortFolder, job: Job) -> bool:
    """Return whether the scores of a sequence are those that its settings ask for."""
    try:
        store = RunFolder.view(folder.run_folder(job.name))
        _, plan = load_plan(store, job)
        return made_as_asked(store, plan, job.settings, (step.key for step in plan.stages["score"]))
    except (CinecastError, ForecastingError, OSError, ValueError):  # what cannot be understood is not believed
        return False


def _by_horizon(job: Job, table: list[dict[str, str]]) -> SequenceScores | None:
    try:
        scores = sequence_scores(job.name, table, job.settings.forecast.horizons) if table else None
    except (ValueError, ArithmeticError, CinecastError):  # a table that somebody changed
        return None
    score = job.settings.score
    gate = ReportGate(score.margin_mm, score.latency_s, score.gate_by_radius)
    return replace(scores, gate=str(gate), latency_s=score.latency_s) if scores else None


def _scores(run: Path) -> list[dict[str, str]]:
    """Return the scores of a run; none where it has none yet, or not as they were written."""
    try:
        table = read_table(run / art.SCORES_FILE)
    except (OSError, ValueError):
        return []
    return [row for row in table if None not in row.values() and set(row) == set(SCORE_COLUMNS)]
