"""The checksum of OpenIGTLink: CRC-64 of ECMA-182, most significant bit first, begun with 0."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from cinecast_models.compiled import compiled

_POLYNOMIAL = 0x42F0E1EBA9EA3693
_ALL = (1 << 64) - 1


def _tables() -> NDArray[np.uint64]:
    """Return what each value of each of 8 bytes adds, shape (8, 256): so 8 bytes are taken in at a time."""
    first = []
    for value in range(256):
        rest = value << 56
        for _ in range(8):
            rest = ((rest << 1) ^ _POLYNOMIAL if rest >> 63 else rest << 1) & _ALL
        first.append(rest)
    tables = [first]
    for _ in range(7):
        tables.append([((rest << 8) & _ALL) ^ first[rest >> 56] for rest in tables[-1]])
    return np.array(tables, dtype=np.uint64)


_TABLES = _tables()


@compiled()
def _checksum(content: NDArray[np.uint8], tables: NDArray[np.uint64]) -> np.uint64:
    rest = np.uint64(0)
    whole = len(content) // 8 * 8
    for start in range(0, whole, 8):
        added = np.uint64(0)
        for i in range(8):
            value = np.uint64(content[start + i]) ^ ((rest >> np.uint64(56 - 8 * i)) & np.uint64(0xFF))
            added ^= tables[7 - i, value]
        rest = added
    for at in range(whole, len(content)):
        rest = (rest << np.uint64(8)) ^ tables[0, (rest >> np.uint64(56)) ^ np.uint64(content[at])]
    return rest


def crc64(content: bytes | bytearray | memoryview) -> int:
    """Return the checksum of bytes, 0 for none."""
    return int(_checksum(np.frombuffer(content, dtype=np.uint8), _TABLES)) if len(content) else 0
