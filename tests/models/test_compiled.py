"""Compiled code is kept between processes, and never stale."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]

OURS = ("from cinecast_models.compiled import compiled", "@compiled()")
PLAIN = ("from numba import njit", "@njit(cache=True)")
SOURCES = {
    "constants": "OFFSET = 0.5\n",
    "writer": """WRITES_CODE = True

def addend():
    return 0.0
""",
    "innermost": """{imported}

from numba import types
from numba.extending import intrinsic
from writer import addend

@intrinsic
def written(context, x):
    def generate(context, builder, signature, arguments):
        return builder.fadd(arguments[0], arguments[0].type(addend()))
    return types.float64(types.float64), generate

{decorator}
def shifted(x):
    return written(x) + 1.0
""",
    "inner": """{imported}
from innermost import shifted

{decorator}
def scaled(x):
    return 3.0 * shifted(x)
""",
    "outer": """{imported}
from constants import OFFSET
from inner import scaled

{decorator}
def outer(x):
    return later(x)

{decorator}
def later(x):
    return scaled(x) + OFFSET
""",
}
RUN = "import outer; print(outer.outer(1.0), sum(outer.outer.stats.cache_hits.values()))"


def write(folder: Path, imported: str, decorator: str) -> None:
    for name, text in SOURCES.items():
        (folder / f"{name}.py").write_text(text.format(imported=imported, decorator=decorator))


def printed(folder: Path, code: str) -> list[str]:
    """Return the words that a new process prints, which keeps its compiled code in the folder."""
    environment: dict[str, Any] = {
        "PYTHONPATH": f"{folder}:{ROOT / 'models'}",
        "NUMBA_CACHE_DIR": str(folder / "cache"),
    }
    command = [sys.executable, "-B", "-c", code]
    return subprocess.run(command, capture_output=True, text=True, check=True, env=environment).stdout.split()


def result_and_hits(folder: Path) -> tuple[float, int]:
    """Return what a new process computes, and how many compiled functions it found on disk."""
    result, hits = printed(folder, RUN)
    return float(result), int(hits)


def edit(file: Path, old: str, new: str) -> None:
    text = file.read_text()
    assert old in text
    file.write_text(text.replace(old, new))


# One after another, each with what is computed from then on.
EDITS = [
    ("inner.py", "3.0", "5.0", 10.5),
    ("innermost.py", "1.0", "2.0", 15.5),
    ("constants.py", "0.5", "0.25", 15.25),
    ("writer.py", "0.0", "1.0", 20.25),
]


def test_an_edit_of_a_file_that_is_taken_in_is_noticed(tmp_path: Path) -> None:
    write(tmp_path, *OURS)
    assert result_and_hits(tmp_path) == (6.5, 0)
    assert result_and_hits(tmp_path) == (6.5, 1)
    for name, old, new, expected in EDITS:
        edit(tmp_path / name, old, new)
        assert result_and_hits(tmp_path) == (expected, 0), name
        assert result_and_hits(tmp_path) == (expected, 1), name


def test_numba_alone_would_not_have_noticed(tmp_path: Path) -> None:
    write(tmp_path, *PLAIN)
    assert result_and_hits(tmp_path) == (6.5, 0)
    for name, old, new, _ in EDITS:
        edit(tmp_path / name, old, new)
        assert result_and_hits(tmp_path) == (6.5, 1), name


def test_all_that_is_compiled_is_compiled_in_this_way() -> None:
    sources = [path for root in ("models", "pipeline") for path in (ROOT / root).rglob("*.py")]
    assert [path.name for path in sources if "njit(" in path.read_text(encoding="utf-8")] == ["functions.py"]


# Sums that may be reordered, in a function that its caller gives one number known beforehand. numba alone gives other
# bits here in the process that compiles them.
SUMS = """import hashlib
import numpy as np
from cinecast_models.compiled import compiled, compiled_loop

@compiled_loop
def near(points, newest, width, share, start, out):
    for i in range(start, len(out)):
        row = points[i]
        total = 0.0
        for j in range(len(newest)):
            total += (row[j] - newest[j]) * (row[j] - newest[j])
        out[i] = 1.0 / (1.0 + total / (width * width))
    if share < 1.0:
        for i in range(start, len(out)):
            out[i] *= share ** float(len(out) - i)

@compiled(error_model="numpy")
def all_near(points, newest, width, share, out):
    near(points, newest, width, share, 0, out)

numbers = np.random.default_rng(0)
points, newest, out = numbers.normal(size=(300, 24)), numbers.normal(size=24), np.empty(300)
all_near(points, newest, 5.0, 0.9967, out)
print(hashlib.sha256(out.tobytes()).hexdigest(), sum(all_near.stats.cache_hits.values()))
"""


def test_a_process_that_compiles_gets_the_bits_of_later_ones(tmp_path: Path) -> None:
    (tmp_path / "sums.py").write_text(SUMS)
    (first, compiled), (later, loaded) = printed(tmp_path, "import sums"), printed(tmp_path, "import sums")
    assert (compiled, loaded) == ("0", "1")
    assert first == later
