"""Faulty frames have no motion of their own: the motion of the frame before is held, until a good frame comes."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cinecast.settings import FlowSettings

Field = NDArray[np.float32]


def held_frames(faults: Mapping[int, str], settings: FlowSettings) -> frozenset[int]:
    """Return the frames whose motion is not measured but held.

    Parameters
    ----------
    faults
        What is wrong with which frames, by their index.
    settings
        Settings of the flow, which say what becomes of them.

    Returns
    -------
    frozenset[int]
        All frames with a fault, or none where the settings have them measured like the others.
    """
    return frozenset(faults) if settings.faulty_frames == "held" else frozenset()


def hold(fields: Iterable[Field], held: Collection[int]) -> Iterator[Field]:
    """Yield a DVF for every frame, each held one that of the good frame before it.

    Those before the first good frame get its DVF: they lie in the train span, from which nothing is forecast.

    Parameters
    ----------
    fields
        DVFs of all frames in order, each of shape (H, W, 2), pixels; those of held frames are not used.
    held
        Indices of the held frames; not all of the train span.

    Yields
    ------
    Field
        Shape (H, W, 2), pixels, as many as came.
    """
    newest: Field | None = None
    waiting = 0
    for t, field in enumerate(fields):
        if t not in held:
            newest = field
        if newest is None:
            waiting += 1
            continue
        for _ in range(1 + waiting):
            yield newest
        waiting = 0


def without_held(dvf: NDArray[Any], held: Collection[int]) -> NDArray[Any]:
    """Return the DVFs that a motion model may be fitted to.

    Parameters
    ----------
    dvf
        DVFs of the train span, shape (T, H, W, 2), pixels.
    held
        Indices of held frames, of this and of later spans.

    Returns
    -------
    NDArray[Any]
        Those of all other frames, shape (T - held ones, H, W, 2); the array itself where none is held.
    """
    left_out = sorted(t for t in held if t < len(dvf))
    return np.delete(dvf, left_out, axis=0) if left_out else dvf
