"""Hold a method against the contract of all forecasters, or a flow against that of all flows.

    python -m cinecast_models.check NAME [SETTING=VALUE ...]

prints a line for each law. The exit code is 0 where all are kept, 1 where one is broken, 2 for an unknown name.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Sequence
from functools import partial
from pkgutil import resolve_name
from typing import Any

from cinecast_models.check.laws import LAWS, Case
from cinecast_models.errors import ForecastingError, spelling_hint
from cinecast_models.registry import METHODS

# The application knows flows. It is asked by name, as it is above this library, which works without it.
_FLOWS = "cinecast.flow.laws"
BROKEN, USER_ERROR = 1, 2
_LONGEST = 200


def main(arguments: Sequence[str]) -> int:
    """Check one method or flow.

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
    if {"--help", "-h"} & set(arguments):
        print((__doc__ or "").strip())
        return 0
    if not arguments:
        print(
            "cinecast: a check needs the name of a method or flow; python -m cinecast_models.check NAME",
            file=sys.stderr,
        )
        return USER_ERROR
    name, *given = arguments
    try:
        checks = _checks(name, given)
    except ForecastingError as error:
        print(f"cinecast: {error}", file=sys.stderr)
        return USER_ERROR
    faults = {words: _fault(check) for words, check in checks.items()}
    for words, fault in faults.items():
        print(f"BROKEN  {words}: {fault}" if fault else f"kept    {words}")
    broken = sum(map(bool, faults.values()))
    print(f"{name} breaks {broken} of {len(faults)} laws." if broken else f"{name} keeps all {len(faults)} laws.")
    return BROKEN if broken else 0


def _checks(name: str, given: Sequence[str]) -> dict[str, Callable[[], None]]:
    """Return the laws of a name, in words, each ready to be called; both kinds where a method and a flow have it."""
    flows: dict[str, Any] = resolve_name(f"{_FLOWS}:flow_cases")()
    if name not in METHODS and name not in flows:
        raise ForecastingError(
            f"a name must be that of a method, {', '.join(METHODS)}, or of a flow, {', '.join(flows)}, got {name!r}; "
            f"{spelling_hint(name, [*METHODS, *flows])}"
        )
    if name not in METHODS and given:
        raise ForecastingError(f"a flow is checked without settings, got {' '.join(given)}; leave them out")
    checks: dict[str, Callable[[], None]] = {}
    if name in METHODS:
        case = Case(name, dict(_setting(text) for text in given))
        case.settings()
        checks |= {_words(law): partial(law, case) for law in LAWS}
    if name in flows:
        checks |= {_words(law): partial(law, flows[name]) for law in resolve_name(f"{_FLOWS}:FLOW_LAWS")}
    return checks


def _words(law: Callable[..., None]) -> str:
    return law.__name__.replace("_", " ")


def _setting(text: str) -> tuple[str, object]:
    name, equals, value = text.partition("=")
    if not equals:
        raise ForecastingError(f"a setting is given as NAME=VALUE, got {text!r}; write history_length=6, say")
    try:
        return name, json.loads(value)
    except ValueError:
        return name, value


def _fault(check: Callable[[], None]) -> str:
    """Return what is wrong in one line; empty where the law is kept."""
    try:
        check()
    except Exception as error:  # whatever the method or flow raises breaks the law
        said = " ".join(str(error).split())
        return f"{type(error).__name__}: {said}"[:_LONGEST]
    return ""


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
