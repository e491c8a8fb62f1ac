"""The entry of a container: the folders of the challenge, as another user, on a disk that nobody may write to."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from helpers.command_line import Outcome, digests, environment, succeed
from helpers.trackrad_cases import phantom, read_mha, true_masks, write_case

ROOT = Path(__file__).parents[2]
OUTPUT = Path("images/mri-linac-series-targets/output.mha")
FRAMES, TARGET = Path("images/mri-linacs"), Path("images/mri-linac-target")


def as_input(case: Path, folder: Path) -> Path:
    """Lay a case out as the challenge mounts it."""
    for part, files in ((FRAMES, "images/*_frames.mha"), (TARGET, "targets/*_first_label.mha")):
        (folder / part).mkdir(parents=True)
        for file in case.glob(files):
            shutil.copy2(file, folder / part / file.name)
    for name, text in (("frame-rate", "4.0"), ("b-field-strength", "0.35"), ("scanned-region", '"lung"')):
        (folder / f"{name}.json").write_text(text)
    return folder


@pytest.fixture(scope="module")
def original_input(tmp_path_factory: pytest.TempPathFactory) -> Path:
    base = tmp_path_factory.mktemp("container")
    return as_input(write_case(base / "P_001"), base / "input")


@pytest.fixture
def source(original_input: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(original_input, tmp_path / "input"))


def run_entry(source: Path, out: Path, **variables: str) -> Outcome:
    command = [sys.executable, "-m", "cinecast.trackrad", "--input", str(source), "--output", str(out)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment() | variables)
    return Outcome(done.returncode, done.stdout, done.stderr)


def test_the_label_series_is_that_of_the_command(source: Path, tmp_path: Path) -> None:
    outcome = run_entry(source, tmp_path / "out")
    assert (outcome.code, outcome.errors) == (0, "")
    assert outcome.output.startswith("P_001: 10 frames, 0 held, ")
    case = write_case(tmp_path / "P_001")
    succeed("track", case, "--out", tmp_path / "tracked")
    tracked = tmp_path / "tracked" / "P_001" / "P_001_tracked.mha"
    assert (tmp_path / "out" / OUTPUT).read_bytes() == tracked.read_bytes()
    assert [path for path in (tmp_path / "out").rglob("*") if path.is_file()] == [tmp_path / "out" / OUTPUT]


@pytest.mark.shared
def test_the_example_of_the_challenge(shared: Path, tmp_path: Path) -> None:
    case = shared / "data" / "trackrad" / "Z_001"
    source = as_input(case, tmp_path / "input")
    assert run_entry(source, tmp_path / "out").code == 0
    found, labels = read_mha(tmp_path / "out" / OUTPUT), read_mha(case / "targets" / "Z_001_labels.mha")
    overlap = 2 * (found * labels).sum(axis=(1, 2)) / (found + labels).sum(axis=(1, 2))
    assert overlap[1:].mean() >= 0.998


def test_facts_beside_the_images_are_not_needed(source: Path, tmp_path: Path) -> None:
    (source / "frame-rate.json").unlink()
    (source / "scanned-region.json").write_text("{")
    assert run_entry(source, tmp_path / "out").code == 0


def test_a_blank_frame_does_not_end_it(tmp_path: Path) -> None:
    frames = phantom().sequence.frames.astype(np.float32)
    frames[6], frames[2, 5, 5] = 0, np.nan
    source = as_input(write_case(tmp_path / "P_002", frames), tmp_path / "input")
    outcome = run_entry(source, tmp_path / "out")
    assert outcome.output.startswith("P_002: 10 frames, 2 held, ")
    assert read_mha(tmp_path / "out" / OUTPUT).any(axis=(1, 2)).all()


@pytest.mark.parametrize(
    ("mistake", "sentence"),
    [
        ("no frames", "must hold one MHA file with the frames in {input}/images/mri-linacs, got none"),
        ("two targets", "must hold one MHA file with the target in {input}/images/mri-linac-target, got P_001"),
        ("damaged", "P_001_frames.mha cannot be read as MHA: it is cut short"),
        ("empty target", "a mask must hold pixels inside, got an empty one in P_001_first_label.mha"),
        ("output", "the output must not exist yet, got {out}/images/mri-linac-series-targets/output.mha"),
        ("read-only", "the label series needs a usable folder, got"),
    ],
)
def test_mistakes_are_said_in_one_sentence(source: Path, tmp_path: Path, mistake: str, sentence: str) -> None:
    out = tmp_path / "out"
    scan, target = source / FRAMES / "P_001_frames.mha", source / TARGET / "P_001_first_label.mha"
    if mistake == "no frames":
        scan.unlink()
    elif mistake == "two targets":
        shutil.copy2(target, target.with_name("other.mha"))
    elif mistake == "damaged":
        scan.write_bytes(scan.read_bytes()[:-300])
    elif mistake == "empty target":
        empty = write_case(tmp_path / "P_001", masks=np.zeros_like(true_masks(phantom())))
        shutil.copy2(empty / "targets" / "P_001_first_label.mha", target)
    elif mistake == "output":
        (out / OUTPUT).parent.mkdir(parents=True)
        (out / OUTPUT).write_text("mine")
    else:
        out.write_text("no folder")
    outcome = run_entry(source, out)
    assert (outcome.code, outcome.output) == (2, "")
    # ITK says something of its own about damaged files.
    (said,) = (line for line in outcome.errors.splitlines() if not line.startswith(("MetaImage: ", "   ideal = ")))
    assert said.startswith("cinecast: ")
    assert sentence.format(input=source, out=out) in said
    if mistake == "output":
        assert (out / OUTPUT).read_text() == "mine"


@pytest.fixture
def sealed(tmp_path: Path) -> Path:
    """A copy of the program beside which nothing can be written: files stand where folders would, for root too."""
    for part in ("pipeline", "models"):
        shutil.copytree(ROOT / part, tmp_path / "program" / part, ignore=shutil.ignore_patterns("__pycache__"))
    for folder in [path.parent for path in (tmp_path / "program").rglob("*.py")]:
        (folder / "__pycache__").write_text("")
    return tmp_path / "program"


def variables(program: Path) -> dict[str, str]:
    roots = os.pathsep.join(str(program / part) for part in ("pipeline", "models"))
    return {"PYTHONPATH": roots, "HOME": "/dev/null", "XDG_CACHE_HOME": "/dev/null/cache"}


def test_nothing_can_be_written_but_the_output(sealed: Path, source: Path, tmp_path: Path) -> None:
    outcome = run_entry(source, tmp_path / "out", **variables(sealed), NUMBA_CACHE_DIR="", TMPDIR="/dev/null")
    assert (outcome.code, outcome.errors) == (0, "")
    assert run_entry(source, tmp_path / "other").code == 0
    assert (tmp_path / "out" / OUTPUT).read_bytes() == (tmp_path / "other" / OUTPUT).read_bytes()


# The entry with a folder of compiled code that counts as not writable, which it cannot be made for root; then how many
# functions were found compiled, how many were not, and where.
UNWRITABLE = """
import os, sys
from cinecast.trackrad import __main__, compiled_code
compiled_code._writable = lambda folder: False
result = __main__.main(sys.argv[1:])
modules = [module for name, module in sys.modules.items() if name.startswith("cinecast")]
stats = {id(each): each.stats for module in modules for each in vars(module).values() if hasattr(each, "stats")}
print(*(sum(sum(getattr(each, kind).values()) for each in stats.values()) for kind in ("cache_hits", "cache_misses")))
print(os.environ["NUMBA_CACHE_DIR"])
sys.exit(result)
"""


def test_code_that_an_image_brings_is_used_where_it_cannot_be_written_to(
    sealed: Path, source: Path, tmp_path: Path
) -> None:
    kept, temporary = tmp_path / "kept", tmp_path / "temporary"
    temporary.mkdir()
    own = variables(sealed) | {"NUMBA_CACHE_DIR": str(kept)}
    warm = subprocess.run(
        [sys.executable, str(ROOT / "docs" / "warm_container.py")], env=environment() | own, check=False
    )
    assert warm.returncode == 0
    brought = digests(kept)
    assert brought
    command = [sys.executable, "-c", UNWRITABLE, "--input", str(source), "--output", str(tmp_path / "out")]
    settings = environment() | own | {"TMPDIR": str(temporary)}
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=settings)
    assert done.returncode == 0, done.stderr
    *_, found, used = done.stdout.splitlines()
    hits, misses = map(int, found.split())
    assert hits > 5
    assert misses == 0
    assert Path(used).parent == temporary
    assert list(temporary.iterdir()) == []  # the copy is gone
    assert digests(kept) == brought
    assert read_mha(tmp_path / "out" / OUTPUT).any(axis=(1, 2)).all()
