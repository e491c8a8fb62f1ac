"""Files that settings name anew: no result of the ones before goes for theirs, until all is made again."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from cinecast.phantom import PhantomSettings, make_phantom
from cinecast.phantom.files import write_phantom
from cinecast.run.given_files import GivenFiles, kept_given_files, save_given_files
from cinecast.run.runner import run_sequence
from cinecast.run.saved import saved_run
from cinecast.run.scope import Scope
from cinecast.settings import Settings
from cinecast.settings.toml_file import build_settings, merge
from cinecast.store import RunFolder
from cinecast.store import artifacts as art

SIZE = PhantomSettings(rows=48, columns=40, pixel_spacing_mm=(6, 6), frame_count=45, frame_period_s=0.25)
PLAIN: dict[str, Any] = {"forecast": {"methods": ["linear"], "horizons": ["2"]}, "flow": {"reference": 0}}
SCORES = "score/linear/h002"


def disc(row: float, column: float) -> NDArray[np.uint8]:
    rows, columns = np.indices((48, 40))
    return ((rows - row) ** 2 + (columns - column) ** 2 <= 16).astype(np.uint8)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with a sequence, files of a user's own, two of each kind, and runs of some of them."""
    out = tmp_path_factory.mktemp("given")
    write_phantom(out / "cine.nii.gz", make_phantom(SIZE))
    for name, row, column in (("tumour", 30, 15), ("kidney", 20, 24)):
        np.save(out / f"{name}.npy", disc(row, column))
        np.save(out / f"{name}_labels.npy", np.repeat(disc(row, column)[np.newaxis], 45, axis=0))
        lines = [f"{name},{t},{row},{column}\n" for t in (0, 20, 40)]
        (out / f"{name}.csv").write_text("name,frame,row,column\n" + "".join(lines))
    run_sequence(out / "cine.nii.gz", out / "none", asked(out, {}))
    np.save(out / "dvf.npy", np.load(out / "none" / art.FLOW / "dvf.npy"))
    given = merge(target(out, "tumour", labels="tumour"), {"landmarks": {"file": str(out / "tumour.csv")}})
    run_sequence(out / "cine.nii.gz", out / "given", asked(out, given))
    return out


def target(folder: Path, name: str, *, labels: str) -> dict[str, Any]:
    return {
        "target": {"files": [str(folder / f"{name}.npy")], "frame": 0, "names": ["GTV"]},
        "score": {"labels": str(folder / f"{labels}_labels.npy")},
    }


def asked(folder: Path, tables: dict[str, Any]) -> Settings:
    del folder
    return build_settings(merge(PLAIN, tables))


def usable(run: Path) -> set[str]:
    with saved_run(run) as gathering:
        return set(gathering.usable)


def changes(folder: Path) -> dict[str, tuple[str, dict[str, Any], str]]:
    """Return, by words, the run that is begun from, what it has then, and the first result that is of other files."""
    landmarks = {"landmarks": {"file": str(folder / "tumour.csv")}}
    own = target(folder, "tumour", labels="tumour") | landmarks
    return {
        "landmarks": ("none", landmarks, art.LANDMARKS),
        "other landmarks": ("given", own | {"landmarks": {"file": str(folder / "kidney.csv")}}, art.LANDMARKS),
        "no landmarks": ("given", own | {"landmarks": {}}, art.LANDMARKS),
        "other target": ("given", target(folder, "kidney", labels="tumour") | landmarks, "target/linear/h002"),
        "other labels": ("given", target(folder, "tumour", labels="kidney") | landmarks, art.LABELS),
        "DVFs": ("none", {"flow": {"dvf": str(folder / "dvf.npy"), "reference": 0}}, art.FLOW),
        "no target": ("given", landmarks, SCORES),
    }


@pytest.mark.parametrize(
    "words", ["landmarks", "other landmarks", "no landmarks", "other target", "other labels", "DVFs", "no target"]
)
def test_what_was_made_of_other_files_is_not_up_to_date(folder: Path, tmp_path: Path, words: str) -> None:
    begun, tables, first = changes(folder)[words]
    run = Path(shutil.copytree(folder / begun, tmp_path / "run"))
    assert {first, SCORES} <= usable(run)
    # Settings are saved; only the frames, which are the same again, are made with them.
    run_sequence(folder / "cine.nii.gz", run, asked(folder, tables), scope=Scope(only="frames"))
    assert not {first, SCORES} & usable(run)
    assert art.FRAMES in usable(run)
    run_sequence(folder / "cine.nii.gz", run, asked(folder, tables))
    assert {first, SCORES} <= usable(run)
    with saved_run(run) as gathering:
        assert gathering.missing == ()


