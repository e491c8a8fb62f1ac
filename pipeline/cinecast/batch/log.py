"""The one log of a batch, and one of each sequence beside it."""

from __future__ import annotations

import time

from cinecast.batch.job import LogLine, Outcome
from cinecast.store import CohortFolder
from cinecast.store.cohort import LOG_FILE, LOGS

_SAID = {"made": "made in %.1f s", "kept": "is up to date", "blocked": "not made: what it reads failed"}


class BatchLog:
    """Writes lines of time, level, sequence and text.

    Parameters
    ----------
    folder
        The folder of the cohort.
    """

    def __init__(self, folder: CohortFolder) -> None:
        self._folder = folder
        self.warnings = 0

    def say(self, text: str) -> None:
        """Write a line about the batch as a whole."""
        self._folder.append(LOG_FILE, _line(LogLine(time.time(), "INFO", text)))

    def add(self, outcome: Outcome) -> None:
        """Write how a task ended, and what was said meanwhile."""
        lines = [LogLine(line.time, line.level, f"{outcome.key}: {line.text}") for line in outcome.log]
        self.warnings += sum(line.level == "WARNING" for line in outcome.log)
        if outcome.state == "failed":
            lines.append(LogLine(time.time(), "ERROR", f"{outcome.key} failed: {outcome.reason}"))
        elif outcome.state in _SAID:
            said = _SAID[outcome.state]
            said = said % outcome.seconds if outcome.state == "made" else said
            lines.append(LogLine(time.time(), "INFO", f"{outcome.key} {said}"))
        own = "".join(map(_line, lines))
        self._folder.append(f"{LOGS}/{outcome.name}.log", own)
        self._folder.append(LOG_FILE, "".join(_line(line, outcome.name) for line in lines))


def _line(line: LogLine, name: str = "") -> str:
    stamp = time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(line.time))
    who = f"{name}: " if name else ""
    # A line break within a sequence's own text must not begin a line that looks like another one.
    text = line.text.replace("\n", "\n    ")
    return f"{stamp} {line.level:7s} {who}{text}\n"
