"""Hold a method against the contract of all forecasters.

    python -m cinecast_models.check NAME [SETTING=VALUE ...]

prints a line for each law. The exit code is 0 where all are kept, 1 where one is broken, 2 for an unknown name.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Sequence

from cinecast_models.check.laws import LAWS, Case
from cinecast_models.errors import ForecastingError

BROKEN, USER_ERROR = 1, 2
_LONGEST = 200


def main(arguments: Sequence[str]) -> int:
    """Check one method.

    Parameters
    ----------
    arguments
        Its name, then settings that make it quick, such as ``hidden_units=12``.

    Returns
    -------
    int
        The exit code.
    """
    if not __debug__:
        print("cinecast: laws are assertions, got a Python that leaves them out; check without -O", file=sys.stderr)
        return USER_ERROR
    if not arguments:
        print("cinecast: a check needs the name of a method; python -m cinecast_models.check NAME", file=sys.stderr)
        return USER_ERROR
    name, *given = arguments
    try:
        case = Case(name, dict(_setting(text) for text in given))
        case.settings()
    except ForecastingError as error:
        print(f"cinecast: {error}", file=sys.stderr)
        return USER_ERROR
    faults = [_fault(law, case) for law in LAWS]
    for law, fault in zip(LAWS, faults, strict=True):
        words = law.__name__.replace("_", " ")
        print(f"BROKEN  {words}: {fault}" if fault else f"kept    {words}")
    broken = sum(bool(fault) for fault in faults)
    print(f"{name} breaks {broken} of {len(LAWS)} laws." if broken else f"{name} keeps all {len(LAWS)} laws.")
    return BROKEN if broken else 0


def _setting(text: str) -> tuple[str, object]:
    name, equals, value = text.partition("=")
    if not equals:
        raise ForecastingError(f"a setting is given as NAME=VALUE, got {text!r}; write history_length=6, say")
    try:
        return name, json.loads(value)
    except ValueError:
        return name, value


def _fault(law: Callable[[Case], None], case: Case) -> str:
    """Return what is wrong in one line; empty where the law is kept."""
    try:
        law(case)
    except Exception as error:  # whatever the method raises breaks the law
        said = " ".join(str(error).split())
        return f"{type(error).__name__}: {said}"[:_LONGEST]
    return ""


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
