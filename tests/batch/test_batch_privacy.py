"""What a cohort keeps: no name of a file, no path from the root, nothing that was typed at the scanner."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from cinecast.batch.file_names import without_file_names
from cinecast.batch.job import LogLine, Outcome
from cinecast.batch.preparing import prepare_cohort, saved_cohort
from cinecast.batch.request import Request
from cinecast.errors import CinecastError
from cinecast.frames import read_sequence
from cinecast.frames.interface import name_series_for_keeping
from cinecast.phantom import PhantomSettings, make_phantom
from cinecast.phantom.files import write_phantom
from cinecast.run.settings_sources import resolve_settings
from cinecast.settings import FramesSettings
from cinecast.settings.toml_file import settings_text
from cinecast.store import CohortFolder, RunFolder
from cinecast.store.sequence_files import save_sequence
from helpers.dicom_files import cine, save

FRAMES = np.random.default_rng(1).integers(0, 2000, (8, 9, 10)).astype(np.uint16)


@pytest.fixture
def two_series(tmp_path: Path) -> Path:
    """A folder of two series whose descriptions and file names are those of patients."""
    for number in (4, 5):
        images = cine(FRAMES + number, SeriesNumber=number, SeriesDescription=f"MEIER ANNA {number}")
        save(tmp_path / "two", images, [f"MEIER_{number}-{t}" for t in range(8)])
    return tmp_path / "two"


def test_files_are_counted_not_named(tmp_path: Path) -> None:
    for name in ("MEIER ANNA.dcm", "MEIER_1.dcm", "MEIER_10.dcm", "12", "000123", ".hidden"):
        (tmp_path / name).touch()
    said = "MEIER_10.dcm: 12 frames, got 000123, 'MEIER ANNA.dcm' and MEIER_1.dcm."
    outcome = Outcome("one", "frames", "frames", "failed", said, log=(LogLine(1.0, "WARNING", f"frames: {said}"),))
    hidden = without_file_names(outcome, tmp_path)
    assert hidden.reason == "file 5 of 5: 12 frames, got file 1 of 5, 'file 3 of 5' and file 4 of 5."
    assert hidden.log[0].text == f"frames: {hidden.reason}"
    assert without_file_names(outcome, tmp_path / "12").reason == said


def test_paths_of_a_cohort_are_relative_and_read_back(tmp_path: Path) -> None:
    settings = PhantomSettings(rows=32, columns=32, pixel_spacing_mm=(8, 8), frame_count=12)
    (tmp_path / "data").mkdir()
    write_phantom(tmp_path / "data/one.nii.gz", make_phantom(settings))
    (tmp_path / "data/list.csv").write_text("path,target\none.nii.gz,liver.nii.gz\n")
    (tmp_path / "link").symlink_to(tmp_path / "deep/runs")
    (tmp_path / "deep/runs").mkdir(parents=True)
    for root in (tmp_path / "deep/runs", tmp_path / "link"):
        with CohortFolder(root) as folder:
            cohort = prepare_cohort(folder, [str(tmp_path / "data/list.csv")], Request())
            folder.write(cohort.content(root))
            text = (root / "batch.json").read_text()
            assert str(tmp_path) not in text
            entry = json.loads(text)["sequences"][0]
            assert entry["path"] == "../../data/one.nii.gz"
            assert entry["settings"]["target"]["files"] == ["../../data/liver.nii.gz"]
            assert saved_cohort(folder).entries == cohort.entries


def test_paths_from_the_root_that_older_versions_wrote_are_read(tmp_path: Path) -> None:
    with CohortFolder(tmp_path / "runs") as folder:
        entry = {"name": "one", "path": "/data/one.nii", "settings": {"score": {"labels": "/data/l.mha"}}}
        folder.write({"preset": None, "sequences": [entry]})
        (found,) = saved_cohort(folder).entries
    assert (found.source, found.tables) == (Path("/data/one.nii"), {"score": {"labels": "/data/l.mha"}})


def test_a_cohort_keeps_the_number_of_a_series(two_series: Path, tmp_path: Path) -> None:
    with CohortFolder(tmp_path / "runs") as folder:
        asked = Request(changes=[{"frames": {"series": "meier anna 5"}}])
        cohort = prepare_cohort(folder, [str(two_series)], asked)
        folder.write(cohort.content(folder.root))
        RunFolder(folder.run_folder("two"), "two").close()
        assert [job.settings.frames.series for job in saved_cohort(folder).jobs()] == ["5"]
        assert "meier" not in (folder.root / "batch.json").read_text() + cohort.settings_text()
        with pytest.raises(CinecastError, match="--series must name one of 4: 8 frames") as refused:
            prepare_cohort(folder, [str(two_series)], Request(changes=[{"frames": {"series": "MEIER BERT"}}]))
    assert "BERT" not in str(refused.value)


def test_a_run_keeps_the_number_of_a_series(two_series: Path, tmp_path: Path) -> None:
    changes = [{"frames": {"series": "MEIER ANNA 4"}}]
    settings = resolve_settings(two_series, tmp_path / "run", None, None, changes)
    assert settings.frames.series == "4"
    assert "MEIER" not in settings_text(settings)
    (tmp_path / "frames").mkdir()
    save_sequence(tmp_path / "frames", read_sequence(two_series, settings.frames))
    assert "MEIER" not in (tmp_path / "frames/sequence.json").read_text()


def test_series_of_one_number_are_kept_by_a_digest_of_the_uid(tmp_path: Path) -> None:
    for name in ("a", "b"):
        save(tmp_path / "two", cine(FRAMES, SeriesDescription=f"MEIER {name}"), [f"{name}{t}" for t in range(8)])
    kept = name_series_for_keeping(tmp_path / "two", FramesSettings(series="MEIER b"))
    assert kept.series is not None
    assert kept.series.startswith("uid-")
    again = read_sequence(tmp_path / "two", kept)
    by_text = read_sequence(tmp_path / "two", FramesSettings(series="MEIER b"))
    assert again.instances == by_text.instances
    assert again.instances != read_sequence(tmp_path / "two", FramesSettings(series="MEIER a")).instances


def test_a_series_without_number_and_uid_is_not_kept(tmp_path: Path) -> None:
    for name in ("a", "b"):
        images = cine(FRAMES, SeriesNumber=None, SeriesDescription=f"MEIER {name}")
        for t, each in enumerate(images):
            each.SeriesInstanceUID = f"1.2.3.{ord(name)}.{t}"
        save(tmp_path / "two", images, [f"{name}{t}" for t in range(8)])
    with pytest.raises(CinecastError, match=r"two: a series that is chosen by its description must have a number"):
        name_series_for_keeping(tmp_path / "two", FramesSettings(series="MEIER b"))
