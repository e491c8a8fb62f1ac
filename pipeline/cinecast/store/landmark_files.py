"""The files of landmarks: one table of the landmarks, one of their places in all frames."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from cinecast.store.tables import read_number_columns, read_table, write_table

if TYPE_CHECKING:
    from cinecast.landmarks import Landmarks, LandmarkSummary


def save_landmarks(folder: Path, landmarks: Landmarks, summary: LandmarkSummary, times_s: NDArray[np.float64]) -> None:
    """Write landmarks; what is NaN becomes an empty cell.

    Parameters
    ----------
    folder
        An existing folder, given by `cinecast.store.RunFolder.commit`.
    landmarks
        Places and tracks of N landmarks over T frames.
    summary
        What is said of each of them.
    times_s
        Time of each frame in s, shape (T,).
    """
    x, y = landmarks.positions.T.tolist()
    numbers = (column.tolist() for column in summary)
    columns = ["name", "row", "column", "quality", "amplitude_mm", "kept"]
    write_table(folder / "landmarks.csv", columns, zip(landmarks.names, y, x, *numbers, strict=True))
    times = times_s.tolist()
    rows = (
        (name, t, times[t], *place, quality)
        for name, track, qualities in zip(landmarks.names, landmarks.displacements, landmarks.quality, strict=True)
        for t, (place, quality) in enumerate(zip(track.tolist(), qualities.tolist(), strict=True))
    )
    write_table(folder / "tracks.csv", ["name", "frame", "time_s", "dx_px", "dy_px", "quality"], rows)


def load_landmarks(folder: Path, frame_count: int) -> Landmarks:
    """Read landmarks back.

    Parameters
    ----------
    folder
        Folder of the artifact.
    frame_count
        Number T of frames of the sequence.

    Returns
    -------
    Landmarks
        The same as were written, to the bit.
    """
    from cinecast.landmarks import Landmarks

    places = read_table(folder / "landmarks.csv")
    positions = [(float(place["column"]), float(place["row"])) for place in places]
    cells = read_number_columns(folder / "tracks.csv", ("dx_px", "dy_px", "quality"))
    tracks = cells.reshape(len(places), frame_count, 3)
    return Landmarks(
        tuple(place["name"] for place in places),
        np.array(positions, dtype=np.float64).reshape(-1, 2),
        np.ascontiguousarray(tracks[..., :2]),
        np.ascontiguousarray(tracks[..., 2]),
    )
