"""Read thousands of files that were changed at random: none may end in a traceback, hang or take the memory.

Run ``python tests/benchmarks/fuzz_files.py --count 10000``. File number N is the same for the same --seed, whatever the
others are: ``--first N --count 1 --keep FOLDER`` makes it again and keeps it. Each is read in a process of its own,
which has 2 s and 2 GB. The exit code is 1 where anything was found.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import NamedTuple

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from helpers.capped_process import read_in_child
from helpers.fuzz_targets import fuzz_targets
from helpers.mutated_files import write_mutant


class Finding(NamedTuple):
    """What went wrong with a file."""

    number: int
    kind: str
    how: str
    what: str


def fuzz(arguments: argparse.Namespace, work: Path) -> tuple[list[Finding], Counter[str]]:
    """Read the files; return what went wrong, and how many there were of each kind."""
    originals, copy = work / "originals", work / "copy"
    originals.mkdir()
    targets = fuzz_targets(originals)
    if arguments.kind:
        targets = [target for target in targets if arguments.kind in target.kind]
    tempfile.tempdir = str(work)
    for target in targets:  # what all processes need is loaded once; and what is not changed must be read
        shutil.copytree(target.folder, copy)
        target.read(copy / target.name)
        shutil.rmtree(copy)
    findings, counts = [], Counter[str]()
    end = time.monotonic() + arguments.seconds
    for number in range(arguments.first, arguments.first + arguments.count):
        if time.monotonic() > end:
            break
        rng = np.random.default_rng([arguments.seed, number])
        # Half of them of the readers of files, half of artifacts, of which there are many more.
        groups = [[t for t in targets if t.kind.startswith("artifact") == own] for own in (False, True)]
        group = next(g for g in (groups[int(rng.random() < 0.25)], *groups) if g)
        target = group[int(rng.integers(len(group)))]
        shutil.copytree(target.folder, copy)
        how = write_mutant(target.folder / target.name, copy / target.name, rng)
        what = read_in_child(target.read, copy / target.name)
        counts[target.kind] += 1
        if what:
            findings.append(Finding(number, target.kind, how, what))
            print(f"{number}: {target.kind}, {how}: {what}", flush=True)
        if arguments.keep:
            arguments.keep.mkdir(parents=True, exist_ok=True)
            shutil.copy(copy / target.name, arguments.keep / f"{number}_{Path(target.name).name}")
        shutil.rmtree(copy)
    return findings, counts


def main() -> int:
    """Fuzz as the command line says."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--count", type=int, default=10_000, help="how many files")
    parser.add_argument("--first", type=int, default=0, help="number of the first")
    parser.add_argument("--seed", type=int, default=20261128)
    parser.add_argument("--seconds", type=float, default=float("inf"), help="end after so many")
    parser.add_argument("--kind", default="", help="only kinds whose names have this in them")
    parser.add_argument("--keep", type=Path, help="keep the changed files in this folder")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="cinecast-fuzz-") as work:
        findings, counts = fuzz(arguments, Path(work))
    print(f"{counts.total()} files, {len(findings)} findings")
    for (kind, what), count in Counter((each.kind, each.what) for each in findings).most_common():
        print(f"  {count} x {kind}: {what}")
    return bool(findings)


if __name__ == "__main__":
    sys.exit(main())
