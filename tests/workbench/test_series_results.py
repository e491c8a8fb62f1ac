"""The scores of a series as Python takes them."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest

import cinecast
from cinecast.errors import StoreError
from helpers.command_line import succeed


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("series")
    np.savez(folder / "wave.npz", series=np.sin(np.arange(200) / 5), rate_hz=10.0)
    succeed("series", folder / "wave.npz", "--out", folder / "out", "--method", "rls", "--horizon", "3")
    return folder / "out"


def test_scores_are_numbers(finished: Path) -> None:
    rows = cinecast.series_scores(finished)
    (rmse,) = [row for row in rows if (row["method"], row["metric"]) == ("rls", "rmse")]
    assert (rmse["horizon_frames"], rmse["horizon_s"], rmse["runs"]) == (3, 0.3, 1)
    assert 0 < rmse["value"] < 0.1
    assert math.isnan(rmse["half_range_95"])


def test_another_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="a series must be a folder that 'cinecast series' made, got"):
        cinecast.series_scores(tmp_path)


def test_a_damaged_table_is_refused(finished: Path, tmp_path: Path) -> None:
    (tmp_path / "run.json").write_bytes((finished / "run.json").read_bytes())
    (tmp_path / "scores.csv").write_text("horizon_frames\nthree\n")
    with pytest.raises(StoreError, match=r"scores\.csv of a series must be as it was written"):
        cinecast.series_scores(tmp_path)
