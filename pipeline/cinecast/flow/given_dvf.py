"""DVFs that a user gives in the place of the flow: whether they bring frames back onto the reference frame.

Nothing in a file says which way its vectors lead, in which unit, and along which axes. The frames do: pulled back along
right vectors they are nearer to the reference frame than as they are, and no other reading of the vectors is better.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cinecast.errors import ReadError
from cinecast.flow.normalisation import normalise
from cinecast.flow.registration import pulled_inside

Double = NDArray[np.float64]

# Brightness is no motion: frames are compared without their local mean and deviation, taken over so many pixels.
NORMALISATION_PX = 10.0
# At most so many frames of the train span are pulled back, evenly spaced.
MOST_FRAMES = 32
# What is left of the difference must be less by this share of what there was.
LEAST_GAIN = 0.02
# Another reading of the vectors is the likely one where it leaves less by this share, and in most of the frames.
CLEAR_GAIN, MOST = 0.05, 0.7
# A frame has not moved against itself, but for what an interpolation leaves, in pixels.
LARGEST_OWN_PX = 0.25
# Nor more than this, in pixels, where the vectors of another frame are so many times shorter: that one is it.
LEAST_OWN_PX, TIMES_SHORTER = 0.02, 4

# What vectors of any file may have been meant as: what turns (x, y) as it was read into (x, y) as it was meant.
READINGS: Mapping[str, Double] = {
    "vectors of the other sign or direction (they must lead from the reference frame to the frame)": -np.eye(2),
    "vectors with x and y swapped (x, along the columns, comes first)": np.array([[0.0, 1.0], [1.0, 0.0]]),
    "vectors with x of the other sign (x grows with the column)": np.diag([-1.0, 1.0]),
    "vectors with y of the other sign (y grows with the row)": np.diag([1.0, -1.0]),
    "vectors of half their length (as if they were in pixels of half the size)": np.eye(2) / 2,
    "vectors of twice their length (as if they were in pixels of twice the size)": 2 * np.eye(2),
}
_Turn = Callable[[Double], Double]


def _half_turn(field: Double) -> Double:
    return field[::-1, ::-1]


def _exchanged(field: Double) -> Double:
    return field.transpose(1, 0, 2)


# The same of the places of vectors: how the rows and columns of a field are turned, and its vectors (x, y) with them.
_GRIDS: Mapping[str, tuple[_Turn, Double]] = {
    "fields with the last row first (row 0 is that of the frames)": (np.flipud, np.eye(2)),
    "fields with the last row first and y of the other sign (both are those of the frames)": (
        np.flipud,
        np.diag([1.0, -1.0]),
    ),
    "fields with the last column first (column 0 is that of the frames)": (np.fliplr, np.eye(2)),
    "fields with the last column first and x of the other sign (both are those of the frames)": (
        np.fliplr,
        np.diag([-1.0, 1.0]),
    ),
    "fields with the last row and column first (row 0 and column 0 are those of the frames)": (_half_turn, np.eye(2)),
    "fields turned by half a turn, vectors and all (row 0, column 0 and signs are those of the frames)": (
        _half_turn,
        -np.eye(2),
    ),
    "fields with rows and columns exchanged (rows come first)": (_exchanged, np.eye(2)),
    "fields with rows and columns exchanged, and x and y with them (rows come first, and x before y)": (
        _exchanged,
        np.array([[0.0, 1.0], [1.0, 0.0]]),
    ),
}
# The same of time: by how many places the DVF of a frame lies later.
_SHIFTS = {
    "those of the frames after (each must stand at the place of its own frame)": -1,
    "those of the frames before (each must stand at the place of its own frame)": 1,
}


def check_given_dvf(
    frames: NDArray[Any],
    dvf: NDArray[Any],
    reference: int,
    readings: Mapping[str, Double],
    left_out: Collection[int] = (),
) -> None:
    """Check that DVFs bring the frames of the train span back onto the reference frame, better than if read otherwise.

    Parameters
    ----------
    frames
        Frames of the train span only, shape (train_end, H, W), in any unit.
    dvf
        Their DVFs, shape (train_end, H, W, 2), pixels, last axis (x = column, y = row).
    reference
        Index of the reference frame among them.
    readings
        What the vectors may have been meant as, in words, beside `READINGS`: a matrix (2, 2) that turns each as it was
        read into what it was meant to be.
    left_out
        Indices of faulty frames, which say nothing.

    Raises
    ------
    ReadError
        If the reference frame has moved against itself, the frames are no nearer, or another reading brings them much
        nearer: then the sentence names it.
    """
    _check_reference(dvf, reference)
    compared = _compared(len(dvf), reference, left_out)
    target = normalise(frames[reference], NORMALISATION_PX)
    pulled = [normalise(frames[t], NORMALISATION_PX) for t in compared]

    def left(matrix: Double, late: int = 0, turn: _Turn = np.asarray, most: float = np.inf) -> Double:
        """Return what is left of the difference of each frame when its vectors are read otherwise.

        From where that is more than ``most`` in all, it is infinite.
        """
        found = np.full(len(compared), np.inf)
        for i, (t, frame) in enumerate(zip(compared, pulled, strict=True)):
            field = turn(np.asarray(dvf[min(max(t + late, 0), len(dvf) - 1)], np.float64)) @ matrix.T
            found[i] = _difference(target, frame, field)
            if found[: i + 1].sum() > most:
                break
        return found

    unmoved, given = left(np.zeros((2, 2))), left(np.eye(2))
    # One that leaves more cannot be clearly better; the sum has its own rounding.
    most = (float(given.sum()) - CLEAR_GAIN * float(unmoved.sum())) * (1 + 1e-9)
    others = {words: left(matrix, most=most) for words, matrix in _distinct(readings).items()}
    others |= {words: left(np.eye(2), late, most=most) for words, late in _SHIFTS.items()}
    square = dvf.shape[1] == dvf.shape[2]
    grids = {words: of for words, of in _GRIDS.items() if square or of[0] is not _exchanged}
    others |= {words: left(matrix, turn=turn, most=most) for words, (turn, matrix) in grids.items()}
    best = min(others, key=lambda words: float(others[words].sum()))
    if _clearly_better(others[best], given, unmoved):
        raise ReadError(
            f"DVFs (--dvf) must bring frames back onto the reference frame {reference}, got ones that do so "
            f"much better if read as {best}; write them in the convention that docs/dvf.md has"
        )
    if float(given.sum()) > (1 - LEAST_GAIN) * float(unmoved.sum()):
        raise ReadError(
            f"DVFs (--dvf) must bring frames back onto the reference frame {reference}, got ones that bring "
            f"{int((given >= unmoved).sum())} of {len(compared)} frames of the train span no nearer; check that they "
            "belong to this sequence, to its frames in their order and to this reference frame (--dvf-reference)"
        )


def _clearly_better(other: Double, given: Double, unmoved: Double) -> bool:
    """Return whether another reading leaves clearly less of the differences of the frames, and in most of them."""
    total = float(unmoved.sum())
    nearer, share = float(given.sum() - other.sum()), float((other < given).mean())
    return nearer > CLEAR_GAIN * total and share > MOST and float(other.sum()) < total


def _check_reference(dvf: NDArray[Any], reference: int) -> None:
    lengths = [float(np.hypot(field[..., 0], field[..., 1]).mean()) for field in dvf]
    likely, own = int(np.argmin(lengths)), lengths[reference]
    if own > LARGEST_OWN_PX or own > max(LEAST_OWN_PX, TIMES_SHORTER * lengths[likely]):
        advice = f"give --dvf-reference {likely}, whose vectors are the shortest" if likely != reference else "check it"
        raise ReadError(
            f"the DVF of the reference frame must be 0, got vectors of {own:.2g} pixels on average in "
            f"frame {reference} (--dvf-reference); {advice}"
        )


def _compared(count: int, reference: int, left_out: Collection[int]) -> list[int]:
    good = [t for t in range(count) if t != reference and t not in left_out]
    if not good:
        raise ReadError(
            "DVFs (--dvf) must be checked on a good frame of the train span beside the reference frame, got none; "
            "lengthen the train span (frames.train_end)"
        )
    return [good[round(place)] for place in np.linspace(0, len(good) - 1, min(MOST_FRAMES, len(good)))]


def _distinct(readings: Mapping[str, Double]) -> dict[str, Double]:
    """Return all readings that differ from the vectors as they are; those that are the same go by both their words."""
    found: dict[tuple[float, ...], str] = {}
    for words, matrix in {**READINGS, **readings}.items():
        key = tuple(np.round(matrix, 2).ravel() + 0.0)
        found[key] = f"{found[key]}, or {words}" if key in found else words
    found.pop(tuple(np.eye(2).ravel()), None)
    return {words: np.array(key).reshape(2, 2) for key, words in found.items()}


def _difference(target: NDArray[Any], frame: NDArray[Any], dvf: Double) -> float:
    return float(np.square(target - pulled_inside(frame, dvf)).mean())
