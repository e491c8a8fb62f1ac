"""What a kill leaves half done is mended when the run is opened again, or left to those who still work on it."""

from __future__ import annotations

import errno
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from cinecast.errors import StoreError
from cinecast.store import RunFolder, Status
from cinecast.store.disk_errors import as_store_error
from cinecast.store.replacing import recover, replacing, temporary_folder
from helpers.command_line import digests, environment, owner_of

_WRITE = """
import os, signal, sys
from pathlib import Path
from cinecast.store import RunFolder
die = lambda: os.kill(os.getpid(), signal.SIGKILL)
where, root = sys.argv[1], Path(sys.argv[2])
rename, renames = Path.rename, []
def counted(path, target):
    renames.append(path)
    if where == f"rename {len(renames)}":
        die()
    result = rename(path, target)
    if where == f"renamed {len(renames)}":
        die()
    return result
with RunFolder(root, "lung") as store:
    Path.rename = counted
    with store.commit("motion/train_0090", "two", {}) as folder:
        (folder / "data.csv").write_text("half")
        if where == "writing":
            die()
        (folder / "data.csv").write_text("new")
"""


@pytest.fixture
def run(tmp_path: Path) -> Path:
    with RunFolder(tmp_path / "run", "lung") as store, store.commit("motion/train_0090", "one", {}) as folder:
        (folder / "data.csv").write_text("old")
    return tmp_path / "run"


@pytest.mark.parametrize(
    ("where", "left"),
    [
        ("writing", "old"),
        ("rename 1", "old"),
        ("renamed 1", "old"),
        ("rename 2", "old"),
        ("renamed 2", "new"),
    ],
)
def test_a_kill_leaves_the_old_or_the_new(run: Path, where: str, left: str) -> None:
    before = digests(run)
    ended = subprocess.run([sys.executable, "-c", _WRITE, where, str(run)], env=environment(), check=False)
    assert ended.returncode == -signal.SIGKILL
    with RunFolder(run, "lung") as store:
        fresh = "one" if left == "old" else "two"
        assert store.status("motion/train_0090", fresh) is Status.FRESH
        assert (store.path("motion/train_0090") / "data.csv").read_text() == left
    if left == "old":
        assert digests(run) == before
    assert {path.name for path in run.rglob("*")} == {"run.json", "motion", "train_0090", "data.csv", "stage.json"}


def ended_process() -> int:
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    return process.pid


def test_what_an_ended_process_moved_away_comes_back(run: Path) -> None:
    target = run / "motion/train_0090"
    before = digests(run)
    target.rename(target.with_name(f".old-train_0090~{owner_of(ended_process())}"))
    recover(run)
    assert digests(run) == before


def test_what_an_ended_process_replaced_is_swept(run: Path) -> None:
    before = digests(run)
    (run / f"motion/.old-train_0090~{owner_of(ended_process())}").mkdir()
    half = run / f"motion/.tmp-{owner_of(ended_process())}"
    half.mkdir()
    (half / "data.csv").write_text("half")
    (run / f".tmp-{owner_of(ended_process())}~settings.toml").write_text("half")
    recover(run)
    assert digests(run) == before
    assert not list(run.rglob(".*"))


@pytest.mark.parametrize(
    "name",
    [
        f".tmp-{owner_of(os.getppid())}",
        f".tmp-{owner_of(1)}",
        f".old-train_0090~{owner_of(os.getppid())}",
        f".tmp-{owner_of(4, 'another-computer')}",
        f".tmp-{owner_of(2**80)}",
        ".tmp-mine",
        ".tmp-a-b-c-d",
        ".old-mine",
    ],
)
def test_what_others_may_still_work_on_is_left_alone(run: Path, name: str) -> None:
    (run / "motion" / name).mkdir()
    recover(run)
    assert (run / "motion" / name).is_dir()


def test_a_process_of_the_same_number_after_a_restart_has_ended(run: Path) -> None:
    (run / f"motion/.tmp-{owner_of(os.getpid())}").mkdir()
    recover(run)
    assert not list(run.rglob(".tmp-*"))


def test_a_kill_while_a_run_is_begun_leaves_an_empty_run(tmp_path: Path) -> None:
    (tmp_path / f".tmp-{owner_of(ended_process())}~run.json").write_text('{"form')
    RunFolder(tmp_path, "lung").close()
    assert [path.name for path in tmp_path.iterdir()] == ["run.json"]


def test_a_file_is_replaced_whole_or_not_at_all(tmp_path: Path) -> None:
    target = tmp_path / "phantom.nii.gz"
    target.write_text("old")
    with pytest.raises(RuntimeError, match="fault"), replacing(target) as temporary:  # noqa: PT012
        assert temporary.name.endswith("~phantom.nii.gz")
        temporary.write_text("half")
        raise RuntimeError("fault")
    assert [path.read_text() for path in tmp_path.iterdir()] == ["old"]
    with replacing(target) as temporary:
        temporary.write_text("new")
    assert [path.read_text() for path in tmp_path.iterdir()] == ["new"]


@pytest.mark.parametrize(
    ("fault", "sentence"),
    [
        (OSError(errno.ENOSPC, "No space left on device"), "the run needs space on the disk of x, got No space left"),
        (OSError(errno.EDQUOT, "Disk quota exceeded"), "the run needs space on the disk of x, got Disk quota exceeded"),
        (OSError(errno.EFBIG, "File too large"), "free some space and start the same command again"),
        (OSError("921600 requested and 4096 written"), "the run needs space on the disk of x, got a full disk"),
        (OSError(errno.EACCES, "Permission denied"), "the run must be writable, got Permission denied for x; choose"),
        (OSError(errno.EROFS, "Read-only file system"), "choose another --out or change its permissions"),
        (OSError(errno.EIO, "Input/output error"), "needs a usable folder, got .*Input/output error for x; mend it or"),
    ],
)
def test_faults_of_the_disk_are_one_sentence_each(fault: OSError, sentence: str) -> None:
    with pytest.raises(StoreError, match=sentence), as_store_error(Path("x")):
        raise fault


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="needs Linux's /proc")
def test_what_an_ended_process_left_is_swept_before_its_parent_has_collected_it(tmp_path: Path) -> None:
    process = subprocess.Popen([sys.executable, "-c", ""])
    os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)  # ended, not collected
    own = temporary_folder(tmp_path / "flow")
    left = own.rename(own.with_name(own.name.replace(f"-{os.getpid()}-", f"-{process.pid}-")))
    recover(tmp_path)
    assert not left.exists()
    process.wait()
