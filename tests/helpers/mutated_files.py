"""Files and artifacts of the phantom, changed at random: what a bad disk, a broken copy or a careless editor makes."""

from __future__ import annotations

import gzip
import io
import re
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import numpy as np

Random = np.random.Generator
_NUMBERS = (b"0", b"-1", b"1e999", b"nan", b"65536", b"4294967295", b"9" * 400, b"[" * 300, b"\0", b"")


class Mutant(NamedTuple):
    """A changed file: what was done to it, and its bytes."""

    how: str
    content: bytes


def mutated(content: bytes, name: str, rng: Random) -> Mutant:
    """Return a file changed at random; what is compressed is as often changed inside as outside."""
    if rng.random() < 0.6:
        if content[:2] == b"\x1f\x8b":
            inner = mutated(gzip.decompress(content), "", rng)
            return Mutant(f"inside gzip {inner.how}", gzip.compress(inner.content, 1, mtime=0))
        if content[:4] == b"PK\x03\x04":
            return _inside_zip(content, rng)
    head = int(min(len(content), 600))
    changes: list[Callable[[bytes, Random], bytes]] = [_flip, _overwrite, _cut, _leave_out, _repeat, _exchange]
    if name.endswith((".json", ".toml", ".csv", ".mhd")) or rng.random() < 0.3:
        changes = [_number, *changes]
    change = changes[int(rng.integers(len(changes)))]
    made = content
    for _ in range(int(rng.integers(1, 4))):
        # Headers are where a byte counts most.
        if rng.random() < 0.6:
            made = change(made[:head], rng) + made[head:] if change is not _cut else _cut(made, rng)
        else:
            made = change(made, rng)
    return Mutant(change.__name__.strip("_"), made)


def _inside_zip(content: bytes, rng: Random) -> Mutant:
    with zipfile.ZipFile(io.BytesIO(content)) as old:
        parts = {name: old.read(name) for name in old.namelist()}
    chosen = sorted(parts)[int(rng.integers(len(parts)))]
    inner = mutated(parts[chosen], "", rng)
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as new:
        for name, part in parts.items():
            new.writestr(zipfile.ZipInfo(name), inner.content if name == chosen else part)
    return Mutant(f"inside zip {inner.how}", made.getvalue())


def _place(content: bytes, rng: Random, longest: int = 64) -> tuple[int, int]:
    start = int(rng.integers(0, max(1, len(content))))
    return start, min(len(content), start + int(rng.integers(1, longest + 1)))


def _flip(content: bytes, rng: Random) -> bytes:
    made = bytearray(content)
    for place in rng.integers(0, max(1, len(made)), int(rng.integers(1, 9))).tolist():
        if place < len(made):
            made[place] ^= 1 << int(rng.integers(8))
    return bytes(made)


def _overwrite(content: bytes, rng: Random) -> bytes:
    start, stop = _place(content, rng)
    fill = (rng.bytes(stop - start), b"\0" * (stop - start), b"\xff" * (stop - start))[int(rng.integers(3))]
    return content[:start] + fill + content[stop:]


def _cut(content: bytes, rng: Random) -> bytes:
    return content[: int(rng.integers(0, len(content) + 1))]


def _leave_out(content: bytes, rng: Random) -> bytes:
    start, stop = _place(content, rng)
    return content[:start] + content[stop:]


def _repeat(content: bytes, rng: Random) -> bytes:
    start, stop = _place(content, rng)
    return content[:stop] + content[start:stop] * int(rng.integers(1, 20)) + content[stop:]


def _exchange(content: bytes, rng: Random) -> bytes:
    (a, b), (c, d) = sorted((_place(content, rng), _place(content, rng)))
    return content if b > c else content[:a] + content[c:d] + content[b:c] + content[a:b] + content[d:]


def _number(content: bytes, rng: Random) -> bytes:
    """Put another number, or what is none, in the place of a number that is written as text."""
    found = list(re.finditer(rb"-?\d+(\.\d+)?", content))
    if not found:
        return _flip(content, rng)
    chosen = found[int(rng.integers(len(found)))]
    return content[: chosen.start()] + _NUMBERS[int(rng.integers(len(_NUMBERS)))] + content[chosen.end() :]


def write_mutant(original: Path, target: Path, rng: Random) -> str:
    """Write a changed copy of a file; return what was done to it."""
    mutant = mutated(original.read_bytes(), original.name, rng)
    target.write_bytes(mutant.content)
    return mutant.how
