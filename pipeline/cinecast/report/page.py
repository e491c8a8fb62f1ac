"""The HTML of the report: what is read without scripts."""

from __future__ import annotations

import math
from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from cinecast.frames.brightness import LARGEST_TRUSTED_SPREAD, brightness_spread
from cinecast.frames.frame_faults import faults_text
from cinecast.frames.missing_frames import missing_frames_text
from cinecast.references import MEASURED
from cinecast.report.data import RUN_SEPARATOR, ReportData
from cinecast.report.few_modes import oracle_words
from cinecast.report.headline import at_landmarks, headlines
from cinecast.report.landmark_tracks import first_shown, followed_landmarks
from cinecast.report.methods_text import methods_text
from cinecast.report.packing import dvf_step_mm, grey_scale
from cinecast.report.page_data import first_data, player_positions
from cinecast.report.score_table import ScoreCell, ScoreRow, best_values, format_cell, shown_columns
from cinecast.report.second_opinion import Finding
from cinecast.report.target_page import target_facts
from cinecast.score.main_metric import (
    IMAGE,
    LANDMARK_METRIC,
    LANDMARKS,
    MAIN_METRIC,
    REGION_PLACES,
    REGION_TITLES,
    main_region,
)
from cinecast.sequence import Sequence

if TYPE_CHECKING:
    from jinja2 import Environment

MEASURED_TITLE = "Measured motion"
PROTOCOL_TITLES = {
    "causal": "causal",
    "published": "non-causal (published)",
    "unknown": "causality not known",
    "oracle": "oracle",
}
# What the readers call a fact, and what people call it. Other origins may quote free text of the source (a series
# description, say), which has no place in a folder that is mailed.
_FACTS = {"spacing_mm": "pixel spacing", "frame_period_s": "frame period", "split": "split", "roi": "ROI"}


# Those that are run before the page is read: data that is shown first is loaded and unpacked meanwhile.
FIRST_SCRIPTS = ("threads.js", "unpack.js", "state.js")
# One file for the page, as each costs it some ms more; in the order in which they are run, after those.
SCRIPTS = (
    "splat.js",
    "prediction.js",
    "motion.js",
    "colours.js",
    "landmarks.js",
    "targets.js",
    "contours.js",
    "view.js",
    "stage.js",
    "overlay.js",
    "panels.js",
    "player.js",
    "choices.js",
    "mmode.js",
    "shown_modes.js",
    "modes.js",
    "uplot/uPlot.iife.min.js",
    "marks.js",
    "plot_panel.js",
    "plots.js",
    "plot_picture.js",
    "charts.js",
    "target_places.js",
    "target_errors.js",
    "target_worst.js",
    "landmark_chart.js",
    "pixel.js",
    "bands.js",
    "weights.js",
    "errors.js",
    "coverage.js",
    "table.js",
    "address.js",
)
STYLES = ("uplot/uPlot.min.css", "report.css")


class Stage(NamedTuple):
    """How many artifacts a stage made and the seconds they took."""

    name: str
    artifacts: int
    seconds: float


class Followed(NamedTuple):
    """How many landmarks there are, and the share of test frames in which they were followed, 0 to 1."""

    landmarks: int
    share: float


def render_page(data: ReportData, rows: list[ScoreRow], findings: tuple[Finding, ...]) -> str:
    """Return ``index.html``.

    Parameters
    ----------
    data
        What the run, or the runs, measured.
    rows
        The rows of its table of scores.
    findings
        What the second opinion found.

    Returns
    -------
    The page, which loads its scripts and data from ``assets`` beside it.
    """
    return (
        _templates()
        .get_template("index.html")
        .render(
            _facts(data.sequence)
            | {"brightness_spread": _spread_taken_for_motion(data)}
            | _outcome(data, rows)
            | _tracks(data)
            | target_facts(data)
            | {"player_step": player_positions(data).step, "player_count": len(player_positions(data))}
            | {"columns": shown_columns(rows), "no_cell": ScoreCell()}
            | {"grey_words": _grey_words(data), "dvf_words": _dvf_words(data)}
            | {"first_data": first_data(data, rows)}
            | {"has_measured": any(flow.dvf is not None for flow in data.flows), "oracle_words": oracle_words(data)}
            | {"methods": methods_text(data, rows), "second_opinion": findings}
            | {"references": list(dict.fromkeys(flow.reference for flow in data.flows))}
            | {"levels": sorted({flow.levels for flow in data.flows if flow.levels is not None})}
            | {"flow_count": len(data.flows), "missing": data.missing, "warnings": data.warnings}
            | {"runs": data.runs, "entries": data.entries}
            | {"has_reliability": any(model.reliability is not None for model in data.models)}
            | {"has_bands": any(entry.bands is not None for entry in data.entries)}
            | {"settings_names": list(dict.fromkeys(name for run in data.runs for name in run.settings))}
            | {"settings_text": data.settings_text, "versions": data.versions, "stages": stage_seconds(data.seconds)}
        )
    )


