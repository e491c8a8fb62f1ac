"""The second opinion of a run's report, in lines that fit a terminal."""

from __future__ import annotations

from collections.abc import Iterator
from textwrap import wrap

_WIDTH = 80


def second_opinion_lines(findings: tuple[tuple[str, str], ...]) -> Iterator[str]:
    """Yield each finding with its evidence indented below it, in lines of 80 columns at most.

    Parameters
    ----------
    findings
        Sentence and evidence of each.

    Yields
    ------
    str
        A title first; nothing where there is no finding.
    """
    if findings:
        yield "Second opinion:"
    for sentence, evidence in findings:
        yield from wrap(sentence, _WIDTH, initial_indent="- ", subsequent_indent="  ")
        yield from wrap(evidence, _WIDTH, initial_indent="  ", subsequent_indent="  ")
