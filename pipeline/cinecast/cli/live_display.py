"""The live table on a terminal; elsewhere plain lines now and then."""

from __future__ import annotations

import math
from collections.abc import Callable
from time import perf_counter
from types import TracebackType
from typing import TYPE_CHECKING, Self

from rich.console import Group
from rich.live import Live
from rich.table import Table
from rich.text import Text

from cinecast.cli.console import errors, say
from cinecast.live.gate import gate_words

if TYPE_CHECKING:
    from cinecast.live import LiveSession, Taken
    from cinecast.live.inspection import Inspection

# Seconds between two plain lines where there is no terminal.
_LINE_EVERY_S = 10.0
# What stands for a figure that is not known yet.
_NONE = "none"


class LiveDisplay:
    """Shows how a session goes, until its ``with`` statement ends.

    Parameters
    ----------
    session
        The session.
    title
        What is forecast, for people.
    busy
        Returns whether what was printed before still waits: figures are not printed then, as newer ones will come.
    """

    def __init__(self, session: LiveSession, title: str, busy: Callable[[], bool]) -> None:
        self._session, self._title, self._busy = session, title, busy
        self._live = Live(console=errors, auto_refresh=False, transient=True) if errors.is_terminal else None
        self._shown_s = perf_counter()
        self._landmarks_said = False

    def __enter__(self) -> Self:
        if self._live is not None:
            self._live.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._live is not None:
            self._live.stop()

    def show(self, taken: Taken) -> None:
        """Show the state after an arrival, a few times a second."""
        now = perf_counter()
        calibration = self._session.calibration
        if taken.state == "calibrated" and calibration is not None:
            self._say(f"calibrated at {taken.name}: forecasts begin{_meanwhile(self._session)}")
            self._say(f"Reference: motion is measured from {calibration.reference_label.text}.")
        self.say_found()
        if taken.state == "passed over" and self._session.passed_over == 1:
            self._say(f"the calibration goes on while frames come, from {taken.name} on")
        if self._busy():
            return
        if self._live is not None and now - self._shown_s > 0.2:
            self._live.update(live_table(self._session, f"{self._title}: {taken.name}, {taken.state}"), refresh=True)
            self._shown_s = now
        elif self._live is None and now - self._shown_s > _LINE_EVERY_S:
            self._say(f"{taken.name}: {plain_line(self._session)}")
            self._shown_s = now

    def say_found(self) -> None:
        """Say once which landmarks are followed, and which targets; what is wrong with them is a warning."""
        while self._session.intake is not None and self._session.intake.sentences:
            self._say(self._session.intake.sentences.popleft())
        inspection = self._session.inspection
        if inspection is None or self._landmarks_said:
            return
        self._landmarks_said = True
        if inspection.landmarks.names:
            self._say(f"Landmarks: {inspection.summary.sentence}.")

    def _say(self, sentence: str) -> None:
        say(sentence)


def _meanwhile(session: LiveSession) -> str:
    count = session.passed_over
    if not count:
        return ""
    frames, seconds = f"{count} frame{'s' if count > 1 else ''}", f"{session.forecaster.calibration_s:.1f} s"
    return f" ({frames} came in the {seconds} of calibration: learned from, not forecast from)"


def live_table(session: LiveSession, title: str) -> Group:
    """Return the figures of a session below a title, one a line, and what is said of targets below them."""
    table = Table(box=None, show_header=False, pad_edge=False, padding=(0, 1, 0, 0))
    table.add_column()
    table.add_column(justify="right")
    for heading, figure in _figures(session).items():
        table.add_row(heading, figure)
    return Group(Text(title, style="table.title"), table, *map(Text, target_lines(session)))


def plain_line(session: LiveSession) -> str:
    """Return the figures of a session in one line of text."""
    return "; ".join((figures_line(_figures(session)), *target_lines(session)))


def figures_line(figures: dict[str, str]) -> str:
    """Return the known ones of some figures in a line, each with its unit behind its number: "latency worst 5.5 ms"."""
    parts = [(*heading.partition(", ")[::2], value) for heading, value in figures.items() if value != _NONE]
    return ", ".join(f"{what} {value} {unit}".strip() for what, unit, value in parts)


def _figures(session: LiveSession) -> dict[str, str]:
    latencies = session.latencies
    error = session.errors.mean_mm if session.errors else math.nan
    way_ms = session.lead.ways.percentile(50)
    return {
        "forecasts": str(session.forecasts),
        "skipped": str(session.skipped),
        "passed over": str(session.passed_over),
        "calibration, s": _number(session.forecaster.calibration_s, 1),
        "late": str(session.late),
        **({} if math.isnan(way_ms) else {"on the way to us median, ms": _number(way_ms, 0)}),
        "latency median, ms": _number(latencies.percentile(50), 2),
        "latency 95 %, ms": _number(latencies.percentile(95), 2),
        "latency 99 %, ms": _number(latencies.percentile(99), 2),
        "latency worst, ms": _number(latencies.worst, 2),
        "error, mm": _number(error, 3),
        **_inspected_figures(session.inspection),
    }


def target_lines(session: LiveSession) -> list[str]:
    """Return of each target the gate with the distance that it hangs on, and the error of the centroid so far."""
    latest, errors = session.forecaster.latest, session.target_errors
    if latest is None or errors is None:
        return []
    lines = []
    for each in session.forecaster.targets:
        name, figures = each.target.name, errors.figures(each)
        now = next((place for place in latest.targets if place.name == name), None)
        if now is not None:
            where = f"{_number(now.distance_mm, 2)} mm from its plan" if now.mask.any() else "it has left the image"
            error = f"centroid off by {_number(figures.error_mm, 3)} mm so far"
            lines.append(f"{name}: {gate_words(now, latest.stale)}, {where}; {error}")
    return lines


def _inspected_figures(inspection: Inspection | None) -> dict[str, str]:
    """Return what independent eyes say: errors at landmarks first of the forecasts, then of the measured motion."""
    if inspection is None:
        return {}
    return {
        "error at landmarks, mm": _number(inspection.errors.forecast.mean, 3),
        "measured motion there, mm": _number(inspection.errors.measured.mean, 3),
        "frames not explained": str(len(inspection.unexplained)),
    }


def _number(value: float, digits: int) -> str:
    return _NONE if math.isnan(value) else f"{value:.{digits}f}"
