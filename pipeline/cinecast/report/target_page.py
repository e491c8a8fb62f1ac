"""What of targets is read without scripts: which there are, and the table of how far forecasts of them are off."""

from __future__ import annotations

from typing import Any

from cinecast.references import MEASURED
from cinecast.report.coverage import with_worst_target_phase
from cinecast.report.data import ReportData
from cinecast.report.score_table import best_values
from cinecast.report.target_data import ReportTarget
from cinecast.report.target_table import shown_target_columns, target_rows
from cinecast.score.gating import latency_words
from cinecast.score.target_scores import LABELS

RULER_TITLES = {MEASURED: "the measured motion", LABELS: "the labels"}


def target_facts(data: ReportData) -> dict[str, Any]:
    """Return what the template shows of targets; empty lists without any."""
    rows = with_worst_target_phase(target_rows(data.scores, [target.name for target in data.targets]), data)
    columns = shown_target_columns(rows)
    rulers = list(dict.fromkeys(row.against for row in rows))
    return {
        "targets": data.targets,
        "target_rows": rows,
        "target_columns": columns,
        "target_best": {ruler: best_values((row for row in rows if row.against == ruler), columns) for ruler in rulers},
        "target_rulers": shown_rulers(data),
        "ruler_titles": RULER_TITLES,
        "gate": data.gate,
        "latency": _latency(data),
        "plan_frames": list(dict.fromkeys(target.frame for target in data.targets)),
        "target_words": {target.name: _words(target) for target in data.targets},
    }


def shown_rulers(data: ReportData) -> list[str]:
    """Return what real contours can be: ``labels`` first, where there are any in the test span, and ``measured``."""
    labelled = any(target.labels is not None and target.labels.known.any() for target in data.targets)
    return [LABELS] * labelled + [MEASURED]


def _latency(data: ReportData) -> str:
    if data.gate is None or data.gate.latency_s is None:
        return ""
    return latency_words(data.gate.latency_s, data.sequence.frame_period_s)


def _words(target: ReportTarget) -> str:
    facts = [f"{int(target.mask.sum())} pixels in frame {target.frame}", *target.said]
    if target.not_in:
        facts.append(
            f"not shown for {', '.join(target.not_in)}, which had another mask, other labels, or no such target"
        )
    return "; ".join(facts)
