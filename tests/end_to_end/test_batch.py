"""A cohort from files to scores: what a batch makes is what single runs make, and only what is stale is redone."""

from __future__ import annotations

import csv
import shutil
from pathlib import Path

import pytest

from cinecast.phantom import PhantomSettings, make_phantom
from cinecast.phantom_files import write_phantom
from command_line import Outcome, made_at, results, run_cli, succeed

NAMES = ("one", "two", "three")
OPTIONS = ("--method", "linear", "--horizon", "1", "--horizon", "0.5s")


@pytest.fixture(scope="module")
def sources(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of three phantoms, for reading only."""
    folder = tmp_path_factory.mktemp("sequences")
    for seed, name in enumerate(NAMES):
        settings = PhantomSettings(
            rows=32, columns=32, pixel_spacing_mm=(8, 8), frame_count=48, frame_period_s=0.25, seed=seed
        )
        write_phantom(folder / f"{name}.nii.gz", make_phantom(settings))
    return folder


@pytest.fixture(scope="module")
def finished(sources: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Outcome]:
    """A finished batch of them on a local cluster, and what it printed; for reading only."""
    out = tmp_path_factory.mktemp("cohort") / "runs"
    return out, run_cli("batch", sources, "--out", out, "--workers", "2", *OPTIONS)


@pytest.fixture
def cohort(finished: tuple[Path, Outcome], tmp_path: Path) -> Path:
    """A copy of the finished batch that a test may change."""
    return Path(shutil.copytree(finished[0], tmp_path / "runs"))


def test_a_batch_says_what_it_made_and_nothing_else(finished: tuple[Path, Outcome]) -> None:
    out, outcome = finished
    assert outcome.code == 0
    assert outcome.errors == ""
    assert outcome.output.splitlines() == [
        f"3 sequences: {3 * (4 + 3 * 5)} results made.",
        f"Scores: {out / 'summary.csv'}",
        f"Summary: {out / 'index.html'}",
    ]


def test_each_run_is_what_a_single_run_makes(finished: tuple[Path, Outcome], sources: Path, tmp_path: Path) -> None:
    succeed("run", sources / "two.nii.gz", "--out", tmp_path / "single", *OPTIONS)
    assert results(finished[0] / "two") == results(tmp_path / "single")


def test_the_summary_has_the_scores_of_all(finished: tuple[Path, Outcome]) -> None:
    def rows(file: Path) -> list[dict[str, str]]:
        with file.open(newline="") as stream:
            return list(csv.DictReader(stream))

    expected = [row for name in sorted(NAMES) for row in rows(finished[0] / name / "score" / "scores.csv")]
    assert rows(finished[0] / "summary.csv") == expected


def test_a_second_batch_has_nothing_to_do(cohort: Path) -> None:
    before = made_at(cohort)
    outcome = run_cli("batch", "--out", cohort, "--workers", "1")
    assert outcome.code == 0, outcome
    assert "3 sequences: nothing to do, all is up to date." in outcome.output
    after = made_at(cohort)
    changed = {name for name in after if after[name] != before.get(name)}
    assert changed <= {"batch.json", "batch.log", "logs/one.log", "logs/two.log", "logs/three.log", "logs/workers.log"}


def test_the_status_of_a_finished_cohort(finished: tuple[Path, Outcome]) -> None:
    printed = succeed("status", finished[0])
    assert all(
        f"│ {name:8s} │ done   │ done │ done   │ done     │ done │ done  │ done   │" in printed for name in NAMES
    )
    assert printed.splitlines()[-1] == "3 done"
