"""The looks of the methods of a report, by the names that they have there."""

from __future__ import annotations

from typing import Any

from cinecast.report.data import RUN_SEPARATOR, ReportData
from cinecast.report.palette import DASHES, MARKERS, Look, look_of


def method_look(data: ReportData, method: str) -> Look:
    """Return the look of a forecaster of a run, or of several compared.

    Parameters
    ----------
    data
        The run, or the runs.
    method
        Name of the forecaster, in a comparison with the name of its run before it.

    Returns
    -------
    Look
        Of one colour in all runs.
    """
    label, _, name = method.rpartition(RUN_SEPARATOR)
    labels = [run.label for run in data.runs]
    return look_of(name, labels.index(label) if label in labels else 0)


def looks(data: ReportData) -> dict[str, Any]:
    """Return what the scripts of the page draw each forecaster with; ``series`` counts from 1, as the styles do."""
    found = {entry.method: method_look(data, entry.method) for entry in data.entries if not entry.is_reference}
    return {
        method: {"series": look.colour + 1, "dash": DASHES[look.dash], "symbol": MARKERS[look.marker]}
        for method, look in found.items()
    }
