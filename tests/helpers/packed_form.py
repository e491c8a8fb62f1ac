"""What a page reads out of packed arrays, written independently of how they are packed."""

from __future__ import annotations

import zlib
from typing import Any

import numpy as np
from numpy.typing import NDArray

_DIGITS = "".join(chr(code) for code in range(33, 127) if chr(code) not in '"&<>\\')[:85]


def bytes_of(text: str) -> bytes:
    """Return the bytes of a text: every five digits of base 85 are four of them."""
    missing = -len(text) % 5
    content = bytearray()
    padded = text + _DIGITS[-1] * missing
    for start in range(0, len(padded), 5):
        number = 0
        for digit in padded[start : start + 5]:
            number = 85 * number + _DIGITS.index(digit)
        content += number.to_bytes(4, "big")
    return bytes(content[: len(content) - missing])


def inflated(text: str) -> bytes:
    """Return the bytes that a text was deflated from."""
    return zlib.decompress(bytes_of(text))


def planes(text: str, count: int) -> NDArray[np.uint8]:
    """Return the bytes of packed numbers, shape (count, bytes of a number)."""
    return np.ascontiguousarray(np.frombuffer(inflated(text), np.uint8).reshape(-1, count).T)


def floats(packed: dict[str, Any]) -> NDArray[np.float32]:
    """Return packed floats in their shape."""
    shape = packed["shape"]
    return planes(packed["data"], int(np.prod(shape))).view("<f4").reshape(shape)


def integers(packed: dict[str, Any]) -> NDArray[Any]:
    """Undo the prediction as the page does, in the shape of the pictures."""
    shape = packed["shape"]
    folded = _folded(packed, int(np.prod(shape))).reshape(shape)
    rest = (folded >> 1) ^ -(folded & 1)
    return rest.cumsum(axis=-1).cumsum(axis=-2).astype(np.uint16).view(packed["kind"])


def _folded(packed: dict[str, Any], count: int) -> NDArray[np.int64]:
    if "data" in packed:
        return planes(packed["data"], count).view("<u2")[:, 0].astype(np.int64)
    pairs = np.frombuffer(inflated(packed["small"]), np.uint8)
    folded = np.stack([pairs & 15, pairs >> 4], axis=1).ravel()[:count].astype(np.int64)
    large = folded == 15
    folded[large] += planes(packed["large"], int(large.sum())).view("<u2")[:, 0] if large.any() else 0
    return folded