def test_a_file_that_says_something_else_now_is_another_file(folder: Path, tmp_path: Path) -> None:
    run, file = Path(shutil.copytree(folder / "none", tmp_path / "run")), tmp_path / "own.csv"
    settings = asked(folder, {"landmarks": {"file": str(file)}})
    shutil.copy(folder / "tumour.csv", file)
    run_sequence(folder / "cine.nii.gz", run, settings)
    shutil.copy(folder / "kidney.csv", file)
    run_sequence(folder / "cine.nii.gz", run, settings, scope=Scope(only="frames"))
    assert not {art.LANDMARKS, SCORES} & usable(run)


def test_the_table_of_scores_goes_with_what_it_was_made_from(folder: Path, tmp_path: Path) -> None:
    """It does not say which frames, landmarks or settings it is of; the whole run brings it back."""
    run, source, own = (
        Path(shutil.copytree(folder / "none", tmp_path / "run")),
        tmp_path / "cine.nii.gz",
        tmp_path / "own",
    )
    table, tables = run / art.SCORES_FILE, {"landmarks": {"file": str(own)}}
    shutil.copy(folder / "cine.nii.gz", source)
    sidecar = json.loads((folder / "cine.json").read_text())
    shutil.copy(folder / "cine.json", tmp_path)
    shutil.copy(folder / "tumour.csv", own)
    run_sequence(source, run, asked(folder, tables))
    whole = table.read_bytes()

    for stage in ("frames", "flow", "landmarks", "score"):  # the same once more
        run_sequence(source, run, asked(folder, tables), scope=Scope(only=stage))
        assert table.read_bytes() == whole
    shutil.copy(folder / "kidney.csv", own)
    run_sequence(source, run, asked(folder, tables), scope=Scope(only="landmarks"))
    assert not table.exists()
    shutil.copy(folder / "tumour.csv", own)
    run_sequence(source, run, asked(folder, tables))
    assert table.read_bytes() == whole
    (tmp_path / "cine.json").write_text(json.dumps({**sidecar, "roi": {"rows": [8, 30], "columns": [4, 20]}}))
    run_sequence(source, run, asked(folder, tables), scope=Scope(only="frames"))
    assert not table.exists()
    run_sequence(source, run, asked(folder, tables))
    assert table.read_bytes() not in (b"", whole)


def test_files_may_go_and_a_run_of_before_knows_them_by_its_results(folder: Path, tmp_path: Path) -> None:
    run, own = Path(shutil.copytree(folder / "given", tmp_path / "run")), tmp_path / "own.csv"
    shutil.copy(folder / "tumour.csv", own)
    tables = target(folder, "tumour", labels="tumour") | {"landmarks": {"file": str(own)}}
    run_sequence(folder / "cine.nii.gz", run, asked(folder, tables))
    own.unlink()
    whole = usable(run)
    assert {art.LANDMARKS, art.MEASURED_TARGET, art.LABELS, SCORES} <= whole
    (run / art.GIVEN_FILE).unlink()  # as earlier versions left it
    assert usable(run) == whole


def test_what_was_said_is_kept_with_the_settings_that_it_was_said_for(tmp_path: Path) -> None:
    settings, given = build_settings({"landmarks": {"file": "/a.csv"}}), GivenFiles(landmarks="digest")
    with RunFolder(tmp_path / "run", "one") as store:
        assert kept_given_files(store, Settings()) == GivenFiles()
        assert kept_given_files(store, settings) == GivenFiles(landmarks="unread")
        save_given_files(store, settings, given)
        assert kept_given_files(store, settings) == given
        other = replace(settings, landmarks=replace(settings.landmarks, file="/b.csv"))
        assert kept_given_files(store, other) == GivenFiles(landmarks="unread")
        assert kept_given_files(store, Settings()) == GivenFiles()
        (store.root / art.GIVEN_FILE).write_bytes(b"{\xff")
        assert kept_given_files(store, settings) == GivenFiles(landmarks="unread")
        save_given_files(store, Settings(), GivenFiles())
        assert not (store.root / art.GIVEN_FILE).exists()
