"""JSON and TOML that people or other programs wrote: whatever is wrong with a text is a ValueError."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Callable
from functools import partial
from typing import Any

# TOML asks that such numbers be refused.
_BEYOND_64_BITS = 2**63


def parse_json(text: str, pairs: Callable[[list[tuple[str, Any]]], Any] | None = None) -> Any:
    """Return what a JSON text holds.

    Parameters
    ----------
    text
        The text.
    pairs
        Makes of the keys and values of an object what is returned in its place; by default a dictionary, which holds
        the last value of a key.

    Returns
    -------
    Any
        Objects, lists, texts, numbers, truth values and None.

    Raises
    ------
    ValueError
        If it is no JSON, holds a number of thousands of digits, or lists within lists too deep to follow.
    """
    return _parsed(partial(json.loads, object_pairs_hook=pairs), text)


def parse_toml(text: str) -> dict[str, Any]:
    """Return the tables of a TOML text.

    Raises
    ------
    ValueError
        If it is no TOML, holds a whole number beyond 64 bits, or lists within lists too deep to follow.
    """
    tables: dict[str, Any] = _parsed(tomllib.loads, text)
    found: list[Any] = [tables]
    while found:
        each = found.pop()
        if isinstance(each, int) and abs(each) >= _BEYOND_64_BITS:
            raise ValueError("a whole number has more digits than 64 bits hold")
        found += each.values() if isinstance(each, dict) else each if isinstance(each, list) else ()
    return tables


def _parsed(parse: Callable[[str], Any], text: str) -> Any:
    try:
        return parse(text)
    except RecursionError:
        raise ValueError("lists or tables are nested too deep") from None
    except ValueError as error:
        if "integer string conversion" not in str(error):
            raise
        raise ValueError("a number has thousands of digits") from None
