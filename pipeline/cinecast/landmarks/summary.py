"""What is said of landmarks: how often each is found, how well, and how far it moves."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from cinecast.landmarks.choosing import judge
from cinecast.landmarks.landmarks import Landmarks

# A mean over landmarks hides that some of them hardly move.
FAR_MM = 5.0


class LandmarkSummary(NamedTuple):
    """One number of each landmark.

    Parameters
    ----------
    quality
        Shape (N,), mean normalised cross-correlation; NaN where there is none.
    amplitude_mm
        Shape (N,), 5th to 95th percentile range in the train span, along rows and columns together.
    kept
        Shape (N,), share of all frames in which it was found well enough.
    """

    quality: NDArray[np.float64]
    amplitude_mm: NDArray[np.float64]
    kept: NDArray[np.float64]

    @property
    def sentence(self) -> str:
        """How many there are, how often they are found and how far they move."""
        if not len(self.kept):
            return "no landmark is good enough: nothing independent of the flow says how good it is"
        far = int((self.amplitude_mm >= FAR_MM).sum())
        return (
            f"{len(self.kept)} landmark(s), found in {100 * self.kept.mean():.0f} % of the frames, moving "
            f"{self.amplitude_mm.mean():.1f} mm on average, {far} of them {FAR_MM:.0f} mm or more"
        )


def summarise_landmarks(landmarks: Landmarks, spacing_mm: tuple[float, float], train_end: int) -> LandmarkSummary:
    """Return what is said of landmarks.

    Parameters
    ----------
    landmarks
        The landmarks with their tracks.
    spacing_mm
        Distance of pixel centres along (rows, columns).
    train_end
        Number of frames of the train span, over which the amplitude is taken.

    Returns
    -------
    LandmarkSummary
        Of each landmark.
    """
    quality = [row[np.isfinite(row)] for row in landmarks.quality]
    return LandmarkSummary(
        np.array([row.mean() if len(row) else np.nan for row in quality], dtype=np.float64),
        judge(landmarks.displacements[:, :train_end], spacing_mm).amplitude_mm,
        np.isfinite(landmarks.displacements[..., 0]).mean(axis=1),
    )
