"""Names of files in Latin-1, as on disks of old: they are no UTF-8."""

from __future__ import annotations

import csv
import os
import shutil
from pathlib import Path

import numpy as np

from helpers.command_line import call_cli, run_cli

OLD = os.fsdecode(b"M\xfcller")
READABLE = "M\ufffdller"
OPTIONS = ("--method", "rls", "--horizon", "1")


def copied(phantom: Path, folder: Path, name: str) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for extension in (".nii.gz", ".json"):
        shutil.copy(phantom.with_name(phantom.name.removesuffix(".nii.gz") + extension), folder / f"{name}{extension}")
    return folder / f"{name}.nii.gz"


def test_a_run_of_such_a_file_into_such_a_folder_has_its_report(original_phantom: Path, tmp_path: Path) -> None:
    outcome = run_cli("run", copied(original_phantom, tmp_path, OLD), "--out", tmp_path / OLD, *OPTIONS)
    assert outcome.code == 0, outcome
    assert (tmp_path / OLD / "report" / "index.html").read_text(encoding="utf-8")


def test_a_batch_names_it_readably(original_phantom: Path, tmp_path: Path) -> None:
    copied(original_phantom, tmp_path / "in" / OLD, "cine")
    outcome = run_cli("batch", tmp_path / "in", "--out", tmp_path / "runs", *OPTIONS)
    assert outcome.code == 0, outcome
    assert (tmp_path / "runs" / f"{READABLE}_cine" / "report" / "index.html").exists()
    with (tmp_path / "runs" / "summary.csv").open(encoding="utf-8", newline="") as file:
        assert {row["sequence"] for row in csv.DictReader(file)} == {f"{READABLE}_cine"}


def test_a_trace_has_its_page(tmp_path: Path) -> None:
    times = np.arange(300) * 0.1
    trace = tmp_path / f"{OLD}.csv"
    np.savetxt(trace, np.column_stack([times, np.sin(times)]), delimiter=",", header="time_s,x", comments="")
    outcome = run_cli("series", trace, "--out", tmp_path / "series", "--method", "rls", "--horizon", "0.5s")
    assert outcome.code == 0, outcome
    assert READABLE in (tmp_path / "series" / "report" / "index.html").read_text(encoding="utf-8")


def test_a_setting_cannot_keep_such_a_path(original_phantom: Path, tmp_path: Path) -> None:
    mask = np.zeros((48, 40), dtype=bool)
    mask[20:30, 10:20] = True
    np.save(tmp_path / f"{OLD}.npy", mask)
    source = copied(original_phantom, tmp_path, "cine")
    target = ("--target", tmp_path / f"{OLD}.npy")
    outcome = call_cli("run", source, "--out", tmp_path / "run", *OPTIONS, *target)
    assert outcome.sentence.endswith(f"/{READABLE}.npy; rename the file")
    assert "a path in the settings must be UTF-8" in outcome.sentence
