"""The one progress display of a batch: a bar per stage and one for all, with the time that is left."""

from __future__ import annotations

from types import TracebackType
from typing import Self

from rich.progress import BarColumn, MofNCompleteColumn, TaskID, TextColumn, TimeElapsedColumn

from cinecast.batch.job import Outcome, Todo
from cinecast.batch.watching import Watcher
from cinecast.cli.console import TerminalBars, say_error

_ALL = "all"


class BatchDisplay(Watcher):
    """Draws bars on a terminal; elsewhere only failures are said."""

    def __init__(self) -> None:
        super().__init__()
        self._tasks: dict[str, TaskID] = {}
        self._bars = TerminalBars(
            TextColumn("{task.description:9s}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            TextColumn("{task.fields[left]}"),
        )

    def __enter__(self) -> Self:
        self._bars.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._bars.stop()

    def expect(self, todo: Todo) -> None:
        """Make the bars longer by one step."""
        super().expect(todo)
        for name, total in ((_ALL, self.expected.total()), (todo.stage, self.expected[todo.stage])):
            self._bars.update(self._task(name), total=total)

    def end(self, outcome: Outcome) -> None:
        """Move the bars by one step."""
        super().end(outcome)
        self._bars.update(self._task(outcome.stage), completed=self.ended[outcome.stage])
        left = self.remaining_s()
        said = "" if left is None else f"about {_duration(left)} left"
        self._bars.update(self._task(_ALL), completed=self.ended.total(), left=said)

    def say(self, sentence: str) -> None:
        """Print a sentence above the bars."""
        say_error(sentence)

    def _task(self, name: str) -> TaskID:
        if name not in self._tasks:
            self._tasks[name] = self._bars.add_task(name, total=None, left="")
        return self._tasks[name]


def _duration(seconds: float) -> str:
    minutes, hours = round(seconds / 60), round(seconds / 3600, 1)
    if seconds < 100:
        return f"{seconds:.0f} s"
    return f"{minutes} min" if minutes < 100 else f"{hours:g} h"