@cache
def _templates() -> Environment:
    """Return the templates of the page, each of which is compiled once for all reports that a process writes."""
    from jinja2 import Environment, PackageLoader, StrictUndefined

    environment = Environment(
        loader=PackageLoader("cinecast.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["cell"] = format_cell
    return environment


def stage_seconds(seconds: Mapping[str, float]) -> list[Stage]:
    """Return the seconds of artifacts (``forecast/rls/h002``) summed by stage, in their order.

    The report itself is left out: it is not finished when it is written, so any number would be an older report's.
    """
    stages: dict[str, list[float]] = {}
    for key, value in seconds.items():
        if key != "report":
            stages.setdefault(key.split("/")[0], []).append(value)
    return [Stage(name, len(values), sum(values)) for name, values in stages.items()]


def _spread_taken_for_motion(data: ReportData) -> float:
    """Return how far the brightness of frames spreads that a flow takes for motion, of the one that takes most so."""
    held = {flow.held for flow in data.flows if flow.takes_brightness_for_motion}  # a faulty frame may be measured
    return max((brightness_spread(data.sequence.frames, each) for each in held), default=0.0)


def _facts(sequence: Sequence) -> dict[str, Any]:
    return {
        "name": sequence.name,
        "shape": sequence.frames.shape,
        "period_s": sequence.frame_period_s,
        "spacing_mm": sequence.spacing_mm,
        "split": sequence.split,
        "roi": sequence.roi,
        "grey_values": f"{sequence.frames.dtype}, {sequence.frames.min():g} to {sequence.frames.max():g}",
        "faults": faults_text(sequence.faults),
        "missing_frames": missing_frames_text(sequence),
        "largest_trusted_spread": LARGEST_TRUSTED_SPREAD,
        "origins": {title: sequence.origins[fact] for fact, title in _FACTS.items() if fact in sequence.origins},
    }


def _grey_words(data: ReportData) -> str:
    grey = grey_scale([data.sequence.frames])
    stored = "are exact" if grey.step == 1 else f"are stored in steps of {grey.step:.3g}"
    return f"Grey values of real frames {stored}. Modes and weights are stored to 16 binary digits."


def _dvf_words(data: ReportData) -> str:
    measured = [flow.dvf for flow in data.flows if flow.dvf is not None]
    if not measured:
        return "This run holds no measured motion."
    step = max(dvf_step_mm(dvf, data.sequence.spacing_mm) for dvf in measured)
    # Each of two components is off by half a step at most.
    off = step / math.sqrt(2)
    return f"The measured motion is stored in steps of {step:.2g} mm, so errors of pixels are exact to {off:.2g} mm."


def _outcome(data: ReportData, rows: list[ScoreRow]) -> dict[str, Any]:
    titles = {entry.method: entry.title for entry in data.entries}
    protocols = {entry.protocol for entry in data.entries} | {row.protocol for row in rows}
    unnamed = [method for score in data.scores if (method := score["method"]) not in titles]
    return {
        "titles": titles | {method: _title(method) for method in unnamed},
        "at_landmarks": at_landmarks(rows),
        "followed": _followed(data),
        "rows": sorted(rows, key=_by_horizon_and_error),
        "best": best_values(rows),
        "headlines": [] if data.runs else headlines(rows),
        "main_region": main_region([{row.region for row in rows}]),
        "regions": (list(dict.fromkeys(row.region for row in rows)) or [IMAGE]) + [LANDMARKS] * at_landmarks(rows),
        "region_titles": REGION_TITLES,
        "region_places": REGION_PLACES,
        "protocol_titles": PROTOCOL_TITLES,
        "published": "published" in protocols,
        "unknown": "unknown" in protocols,
        "mixed": {"published", "causal"} <= {entry.protocol for entry in data.entries if not entry.is_reference},
    }


def _title(method: str) -> str:
    """Return what a method without forecasts is called, with the name of its run before it where it has one."""
    run, separator, name = method.rpartition(RUN_SEPARATOR)
    return f"{run}{separator}{MEASURED_TITLE}" if name == MEASURED else method


def _followed(data: ReportData) -> Followed | None:
    """Return the number of landmarks and in what share of the test frames they were followed; None without any."""
    if data.landmarks is None or not data.landmarks.names:
        return None
    span = data.sequence.split.test_frames
    found = np.isfinite(data.landmarks.displacements[:, span.start : span.stop]).all(axis=2)
    return Followed(len(data.landmarks.names), float(found.mean()))


def _tracks(data: ReportData) -> dict[str, Any]:
    """Return the names of landmarks that can be shown over time, the first one shown, and why there is none."""
    followed = followed_landmarks(data)
    if followed is not None:
        return {"tracks": followed.names, "first_track": first_shown(data, followed), "without_tracks": ""}
    if data.landmarks is None:
        words = "This run holds no landmarks yet."
    elif not data.landmarks.names:
        words = "No landmark of this sequence is good enough to be followed."
    else:
        words = f"{len(data.landmarks.names)} landmark(s) were found, but none was followed in the test span."
    return {"tracks": (), "first_track": 0, "without_tracks": words}


def _by_horizon_and_error(row: ScoreRow) -> tuple[int, float, float]:
    errors = (row.value(metric) for metric in (LANDMARK_METRIC, MAIN_METRIC))
    first, second = (error if np.isfinite(error) else np.inf for error in errors)
    return row.horizon_frames, first, second
