"""Landmarks on the disk read back as they were."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from cinecast.landmarks import Landmarks, summarise_landmarks
from cinecast.store.landmark_files import load_landmarks, save_landmarks
from cinecast.store.tables import read_table


@pytest.mark.parametrize("count", [0, 1, 3])
def test_landmarks_written_and_read_are_the_same(tmp_path: Path, rng: np.random.Generator, count: int) -> None:
    displacements, quality = rng.normal(size=(count, 7, 2)), rng.uniform(size=(count, 7))
    displacements[:, 3], quality[:, 3] = np.nan, np.nan
    names = tuple(f'the "{number}", far' for number in range(count))
    landmarks = Landmarks(names, rng.uniform(0, 50, (count, 2)), displacements, quality)
    summary = summarise_landmarks(landmarks, (2.0, 1.0), 4)
    save_landmarks(tmp_path, landmarks, summary, 0.2 * np.arange(7))
    back = load_landmarks(tmp_path, 7)
    assert back.names == names
    for one, other in (
        (back.positions, landmarks.positions),
        (back.displacements, displacements),
        (back.quality, quality),
    ):
        assert np.array_equal(one, other, equal_nan=True)
        assert one.shape == other.shape
    assert [row["kept"] for row in read_table(tmp_path / "landmarks.csv")] == [repr(6 / 7)] * count


def test_the_tables_say_rows_and_columns_in_their_own_columns(tmp_path: Path) -> None:
    landmarks = Landmarks(("a",), np.array([[3.0, 8.0]]), np.array([[[0.5, -1.0]]]), np.array([[0.9]]))
    save_landmarks(tmp_path, landmarks, summarise_landmarks(landmarks, (1.0, 1.0), 1), np.zeros(1))
    (place,) = read_table(tmp_path / "landmarks.csv")
    assert (place["row"], place["column"], place["quality"], place["kept"]) == ("8.0", "3.0", "0.9", "1.0")
    (track,) = read_table(tmp_path / "tracks.csv")
    assert track == {"name": "a", "frame": "0", "time_s": "0.0", "dx_px": "0.5", "dy_px": "-1.0", "quality": "0.9"}
