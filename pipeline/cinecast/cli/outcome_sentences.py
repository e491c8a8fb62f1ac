"""The outcome of a run in one sentence for each horizon, after its table."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from cinecast.cli.tables import best_method
from cinecast.references import ORACLE, PERSISTENCE, REFERENCES
from cinecast.score.landmark_scores import P95_METRIC
from cinecast.score.main_metric import IMAGE, LANDMARK_METRIC, LANDMARKS, MAIN_METRIC, REGION_PLACES, ROI

Row = dict[str, str]
# Where a run is judged, the first that has scores: at landmarks, else against the measured motion.
_JUDGED = ((LANDMARKS, LANDMARK_METRIC), (ROI, MAIN_METRIC), (IMAGE, MAIN_METRIC))


class _Horizon(NamedTuple):
    frames: str
    seconds: float


def outcome_sentences(rows: list[Row]) -> list[str]:
    """Return what a run comes to: errors of its first method, of no forecast, and the floor.

    The first method is that which was named first, or the default: none is chosen by its error in the test span. Where
    another has a smaller error, it is named too.

    Parameters
    ----------
    rows
        Rows of a table of scores.

    Returns
    -------
    list[str]
        One sentence for each horizon, the shortest first; none where a horizon has no forecaster with a score.
    """
    horizons = sorted({_Horizon(r["horizon_frames"], float(r["horizon_s"])) for r in rows}, key=lambda h: h.seconds)
    sentences = [_sentence([r for r in rows if r["horizon_frames"] == each.frames], each) for each in horizons]
    return [sentence for sentence in sentences if sentence]


def _sentence(rows: list[Row], horizon: _Horizon) -> str:
    for region, metric in _JUDGED:
        errors = {r["method"]: r for r in rows if (r["region"], r["metric"]) == (region, metric) and r["value"]}
        if set(errors) - set(REFERENCES):
            p95 = {r["method"]: r for r in rows if (region, r["metric"]) == (LANDMARKS, P95_METRIC) and r["value"]}
            return f"{horizon.seconds:.2f} s ahead, {_place(region)}: {_errors(errors, p95, _first_method(rows))}."
    return ""


def _place(region: str) -> str:
    return REGION_PLACES[region] + ("" if region == LANDMARKS else " against the measured motion")


def _first_method(rows: Iterable[Row]) -> str:
    return next(row["method"] for row in rows if row["method"] not in REFERENCES)


def _errors(errors: Mapping[str, Row], p95: Mapping[str, Row], first: str) -> str:
    """Return mean errors; those of methods with their 95th percentile where there is one: a mean hides the worst."""
    best = best_method({name: row for name, row in errors.items() if name not in REFERENCES})
    parts = [_part(first, errors.get(first), p95.get(first))]
    if best != first and (first not in errors or _mm(errors[best]) != _mm(errors[first])):
        parts.append(_part(best, errors[best], p95.get(best)))
    if PERSISTENCE in errors:
        parts.append(f"no forecast {_mm(errors[PERSISTENCE])}")
    floor = f"; floor {_mm(errors[ORACLE])}" if ORACLE in errors else ""
    return ", ".join(parts) + floor


def _part(method: str, row: Row | None, p95: Row | None) -> str:
    if row is None:
        return f"{method} without a score"
    return f"{method}{' (non-causal)' if row['protocol'] == 'published' else ''} {_mm(row)}{_worst(p95)}"


def _worst(p95: Row | None) -> str:
    return "" if p95 is None else f" (95th percentile {_mm(p95)})"


def _mm(row: Row) -> str:
    """Return an error in mm to a tenth, below 1 mm to a hundredth."""
    value = float(row["value"])
    return f"{value:.{1 if value >= 1 else 2}f} mm"
