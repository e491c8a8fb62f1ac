"""Bytes as text of a script: deflated, four of them in five characters."""

from __future__ import annotations

import zlib
from typing import Literal

import numpy as np

# Printable ASCII without what JavaScript or HTML would take for more than a character.
ALPHABET = bytes(code for code in range(ord("!"), ord("~") + 1) if chr(code) not in '"&<>\\')[:85]

# Deflating harder than this takes several times as long for one byte in fifty.
_LEVEL = 6
# Differences of neighbours hold no longer pattern than the same one again. To look for others takes eight times as
# long, and the result is no smaller.
_STRATEGIES = {"any": zlib.Z_DEFAULT_STRATEGY, "differences": zlib.Z_RLE}


def deflated_text(content: bytes, kind: Literal["any", "differences"] = "any", level: int = _LEVEL) -> str:
    """Return bytes as text that a page inflates.

    Parameters
    ----------
    content
        The bytes.
    kind
        Whether they are differences of neighbours, most of them small.
    level
        How hard they are deflated, 1 to 9.

    Returns
    -------
    str
        Characters of `ALPHABET`, five for four bytes of the deflated content, fewer for the last bytes.
    """
    squeeze = zlib.compressobj(level, strategy=_STRATEGIES[kind])
    return text_of(squeeze.compress(content) + squeeze.flush())


def text_of(content: bytes) -> str:
    """Return bytes as text: numbers of 32 bits, the first byte first, with five digits of base 85."""
    missing = -len(content) % 4
    numbers = np.frombuffer(content + bytes(missing), ">u4").astype(np.uint32)
    digits = np.empty((len(numbers), 5), np.uint8)
    alphabet = np.frombuffer(ALPHABET, np.uint8)
    for place in range(4, -1, -1):
        rest = numbers // np.uint32(85)
        digits[:, place] = alphabet[numbers - rest * np.uint32(85)]
        numbers = rest
    text = digits.tobytes().decode("ascii")
    return text[: len(text) - missing]
