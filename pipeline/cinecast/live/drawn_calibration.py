"""The frames that a mask may have been drawn on, in a stream that is yet to come: those of the calibration."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from cinecast.errors import ReadError
from cinecast.frames.complete import affine_with_spacing
from cinecast.live.calibration import Calibration
from cinecast.live.target_intake import Drawn
from cinecast.sequence import Sequence, Split


def drawn_on_calibration(
    name: str,
    calibration: Calibration,
    instances: Mapping[int, str],
    affine: NDArray[np.float64] | None,
    spacing_mm: tuple[float, float],
    spacing_origin: str,
) -> Drawn:
    """Return the frames of a calibration as a sequence.

    Parameters
    ----------
    name
        Of the stream.
    calibration
        What was learned from its first frames.
    instances
        `cinecast.frames.recording_digests.instance_digest` of these frames by their number in the stream.
    affine
        Map from (column, row, plane, 1) to patient RAS+ mm, or None.
    spacing_mm, spacing_origin
        Pixel spacing along (rows, columns) in mm, and where it comes from.

    Returns
    -------
    Drawn
        With their numbers in the stream.

    Raises
    ------
    ReadError
        If they are too few to make a sequence.
    """
    numbers, count = tuple(label.number for label in calibration.labels), len(calibration.frames)
    if count < 3:
        raise ReadError(f"a target needs a calibration of 3 frames or more, got {count}; give a longer --calibration")
    digests = tuple(instances.get(number, "") for number in numbers)
    sequence = Sequence(
        name=name,
        frames=calibration.frames,
        times_s=calibration.times_s,
        spacing_mm=spacing_mm,
        split=Split(2, 2, count),  # of which nothing is used
        affine=None if affine is None else affine_with_spacing(affine, spacing_mm),
        origins={"spacing_mm": spacing_origin},
        instances=digests if all(digests) else (),
    )
    return Drawn(sequence, numbers)
