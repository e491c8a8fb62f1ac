"""Landmarks of a live stream: found on the calibration frames as in a run, and followed in every frame since."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cinecast.landmarks import Landmarks, LandmarkTracker, find_landmarks
from cinecast.live.calibration import Calibration
from cinecast.settings import LandmarksSettings

Array = NDArray[np.float64]


class FollowedLandmarks:
    """Knows where landmarks are in a frame, from that frame and the reference frame alone.

    Parameters
    ----------
    landmarks
        The landmarks, with their tracks in the calibration frames.
    reference
        The reference frame, shape (H, W).
    spacing_mm
        Pixel spacing along (rows, columns) in mm.
    settings
        Sizes in mm, and what match is good enough.
    listed
        A user's own displacements, shape (N, T, 2), pixels, (x, y), by the number of the frame in the stream. They are
        taken as they are; in frames without any, landmarks are followed.
    """

    def __init__(
        self,
        landmarks: Landmarks,
        reference: NDArray[Any],
        spacing_mm: tuple[float, float],
        settings: LandmarksSettings,
        *,
        listed: Array | None = None,
    ) -> None:
        self.landmarks, self._listed = landmarks, listed
        places = np.rint(landmarks.positions).astype(np.int64)
        self._tracker = LandmarkTracker(reference, places, spacing_mm, settings)

    def displacements(self, frame: NDArray[Any], number: int, before: NDArray[Any] | None) -> Array:
        """Return where the landmarks are in a frame.

        Parameters
        ----------
        frame
            Grey values, shape (H, W).
        number
            How many frames of the stream came before it: the row of a user's list.
        before
            The frame that came before it; in one that only repeats it nothing is found, as in a run.

        Returns
        -------
        Array
            Shape (N, 2), pixels, (x = column, y = row), from the reference frame; NaN for one that was not found.
        """
        if self._listed is not None and np.isfinite(own := self._listed[:, number : number + 1]).any():
            return own[:, 0]
        if before is not None and np.array_equal(frame, before):
            return np.full_like(self.landmarks.positions, np.nan)
        return self._tracker(frame).displacements


def landmarks_to_follow(
    calibration: Calibration,
    spacing_mm: tuple[float, float],
    settings: LandmarksSettings,
    own: Landmarks | None = None,
) -> FollowedLandmarks:
    """Return the landmarks of a stream.

    Parameters
    ----------
    calibration
        What was learned from the first frames, which alone decide what is chosen.
    spacing_mm
        Pixel spacing along (rows, columns) in mm.
    settings
        As for the stage of a run.
    own
        A user's own, which are taken instead.

    Returns
    -------
    FollowedLandmarks
        With the tracks of the calibration frames; none where nothing is good enough.
    """
    frames, reference = calibration.frames, calibration.reference
    if own is None:
        number, held = calibration.reference_index, calibration.held
        found = find_landmarks(frames, spacing_mm, number, len(frames), settings, faulty=held)
        return FollowedLandmarks(found, reference, spacing_mm, settings)
    numbers = [label.number for label in calibration.labels]
    marked = replace(own, displacements=own.displacements[:, numbers], quality=own.quality[:, numbers])
    return FollowedLandmarks(marked, reference, spacing_mm, settings, listed=own.displacements)
