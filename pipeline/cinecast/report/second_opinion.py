"""A second opinion on a run: where its forecasts are worth little, or the motion is not what was learned, and why."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sized
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from cinecast.horizon import Horizon
from cinecast.motion.drift import drift_row
from cinecast.motion.model import MotionModel
from cinecast.references import PERSISTENCE
from cinecast.report.breathing import BREATH_S, Breaths, breathing_signal, breaths, spread
from cinecast.report.data import ReportData, ReportEntry, ReportModel, is_reference
from cinecast.report.headline import Headline, headlines
from cinecast.report.listed import listed
from cinecast.report.random_runs import mean_over_runs
from cinecast.report.score_table import ScoreRow
from cinecast.report.scored_apart import scored_frames
from cinecast.score.frame_scores import FRAME_METRICS
from cinecast.score.main_metric import MAIN_METRIC, main_region
from cinecast.score.paired_difference import FEWEST_BATCHES, PairedDifference, paired_difference

Array = NDArray[np.float64]
_Verdict = Literal["worse", "farther off", "not shown to be better"]

# Breaths are another kind of breathing when they are so many times deeper or longer, or as many times less.
CHANGED_RATIO = 1.5
# The same when the middle of a breath has moved by this share of its depth.
CHANGED_LEVEL = 0.5
# A model explains less when what it leaves of the motion is so many times as large as it would leave of frames like
# those of the train span that it was not fitted to.
LEFT_RATIO = 2.0
# Less than this, in pixels, is noise.
LEAST_LEFT_PX = 0.05
# The measured motion dominates from this share of an error on: half of its square.
FLOOR_SHARE = 0.7
# So many frames of a span are looked at for what a model leaves.
_LOOKED_AT = 60
# Of these, so many are rebuilt together.
_AT_ONCE = 4


class Finding(NamedTuple):
    """What stands out, and the numbers that show it, a sentence each."""

    sentence: str
    evidence: str

    def __str__(self) -> str:
        """Return both, a line each."""
        return "".join(" ".join(text.split()) + "\n" for text in self)


def second_opinion(data: ReportData, rows: list[ScoreRow]) -> tuple[Finding, ...]:
    """Return what a reader should know before the forecasts of one run are trusted.

    Parameters
    ----------
    data
        What the run holds.
    rows
        The rows of its table of scores.

    Returns
    -------
    tuple of Finding
        Empty where nothing stands out, and for a comparison of several runs.
    """
    if data.runs:
        return ()
    breath = _breath_frames(data)
    found = [*_short_test_span(data, breath), *_no_better_than_none(data, breath), *_floor_dominates(headlines(rows))]
    if data.models:
        found += [*_breathing_changed(data, data.models[0]), *_model_explains_less(data, data.models[0])]
    return tuple(found)


def _no_better_than_none(data: ReportData, breath: int) -> Iterator[Finding]:
    """Yield for each horizon which methods are farther off than the latest frame, and which are not shown nearer."""
    by_horizon: dict[Horizon, list[ReportEntry]] = {}
    for entry in data.entries:
        by_horizon.setdefault(entry.horizon, []).append(entry)
    for horizon, entries in by_horizon.items():
        none = next((entry for entry in entries if entry.method == PERSISTENCE), None)
        compared = {} if none is None else dict(_compared(none, entries, breath))
        worse = {title: each for title, each in compared.items() if each.low > 0}
        # Of few breaths no interval is known: more cannot be said than what was so.
        farther = {title: each for title, each in compared.items() if math.isnan(each.low) and each.mean > 0}
        rest = {title: each for title, each in compared.items() if title not in worse | farther}
        doubtful = {title: each for title, each in rest.items() if each.mean >= 0 or each.high >= 0}
        verdicts: tuple[tuple[dict[str, PairedDifference], _Verdict], ...] = (
            (worse, "worse"),
            (farther, "farther off"),
            (doubtful, "not shown to be better"),
        )
        for named, verdict in verdicts:
            if named:
                differences = "; ".join(f"{title} {_difference_text(each)}" for title, each in named.items())
                yield Finding(
                    f"{horizon.seconds:.2f} s ahead, {_said(list(named), len(compared), verdict)} than no forecast "
                    "(persistence).",
                    f"Error less that of persistence: {differences}.",
                )


def _said(titles: list[str], count: int, verdict: _Verdict) -> str:
    """Return what is to be said of some of the methods, of which there are ``count``, beside no forecast."""
    everyone = len(titles) == count
    if verdict == "not shown to be better":
        return f"{'no method is' if everyone else f'{listed(titles)} {_is(titles)} not'} shown to be better"
    subject = "every method is" if everyone and count > 1 else f"{listed(titles)} {_is(titles)}"
    return f"{subject} {verdict}" if verdict == "worse" else f"{subject} {verdict} in this test span"


def _short_test_span(data: ReportData, breath: int) -> Iterator[Finding]:
    span = data.sequence.split.test_frames
    measured = _measured(data, span)
    frames, ahead = len(measured), ""
    scored, seconds = min(_scored(data, measured), default=(frames, 0.0))
    period = data.sequence.frame_period_s
    if scored < frames:
        ahead = (
            f" {seconds:.2f} s ahead {scored} of them {_is(range(scored))} scored, {scored / breath:.1f} times a "
            "breath, as frames are missing before the others."
        )
    if scored < FEWEST_BATCHES * breath:
        good = "" if frames == len(span) else "good "
        yield Finding(
            "The test span is short: its scores say little of other breaths.",
            f"It has {frames} {good}frame{'' if frames == 1 else 's'} ({frames * period:.1f} s), "
            f"{frames / breath:.1f} times a breath of {breath * period:.1f} s.{ahead}",
        )


def _scored(data: ReportData, measured: list[int]) -> Iterator[tuple[int, float]]:
    """Yield for each horizon in s on how many of the measured test frames methods are scored: the others lack a frame.

    That is one that is missing in the history, or a horizon before it.
    """
    first = data.sequence.split.test_frames.start
    for (_, seconds), own in scored_frames(data).items():
        yield len(own & {t - first for t in measured}), seconds


def _compared(none: ReportEntry, entries: list[ReportEntry], breath: int) -> Iterator[tuple[str, PairedDifference]]:
    """Yield the title of each forecaster, with its error less that of persistence over the frames that both have."""
    at_landmarks = none.landmark_errors is not None
    reference = frame_errors(none, at_landmarks)
    for entry in entries:
        errors = None if is_reference(entry.method) else frame_errors(entry, at_landmarks)
        if errors is not None and reference is not None:
            yield entry.title, paired_difference(errors - reference, max(breath, entry.horizon.frames))


def frame_errors(entry: ReportEntry, at_landmarks: bool) -> Array | None:
    """Return the error of each test frame that a method is judged by, in mm, the mean over its random runs.

    Parameters
    ----------
    entry
        One method at one horizon.
    at_landmarks
        Whether that is the error at landmarks; else against the measured motion, in the ROI where there is one.

    Returns
    -------
    Array or None
        Shape (test frames,), NaN where a frame has none; None where the run has no scores of it.
    """
    if entry.frame_scores is None or (at_landmarks and entry.landmark_errors is None):
        return None
    region = entry.regions.index(main_region([set(entry.regions)]))
    errors = entry.frame_scores[:, :, [region], FRAME_METRICS.index(MAIN_METRIC)]
    if entry.landmark_errors is not None:
        # Beside the others, which tell what run diverged: none may be followed at last.
        errors = np.concatenate([errors, entry.landmark_errors[..., np.newaxis]], axis=-1)
    return mean_over_runs(errors, entry.last_scored)[:, -1 if at_landmarks else 0]


def _difference_text(difference: PairedDifference) -> str:
    if not np.isfinite(difference.low):
        return f"{difference.mean:+.2f} mm (the test span is too short to say how sure that is)"
    return f"{difference.mean:+.2f} mm (95 % interval {difference.low:+.2f} to {difference.high:+.2f})"


def _floor_dominates(lines: list[Headline]) -> Iterator[Finding]:
    shares = {line.horizon_s: line for line in lines if line.measured_mm >= FLOOR_SHARE * line.error_mm}
    if shares:
        words = "; ".join(
            f"{seconds:.2f} s ahead {line.measured_mm:.2f} and {line.error_mm:.2f} mm"
            for seconds, line in shares.items()
        )
        yield Finding(
            f"Most of the error at the landmarks is that of the measured motion ({_seconds(list(shares))} ahead): a "
            "better forecast can hardly lower it.",
            f"Error of the measured motion itself, and of the best method: {words}.",
        )


def _breathing_changed(data: ReportData, model: ReportModel) -> Iterator[Finding]:
    signal = breathing_signal(model, data.sequence.roi, data.sequence.spacing_mm)
    test = _measured(data, data.sequence.split.test_frames)
    learned = _breaths_in(data, signal, _measured(data, range(model.train_end)))
    tested = _breaths_in(data, signal, test)
    changes = []
    if is_other(tested.depth_mm, learned.depth_mm):
        changes.append(("depth", f"depth {learned.depth_mm:.1f} and {tested.depth_mm:.1f} mm"))
    if is_other(tested.length_s, learned.length_s):
        changes.append(("length", f"length of a breath {learned.length_s:.1f} and {tested.length_s:.1f} s"))
    if abs(tested.middle_mm - learned.middle_mm) > CHANGED_LEVEL * learned.depth_mm:
        changes.append(("level", f"its middle {learned.middle_mm:.1f} and {tested.middle_mm:.1f} mm down the image"))
    if changes:
        low, high = signal[: model.train_end].min(), signal[: model.train_end].max()
        outside = np.mean([not low <= value <= high for value in signal[test]])
        yield Finding(
            "The breathing of the test span is not that of the train span: another "
            f"{listed([name for name, _ in changes])}.",
            f"In the train and the test span: {'; '.join(words for _, words in changes)}; "
            f"{100 * outside:.0f} % of the test frames lie outside all that was seen in the train span.",
        )


def is_other(value: float, learned: float) -> bool:
    """Return whether a depth or a length is that of another kind of breathing than what was learned.

    Parameters
    ----------
    value, learned
        Depths or lengths of breaths, of one unit, above 0; NaN where unknown.

    Returns
    -------
    bool
        False where one of them is unknown.
    """
    return value > CHANGED_RATIO * learned or value * CHANGED_RATIO < learned


def _breath_frames(data: ReportData) -> int:
    """Return the length of a breath in frames: of the test span, or of all frames where it shows none."""
    period, test = data.sequence.frame_period_s, data.sequence.split.test_frames
    seconds = [BREATH_S]
    if data.models:
        signal = breathing_signal(data.models[0], data.sequence.roi, data.sequence.spacing_mm)
        spans = test, range(len(signal))
        seconds = [*(_breaths_in(data, signal, _measured(data, span)).length_s for span in spans), BREATH_S]
    return max(1, round(next(each for each in seconds if np.isfinite(each)) / period))


def _breaths_in(data: ReportData, signal: Array, frames: list[int]) -> Breaths:
    spans = range(data.models[0].train_end), data.sequence.split.test_frames
    most = max(spread(signal[_measured(data, span)]) for span in spans)
    return breaths(signal[frames], data.sequence.times_s[frames], data.sequence.longest_gap_s, most)


def _measured(data: ReportData, span: range, flow: int = 0) -> list[int]:
    """Return the frames of a span whose motion was measured, not held, by one of the flows."""
    held = data.flows[flow].held if data.flows else ()
    return [t for t in span if t not in held]


def _model_explains_less(data: ReportData, model: ReportModel) -> Iterator[Finding]:
    flow = data.flows[model.flow]
    if flow.all_dvf is None:
        return
    test = data.sequence.split.test_frames
    kept = [_measured(data, span, model.flow) for span in (range(model.train_end), test)]
    if not all(kept):
        return
    learned, tested = (_left_px(model, flow.all_dvf, frames) for frames in kept)
    # Mean and modes take up degrees of freedom: 12 modes of 24 train frames leave half of the variance of their noise.
    free = len(kept[0]) - len(model.modes) - 1
    if free < 1:
        return
    expected = learned * math.sqrt(len(kept[0]) / free)
    if tested > max(LEFT_RATIO * expected, LEAST_LEFT_PX):
        yield Finding(
            "The motion model explains less of the motion of the test span than of the train span.",
            f"What {len(model.modes)} modes{'' if model.drifts is None else ' and the drift of the mean'} leave of the "
            f"motion (root mean square over the pixels, median over frames) is {learned:.2f} pixels in the train span, "
            f"{tested:.2f} in the test span.",
        )


def _left_px(model: ReportModel, dvf: NDArray[np.float32], frames: list[int]) -> float:
    """Return the motion that modes, and drift where it is followed, leave: root mean square, median over frames."""
    looked_at = frames[:: -(-len(frames) // _LOOKED_AT)]
    motion = MotionModel(model.mean, model.modes, model.explained_variance)
    fields, left = np.empty((_AT_ONCE, *model.mean.shape)), []
    for first in range(0, len(looked_at), _AT_ONCE):
        some = looked_at[first : first + _AT_ONCE]
        drifts = [None if model.drifts is None else model.drifts[drift_row(t)] for t in some]
        explained = motion.reconstruct_all(model.weights[some], drifts, fields[: len(some)])
        for t, field in zip(some, explained, strict=True):
            rest = np.subtract(dvf[t], field, out=field).ravel()
            left.append(np.sqrt(2 * (rest @ rest) / rest.size))
    return float(np.median(left))


def _is(names: Sized) -> str:
    return "is" if len(names) == 1 else "are"


def _seconds(values: list[float]) -> str:
    return f"{listed([f'{value:.2f}' for value in values])} s"
