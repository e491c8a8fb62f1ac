"""What a batch tells whoever watches it, and how long it will still take."""

from __future__ import annotations

from collections import Counter, defaultdict

from cinecast.batch.job import Outcome, Todo


class Watcher:
    """Hears of a batch's work; this one only counts, the command line's draws bars.

    ``workers`` is how many work at the same time, for the time that is left.
    """

    def __init__(self) -> None:
        self.workers = 1
        self.expected: Counter[str] = Counter()
        self.ended: Counter[str] = Counter()
        self._made: Counter[str] = Counter()
        self._seconds: defaultdict[str, float] = defaultdict(float)

    def expect(self, todo: Todo) -> None:
        """Hear of one more step that may have to be made."""
        self.expected[todo.stage] += 1

    def end(self, outcome: Outcome) -> None:
        """Hear of a step that has ended."""
        self.ended[outcome.stage] += 1
        if outcome.state == "made":
            self._made[outcome.stage] += 1
            self._seconds[outcome.stage] += outcome.seconds

    def say(self, sentence: str) -> None:
        """Pass on a sentence that people should see."""
        del sentence

    def remaining_s(self) -> float | None:
        """Return the seconds that the expected steps will still take; None before there is anything to go by.

        A step takes as long as those of its stage took on average; of a stage not seen yet, as those of all did.
        """
        if not self._made:
            return None
        mean = sum(self._seconds.values()) / self._made.total()
        left = self.expected - self.ended
        means = {stage: self._seconds[stage] / self._made[stage] for stage in self._made}
        return sum(count * means.get(stage, mean) for stage, count in left.items()) / max(1, self.workers)
