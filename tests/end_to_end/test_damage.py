"""What is damaged is noticed, named, and made again; what is made again equals what was there."""

from __future__ import annotations

import json
import logging
import pickle
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from cinecast.store import RunFolder, Status
from cinecast.store.artifacts import load_array
from helpers.command_line import made_at, redone, results, run_cli, succeed

# One artifact of every stage.
KEYS = (
    "frames",
    "flow",
    "motion/train_0020",
    "forecast/snap1/h002",
    "landmarks",
    "score/oracle/h000",
    "report",
)


def files(run: Path, key: str) -> list[Path]:
    return sorted(path for path in (run / key).rglob("*") if path.is_file())


def mend(phantom: Path, run: Path, caplog: pytest.LogCaptureFixture) -> tuple[set[str], list[str]]:
    """Run again; return what was redone, and the warnings."""
    before = made_at(run)
    caplog.clear()
    with caplog.at_level(logging.WARNING, "cinecast"):
        succeed("run", phantom, "--out", run)
    return redone(before, run), [record.getMessage() for record in caplog.records]


def test_one_flipped_bit_of_any_file_of_any_artifact_is_damage(run: Path, rng: np.random.Generator) -> None:
    with RunFolder(run, "breathing") as store:
        for path in _artifact_files(run):
            whole = path.read_bytes()
            broken = bytearray(whole)
            broken[int(rng.integers(len(whole)))] ^= 1 << int(rng.integers(8))
            key, fingerprint = _identity(run, path)
            path.write_bytes(broken)
            assert store.status(key, fingerprint) is Status.DAMAGED, path
            path.write_bytes(whole)
            assert store.status(key, fingerprint) is Status.FRESH, path


def test_a_missing_file_of_any_artifact_is_damage(run: Path) -> None:
    with RunFolder(run, "breathing") as store:
        for path in _artifact_files(run):
            whole = path.read_bytes()
            key, fingerprint = _identity(run, path)
            path.unlink()
            assert store.status(key, fingerprint) is Status.DAMAGED, path
            path.write_bytes(whole)


@pytest.mark.parametrize("key", KEYS)
def test_damage_is_named_and_made_good(phantom: Path, run: Path, caplog: pytest.LogCaptureFixture, key: str) -> None:
    before = results(run)
    first, second = files(run, key)[:2]
    content = bytearray(first.read_bytes())
    content[-1] ^= 1
    first.write_bytes(content)
    done, warnings = mend(phantom, run, caplog)
    assert key in done
    assert warnings == [f"{key} is damaged: its files are not those that were written; it is made again"]
    second.unlink()
    done, warnings = mend(phantom, run, caplog)
    assert key in done
    assert warnings[0].startswith(f"{key} is damaged")
    assert results(run) == before


@pytest.mark.parametrize("key", KEYS)
def test_a_deleted_folder_is_made_again(phantom: Path, run: Path, caplog: pytest.LogCaptureFixture, key: str) -> None:
    before = results(run)
    shutil.rmtree(run / key)
    done, warnings = mend(phantom, run, caplog)
    assert key in done
    assert warnings == []
    assert results(run) == before


@pytest.mark.parametrize(
    "content",
    ["", "[]", '{"files": [], "fingerprint": 3}', '{"digest": "x"}', "[" * 50_000, "\ud800"],
)
def test_a_record_that_is_none_counts_as_damage(
    phantom: Path, run: Path, caplog: pytest.LogCaptureFixture, content: str
) -> None:
    (run / "flow/stage.json").write_bytes(content.encode(errors="surrogatepass"))
    done, warnings = mend(phantom, run, caplog)
    assert "flow" in done
    assert warnings == ["flow is damaged: its files are not those that were written; it is made again"]


def test_the_warning_is_one_line_on_standard_error(phantom: Path, run: Path) -> None:
    (run / "flow/dvf.npy").write_bytes(b"")
    outcome = run_cli("run", phantom, "--out", run)
    assert outcome.code == 0
    assert outcome.errors == (
        "cinecast: warning: flow is damaged: its files are not those that were written; it is made again\n"
    )


def test_the_table_of_scores_is_put_together_again(phantom: Path, run: Path) -> None:
    table = run / "score/scores.csv"
    before = table.read_bytes()
    table.write_bytes(b"broken")
    assert "Nothing to do" in succeed("run", phantom, "--out", run)
    assert table.read_bytes() == before
    table.unlink()
    succeed("run", phantom, "--out", run)
    assert table.read_bytes() == before


class _Payload:
    """Unpickling it makes a file."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[Any, ...]:
        return Path.touch, (self.path,)


def test_a_pickle_in_place_of_an_array_is_never_executed(
    phantom: Path, run: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    trap = tmp_path / "executed"
    objects = np.empty(1, dtype=object)
    objects[0] = _Payload(trap)
    for name in ("frames/frames.npy", "flow/dvf.npy", "motion/train_0020/mean.npy", "motion/train_0020/modes.npy"):
        np.save(run / name, objects, allow_pickle=True)
        done, warnings = mend(phantom, run, caplog)
        assert name.rpartition("/")[0] in done
        assert warnings
        (run / name).write_bytes(pickle.dumps(_Payload(trap)))
        mend(phantom, run, caplog)
        assert not trap.exists()
    np.load(_saved(tmp_path, objects), allow_pickle=True)
    assert trap.exists()  # the trap does spring where pickles are loaded


def test_a_pickle_with_a_forged_record_is_refused_by_the_loader(tmp_path: Path) -> None:
    objects = np.empty(1, dtype=object)
    objects[0] = _Payload(tmp_path / "executed")
    with pytest.raises(ValueError, match="Python objects"):
        load_array(_saved(tmp_path, objects))
    assert not (tmp_path / "executed").exists()


def _artifact_files(run: Path) -> list[Path]:
    return [path for record in sorted(run.rglob("stage.json")) for path in files(run, str(record.parent))]


def _identity(run: Path, path: Path) -> tuple[str, str]:
    """Return key and fingerprint of the artifact that a file belongs to."""
    folder = path.parent
    while not (folder / "stage.json").exists():
        folder = folder.parent
    return folder.relative_to(run).as_posix(), json.loads((folder / "stage.json").read_text())["fingerprint"]


def _saved(folder: Path, objects: np.ndarray[Any, Any]) -> Path:
    np.save(folder / "trap.npy", objects, allow_pickle=True)
    return folder / "trap.npy"
