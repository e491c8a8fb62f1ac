"""What landmarks of a user's own are off by, as they are and read otherwise, on a motion that is written by hand."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from cinecast.landmarks.landmarks import Landmarks
from cinecast.landmarks.summary import summarise_landmarks
from cinecast.run.given_places import given_place_doubts
from cinecast.sequence import Sequence, Split
from cinecast.settings.toml_file import build_settings
from cinecast.store import RunFolder
from cinecast.store import artifacts as art

Array = NDArray[np.float64]
T, H, W, FAULTY = 40, 30, 24, 17
ROWS_MM, COLUMNS_MM = 2.0, 3.5
# (x, y), pixels: far from the middle of the image, and from where rows and columns are the same.
PLACES = np.array([[4.0, 21.0], [6.0, 25.0], [3.0, 18.0], [8.0, 23.5]])


def motion(x: Array, y: Array, t: int) -> Array:
    """Return the motion of frame t at places, (..., 2), pixels, (x, y): linear, as what is between pixels then is."""
    swing = np.sin(t / 3)
    return swing * np.stack([0.3 + 0.05 * x - 0.02 * y, -0.5 + 0.08 * y + 0.01 * x], axis=-1)


# What became of a place (x, y) and its displacement in a list.
LISTED: dict[str, tuple[Callable[[Array], Array], Array]] = {
    "their rows counted from the last one": (lambda p: p * [1, -1] + [0, H - 1], np.diag([1.0, -1.0])),
    "their columns counted from the last one": (lambda p: p * [-1, 1] + [W - 1, 0], np.diag([-1.0, 1.0])),
    "their rows and columns counted from the last ones": (lambda p: np.array([W - 1, H - 1]) - p, -np.eye(2)),
    "their rows and columns exchanged": (lambda p: p[:, ::-1], np.eye(2)[::-1]),
}


def doubts(root: Path, places: Array, displacements: Array) -> list[str]:
    """Return what is said of landmarks in a run that holds this motion; in a faulty frame it is another one."""
    columns, rows = np.meshgrid(np.arange(W, dtype=np.float64), np.arange(H, dtype=np.float64))
    dvf = np.stack([motion(columns, rows, t) for t in range(T)])
    dvf[FAULTY] += 40
    frames = np.random.default_rng(0).integers(1, 99, (T, H, W))
    times_s, faults = np.asarray(0.25 * np.arange(T)), {FAULTY: "frozen"}
    sequence = Sequence("lung", frames, times_s, (ROWS_MM, COLUMNS_MM), Split(20, 25, T), faults=faults)
    settings = build_settings({"flow": {"reference": 0}, "landmarks": {"file": "/own.csv"}})
    names = tuple(f"p{i}" for i in range(len(places)))
    landmarks = Landmarks(names, places, displacements, np.ones(displacements.shape[:2]))
    with RunFolder(root / "run", "lung") as store:
        with store.commit(art.FLOW, "", {}) as folder:
            np.save(folder / "dvf.npy", dvf.astype(np.float32))
        with store.commit(art.LANDMARKS, "", {}) as folder:
            art.save_landmarks(folder, landmarks, summarise_landmarks(landmarks, sequence.spacing_mm, 20), times_s)
        assert given_place_doubts(store, sequence, settings, [art.FLOW]) == []
        return given_place_doubts(store, sequence, settings)


def true_tracks() -> Array:
    return np.stack([motion(*PLACES.T, t) for t in range(T)], axis=1)


@pytest.mark.parametrize("words", LISTED)
def test_the_reading_that_fits_is_said_with_mm_of_each_axis(words: str, tmp_path: Path) -> None:
    change, turn = LISTED[words]
    places, tracks = np.asarray(change(PLACES)), true_tracks() @ turn.T
    # What lies beyond the image, as rows beyond its columns do, has the motion of its edge.
    at = np.clip(places, 0, [W - 1, H - 1])
    measured = np.stack([motion(*at.T, t) for t in range(T)], axis=1)
    off_mm = np.linalg.norm((tracks - measured) * [COLUMNS_MM, ROWS_MM], axis=-1)
    off = np.delete(off_mm, FAULTY, axis=1).mean()
    assert doubts(tmp_path, places, tracks) == [
        f"the landmarks that were given are {off:.1f} mm off the measured motion, and 0.0 mm with {words}; check their "
        "list"
    ]


def test_landmarks_that_fit_are_not_doubted_nor_those_that_fit_no_better_otherwise(tmp_path: Path) -> None:
    assert doubts(tmp_path / "right", PLACES, true_tracks()) == []
    noise = np.random.default_rng(1).normal(0, 4, true_tracks().shape)
    assert doubts(tmp_path / "far_off", PLACES, true_tracks() + noise) == []
