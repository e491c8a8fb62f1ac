"""What the exit code of a command says: who was wrong, or how many of several failed while the others went on."""

from __future__ import annotations

PROGRAM_FAULT, USER_ERROR, INTERRUPTED = 1, 2, 130
# Told from mistakes, faults of the program and signals, which are above 125.
_FAILED_BASE, _MOST_FAILED = 10, 100


def code_of_failed(count: int) -> int:
    """Return the exit code of a command that went on where some of its sequences, planes or cases failed.

    Parameters
    ----------
    count
        How many failed, 1 or more.

    Returns
    -------
    int
        10 plus their number; 110 for a hundred or more.
    """
    return _FAILED_BASE + min(_MOST_FAILED, count)
