"""A phantom with faulty frames in its train, validation and test span, and what is wrong with which of them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from cinecast.phantom import Phantom

# By the index of the frame; the spans are 20 frames each.
FAULTS = {
    4: "frozen",
    9: "nearly black",
    10: "nearly black",
    24: "upside down",
    45: "mirrored",
    48: "frozen",
    52: "turned by half a turn",
}
FAULTS_TEXT = (
    "frames 4, 48 frozen; frames 9, 10 nearly black; frame 24 upside down; frame 45 mirrored; "
    "frame 52 turned by half a turn"
)


def with_faults(phantom: Phantom) -> Phantom:
    """Return a phantom of 60 frames with the frames of `FAULTS` made faulty."""
    good = phantom.sequence.frames
    frames = good.copy()
    frames[[9, 10]] = np.random.default_rng(0).integers(0, 3, (2, *good.shape[1:]))
    frames[4], frames[48] = good[3], good[47]
    frames[24], frames[45], frames[52] = good[24, ::-1], good[45, :, ::-1], good[52, ::-1, ::-1]
    return replace(phantom, sequence=replace(phantom.sequence, frames=frames))
