"""A paragraph on the methods of one run, for a paper: what the run did, in numbers, with its sources."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from cinecast.errors import CinecastError
from cinecast.landmarks.landmarks import Landmarks
from cinecast.parsed_text import parse_toml
from cinecast.references import PERSISTENCE
from cinecast.report.citations import SOURCES, method_source
from cinecast.report.data import ReportData, ReportEntry
from cinecast.report.few_modes import forecast_modes
from cinecast.report.headline import at_landmarks
from cinecast.report.listed import listed
from cinecast.report.score_table import ScoreRow, format_cell
from cinecast.report.scored_apart import scored_frames
from cinecast.score.main_metric import LANDMARK_METRIC, MAIN_METRIC, REGION_PLACES, main_region
from cinecast.settings import Settings
from cinecast.settings.toml_file import build_settings

_TIMES = "\N{MULTIPLICATION SIGN}"


class MethodsText(NamedTuple):
    """Paragraphs, and the sources that they cite by number, the first one as 1."""

    paragraphs: tuple[str, ...]
    sources: tuple[str, ...]

    @property
    def plain(self) -> str:
        """The text to paste: paragraphs, then the list of sources."""
        numbered = [f"[{number}] {source}" for number, source in enumerate(self.sources, 1)]
        return "\n\n".join([*self.paragraphs, "\n".join(["References", *numbered])]) + "\n"


class _Citations:
    """Numbers sources in the order in which they are first cited."""

    def __init__(self, version: str) -> None:
        self._version = version
        self.texts: list[str] = []

    def __call__(self, *keys: str) -> str:
        """Return `` [1, 2]``; empty for no key."""
        numbers = []
        for key in keys:
            text = SOURCES[key].replace("{version}", self._version) if key in SOURCES else key
            if text not in self.texts:
                self.texts.append(text)
            numbers.append(self.texts.index(text) + 1)
        return f" [{', '.join(map(str, numbers))}]" if numbers else ""


def methods_text(data: ReportData, rows: list[ScoreRow]) -> MethodsText | None:
    """Return the text on a run, from its settings and results alone.

    Parameters
    ----------
    data
        What the run measured.
    rows
        The rows of its table of scores.

    Returns
    -------
    MethodsText
        Only what the run did is told. None for runs compared, and where the settings are not those of a run.
    """
    if data.runs:
        return None
    try:
        settings = build_settings(parse_toml(data.settings_text))
    except (ValueError, CinecastError):
        return None
    cite = _Citations(data.versions.get("cinecast", "unknown"))
    parts = [
        _sequence_words(data),
        _motion_words(data, settings, cite),
        _forecast_words(data, settings, cite),
        _score_words(data, settings, rows, cite),
        _result_words(data, rows),
        f"All of it was computed with cinecast{cite('cinecast')}, version {data.versions.get('cinecast', 'unknown')}.",
    ]
    return MethodsText(tuple(part for part in parts if part), tuple(cite.texts))


def _sequence_words(data: ReportData) -> str:
    sequence, split = data.sequence, data.sequence.split
    count, rows, columns = sequence.frames.shape
    period, (along_rows, along_columns) = sequence.frame_period_s, sequence.spacing_mm
    validation = f", the validation span {_frames(split.train_end, split.validation_end)}"
    words = (
        f"The cine-MR sequence had {count} frames of {rows} {_TIMES} {columns} pixels (rows {_TIMES} columns), "
        f"one every {period:.4g} s. The pixel spacing was {along_rows:.4g} {_TIMES} {along_columns:.4g} mm. "
        f"The train span was {_frames(0, split.train_end)}"
        f"{validation if split.validation_end > split.train_end else ''}, and "
        f"the test span {_frames(split.validation_end, split.test_end)}."
    )
    if not sequence.instants.regular:
        words += " The recording had gaps: horizons are by its clock, and no lost frame was scored."
    return words


def _motion_words(data: ReportData, settings: Settings, cite: _Citations) -> str:
    if not data.models:
        return ""
    model, flow = data.models[0], data.flows[data.models[0].flow]
    if settings.flow.dvf:
        words = (
            f"The motion from frame {flow.reference} was given as deformation vector fields (DVFs), not measured here."
        )
    elif settings.flow.estimator != "lucas_kanade":
        words = f"The motion was measured from frame {flow.reference} with the flow {settings.flow.estimator}."
    else:
        words = (
            f"The motion was measured from frame {flow.reference} by dense, pyramidal, iterative Lucas-Kanade optical "
            f"flow{cite('lucas1981', 'pohl2026')}."
        )
        if settings.flow.arithmetic == "published":
            words += " The arithmetic was that of the published tables."
    if flow.unexplained:
        words += _unexplained_words(data, flow.unexplained, given=bool(settings.flow.dvf))
    share = 100 * float(model.explained_variance.sum())
    count = len(model.modes)
    named = "Its one mode explained" if count == 1 else f"Its {count} modes explained"
    words += (
        f" A motion model was made by principal component analysis of the deformations of "
        f"{_frames(0, model.train_end)}{cite('pohl2026')}. {named} {share:.1f} % of their variance."
    )
    if settings.motion.pixel_weights == "reliable" and model.reliability is not None:
        words += " Pixels were weighted by how far their motion could be trusted."
    return words


def _unexplained_words(data: ReportData, frames: tuple[int, ...], *, given: bool) -> str:
    in_test = sum(t in data.sequence.split.test_frames for t in frames)
    return (
        f" The {'DVFs' if given else 'flow'} did not explain {len(frames)} of {len(data.sequence.frames)} frames, "
        f"{in_test} of them in the test span: brought back onto that frame, they were far less like it than the others."
    )


def _forecast_words(data: ReportData, settings: Settings, cite: _Citations) -> str:
    entries = [entry for entry in data.entries if not entry.is_reference]
    if not entries:
        return ""
    horizons = sorted({(entry.horizon.frames, entry.horizon.seconds) for entry in entries})
    ahead = listed([f"{seconds:.2f} s ({frames} frame{'' if frames == 1 else 's'})" for frames, seconds in horizons])
    words = f"The weights of the modes were forecast {ahead} ahead."
    for method in dict.fromkeys(entry.method for entry in entries):
        words += _method_words([entry for entry in entries if entry.method == method], settings, cite)
    return words + _protocol_words({entry.protocol for entry in entries})


def _method_words(own: list[ReportEntry], settings: Settings, cite: _Citations) -> str:
    first = own[0]
    modes = sorted({forecast_modes(entry) for entry in own})
    words = f" {first.title} ({first.method}){cite(*method_source(first.method))} forecast "
    words += "one mode" if modes == [1] else f"{' or '.join(map(str, modes))} modes"
    if first.follows_drift:
        words += ", with a correction for the drift of the mean motion"
    words += "."
    runs = max(len(entry.forecasts) for entry in own)
    if runs > 1:
        words += f" It was run {runs} times with random numbers (seed {settings.forecast.seed})."
    if any(settings.forecast.tuned_at(first.method, entry.horizon.frames) for entry in own):
        words += " Its settings were tuned."
    elif changed := settings.forecast.method_settings.get(first.method):
        words += f" Its settings differed from the defaults: {listed([f'{n} = {v}' for n, v in changed.items()])}."
    return words


def _protocol_words(protocols: set[str]) -> str:
    if protocols == {"causal"}:
        return " Every forecast was causal: methods learned from a frame only after it had arrived."
    if protocols == {"published"}:
        return " The evaluation was non-causal: methods were given a target before it existed, as in published tables."
    return " Whether the forecasts were causal is not known, because the motion was given."


def _score_words(data: ReportData, settings: Settings, rows: list[ScoreRow], cite: _Citations) -> str:
    told = {metric for row in rows if not row.is_reference for metric in row.cells}
    words = []
    if MAIN_METRIC in told:
        given = "given" if settings.flow.dvf else "measured"
        words.append(
            "The geometric error is the mean distance in mm of the forecast from "
            f"the {given} motion, over pixels and test frames.{_scored_words(data)}"
        )
    if at_landmarks(rows) and data.landmarks is not None:
        words.append(_landmark_words(data, data.landmarks, settings))
    if "ssim" in told:
        words.append(
            "Predicted frames were made from the reference frame by push-forward with a Gaussian kernel. They were "
            f"compared with the real ones by SSIM{cite('wang2004')}, normalised root mean square error and correlation."
        )
    words += [
        f"The target {target.name}, given in frame {target.frame}, was carried along the "
        f"{'given' if settings.flow.dvf else 'measured'} and the forecast motion."
        for target in data.targets
    ]
    return " ".join(words)


def _scored_words(data: ReportData) -> str:
    """Return on how many test frames methods are scored at each horizon; empty where that is all of them."""
    count = len(data.sequence.split.test_frames)
    scored = sorted((seconds, len(own)) for (_, seconds), own in scored_frames(data).items())
    if all(number == count for _, number in scored):
        return ""
    numbers = listed([f"{number} at {seconds:.2f} s" for seconds, number in scored])
    return (
        f" Of the {count} test frames {numbers} were scored: of the others the motion was not measured, or a frame was "
        "missing before them."
    )


def _landmark_words(data: ReportData, landmarks: Landmarks, settings: Settings) -> str:
    span = data.sequence.split.test_frames
    share = float(np.isfinite(landmarks.displacements[:, span.start : span.stop]).all(axis=2).mean())
    count = len(landmarks.names)
    named = "One landmark" if count == 1 else f"{count} landmarks"
    chosen = "given by the user" if settings.landmarks.file else "chosen in the train span"
    return (
        f"{named}, {chosen}, {'was' if count == 1 else 'were'} available in {100 * share:.0f} % of the test frames. "
        "The landmark error is the mean distance in mm between their forecast and their real places."
    )


def _result_words(data: ReportData, rows: list[ScoreRow]) -> str:
    region = main_region([{row.region for row in rows}])
    own = [row for row in rows if row.region == region]
    metric = LANDMARK_METRIC if at_landmarks(own) else MAIN_METRIC
    name = "landmark error" if metric == LANDMARK_METRIC else f"geometric error {REGION_PLACES[region]}"
    titles = {entry.method: entry.title for entry in data.entries}
    words = []
    for frames, seconds in sorted({(row.horizon_frames, row.horizon_s) for row in own}):
        at = [row for row in own if row.horizon_frames == frames and np.isfinite(row.value(metric))]
        shown = [row for row in at if not row.is_reference] + [row for row in at if row.method == PERSISTENCE]
        if any(not row.is_reference for row in shown):
            values = [f"{format_cell(row.cells[metric], 2)} mm ({titles.get(row.method, row.method)})" for row in shown]
            words.append(f"At {seconds:.2f} s the mean {name} was {listed(values)}.")
    lost = [
        f"{row.diverged} of {row.asked} runs of {titles.get(row.method, row.method)}" for row in own if row.diverged
    ]
    if words and any(row.runs > 1 and not row.is_reference for row in own):
        words.append("After \N{PLUS-MINUS SIGN} stands the 95 % half range of the mean over random runs.")
    if words and lost:
        words.append(f"{listed(list(dict.fromkeys(lost)))} diverged and were left out.")
    return " ".join(words)


def _frames(start: int, end: int) -> str:
    return f"frame {start}" if end - start == 1 else f"frames {start} to {end - 1}"
