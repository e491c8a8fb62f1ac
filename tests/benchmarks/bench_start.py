"""What the program costs before it works: processor time of help, import and a run with nothing to do.

Run ``python tests/benchmarks/bench_start.py [--against REVISION]``. Each command is timed as a whole process, in turn
with that of an earlier revision, which is taken from git into a temporary folder. Figures are medians of user and
system time together; the share is that of pairs, so it holds when the machine's speed drifts.
"""

from __future__ import annotations

import argparse
import io
import os
import re
import subprocess
import sys
import tarfile
import tempfile
import tomllib
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from statistics import median

from rich.console import Console
from rich.table import Table

ROOT = Path(__file__).resolve().parents[2]
RUN = ("run", str(ROOT / "data/phantom.nii.gz"), "--horizon", "2", "--method", "linear", "--method", "snap1")


def unpack(revision: str, folder: Path) -> Path:
    """Write a revision of the project into a folder; return the folder."""
    archive = subprocess.run(["git", "archive", revision], cwd=ROOT, capture_output=True, check=True).stdout
    with tarfile.open(fileobj=io.BytesIO(archive)) as files:
        files.extractall(folder, filter="data")
    return folder


def add_missing(project: Path, folder: Path) -> None:
    """Install what a revision needs and this environment lacks into a folder."""
    needed = tomllib.loads((project / "pyproject.toml").read_text(encoding="utf-8"))["project"]["dependencies"]
    missing = [each for each in needed if not is_installed(re.split(r"[<>=!~\[; ]", each)[0])]
    if missing:
        pip = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--target"]
        subprocess.run([*pip, str(folder), *missing], check=True)


def is_installed(name: str) -> bool:
    """Return whether this environment has a distribution."""
    try:
        version(name)
    except PackageNotFoundError:
        return False
    return True


def processor_s(command: list[str], paths: list[Path]) -> float:
    """Return the seconds of processor that a command takes, user and system."""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(map(str, paths))}
    process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    if status:
        raise SystemExit(f"{' '.join(command)} failed")
    return usage.ru_utime + usage.ru_stime


def main() -> None:
    """Print the table."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--against", default="d5cf09a", help="Revision to compare with.")
    arguments.add_argument("--count", type=int, default=7, help="Pairs of each command, after one that is not counted.")
    given = arguments.parse_args()
    table = Table("processor time, s", "now", given.against, "share", title="median of pairs")
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        old = unpack(given.against, folder / "old")
        add_missing(old, folder / "extra")
        sides = {
            "now": [ROOT / "pipeline", ROOT / "models"],
            "old": [old / "pipeline", old / "models", folder / "extra"],
        }
        cinecast = [sys.executable, "-m", "cinecast"]
        commands = {
            "cinecast --help": lambda _: [*cinecast, "--help"],
            "from cinecast import LiveForecaster": lambda _: [
                sys.executable,
                "-c",
                "from cinecast import LiveForecaster",
            ],
            "cinecast run, nothing to do": lambda side: [*cinecast, *RUN, "--out", str(folder / side / "run")],
        }
        for name, command in commands.items():
            pairs = [[processor_s(command(side), sides[side]) for side in sides] for _ in range(given.count + 1)][1:]
            now, before = (median(column) for column in zip(*pairs, strict=True))
            share = median(one / other for one, other in pairs)
            table.add_row(name, f"{now:.2f}", f"{before:.2f}", f"{100 * share:.0f} %")
    Console().print(table)


if __name__ == "__main__":
    main()
