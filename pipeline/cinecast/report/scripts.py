"""Numbers and text as JavaScript that a page loads with a script tag: ``fetch`` does not work on ``file://``."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
from numpy.typing import NDArray

# Harmless in JavaScript strings, and no HTML parser can take them for the end of a script element.
_ESCAPES = {"<": "\\u003c", ">": "\\u003e", "&": "\\u0026"}


def call_script(function: str, *values: Any) -> bytes:
    """Return a script that calls a function with plain values.

    Parameters
    ----------
    function
        Name of a JavaScript function.
    *values
        Its arguments: numbers, text, lists, dictionaries, None.

    Returns
    -------
    One line of ASCII, in which no text of the input can end a script element.

    Raises
    ------
    ValueError
        If a number is NaN or infinite: JSON has neither; `rounded` turns them into None.
    """
    arguments = ",".join(json.dumps(value, allow_nan=False, separators=(",", ":")) for value in values)
    for character, escape in _ESCAPES.items():
        arguments = arguments.replace(character, escape)
    return f"{function}({arguments});\n".encode("ascii")


def rounded(values: NDArray[np.float64], digits: int = 5) -> Any:
    """Return an array as nested lists of short numbers.

    Parameters
    ----------
    values
        Any shape.
    digits
        Significant digits that are kept.

    Returns
    -------
    Lists as deep as the array has axes, None where a value is not finite.
    """
    if values.ndim:
        return [rounded(value, digits) for value in values]
    number = float(values)
    return float(f"{number:.{digits}g}") if np.isfinite(number) else None


def to_decimals(values: NDArray[np.float64], decimals: int) -> list[float | None]:
    """Return numbers that are close to each other, however far from zero, as a list of short numbers.

    Parameters
    ----------
    values
        Shape ``(T,)``.
    decimals
        Decimals that are kept; below zero, tens and more are rounded too.

    Returns
    -------
    list of float or None
        As long as the array, None where a value is not finite.
    """
    return [round(float(value), decimals) if np.isfinite(value) else None for value in values]
