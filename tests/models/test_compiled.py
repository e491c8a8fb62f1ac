"""Compiled code is kept between processes, and never stale."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

from helpers.batch_cluster import wait_until

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


TOTAL = """from cinecast_models.compiled import compiled

@compiled()
def total(x):
    found = 0.0
    for i in range(len(x)):
        found += 3.0 * x[i]
    return found
"""
# As numba has it: what is computed, and how many functions were found on disk.
TELL = "import total, numpy as np; print(total.total(np.arange({}){}), sum(total.total.stats.cache_hits.values()))"
DOUBLE, EVERY_OTHER = TELL.format("4.0", ""), TELL.format("8.0", "[::2]")
# What a process may find that looked at what is kept just before another one wrote there.
_LOOKED_BEFORE = "from numba.core import caching; caching.IndexDataCacheFile._load_index = lambda files: {}\n"
_HELD = """import time
from pathlib import Path
from numba.core import caching
write = caching.IndexDataCacheFile._save_data
def wait(*arguments):
    Path("held").touch()
    while not Path("go").exists():
        time.sleep(0.01)
    write(*arguments)
caching.IndexDataCacheFile._save_data = wait
"""
_KILLED = """import os
from numba.core import caching
caching.IndexDataCacheFile._save_data = lambda *_: os._exit(9)
"""


def start(folder: Path, code: str) -> subprocess.Popen[str]:
    """Start a process in a folder, which keeps its compiled code there."""
    environment = {"PYTHONPATH": f"{folder}:{ROOT / 'models'}", "NUMBA_CACHE_DIR": str(folder / "cache")}
    return subprocess.Popen([sys.executable, "-B", "-c", code], env=environment, cwd=folder, text=True)


def test_processes_that_compile_at_once_for_other_arguments_do_not_take_one_for_the_other(tmp_path: Path) -> None:
    (tmp_path / "total.py").write_text(TOTAL)
    first = start(tmp_path, _HELD + DOUBLE)
    try:
        wait_until((tmp_path / "held").exists)
        assert printed(tmp_path, _LOOKED_BEFORE + EVERY_OTHER) == ["36.0", "0"]
        (tmp_path / "go").touch()
        assert first.wait(300) == 0
    finally:
        first.kill()
        first.wait()
    assert printed(tmp_path, EVERY_OTHER) == ["36.0", "1"]
    assert printed(tmp_path, DOUBLE) == ["18.0", "1"]


def test_a_kill_while_code_is_kept_leaves_none_of_an_earlier_version(tmp_path: Path) -> None:
    (tmp_path / "total.py").write_text(TOTAL)
    assert printed(tmp_path, DOUBLE) == ["18.0", "0"]
    edit(tmp_path / "total.py", "3.0", "50.0")
    assert start(tmp_path, _KILLED + DOUBLE).wait(300) == 9
    assert printed(tmp_path, DOUBLE) == ["300.0", "0"]
    assert printed(tmp_path, DOUBLE) == ["300.0", "1"]


def test_a_file_that_is_cut_short_is_compiled_again(tmp_path: Path) -> None:
    (tmp_path / "total.py").write_text(TOTAL)
    assert printed(tmp_path, DOUBLE) == ["18.0", "0"]
    for left in (b"", b"half"):
        (kept,) = tmp_path.rglob("*.nbc")
        kept.write_bytes(left)
        assert printed(tmp_path, DOUBLE) == ["18.0", "0"]


# What a disk does that has room for no further file, or that can only be read from now on.
_NO_ROOM = """import total, os, shutil, pathlib
shutil.rmtree(os.environ["NUMBA_CACHE_DIR"])
pathlib.Path(os.environ["NUMBA_CACHE_DIR"]).touch()
"""


def test_where_nothing_can_be_kept_any_more_it_is_computed_all_the_same(tmp_path: Path) -> None:
    (tmp_path / "total.py").write_text(TOTAL)
    assert printed(tmp_path, _NO_ROOM + DOUBLE) == ["18.0", "0"]
    assert not list(tmp_path.rglob("*.nbc"))
