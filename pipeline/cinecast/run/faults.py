"""What is said of the frames of a run that its flow cannot be right for."""

from __future__ import annotations

import logging

from cinecast.frames.brightness import LARGEST_TRUSTED_SPREAD, brightness_spread, clipped_frames
from cinecast.frames.frame_faults import faults_text, frames_text
from cinecast.sequence import Sequence
from cinecast.settings import FlowSettings

_LOG = logging.getLogger(__name__)

# So many spans of frames are named; a list of dozens hides the rest of what is said.
_MOST_SPANS = 8
_BECOMES = {
    "held": "theirs is the motion of the frame before, nothing is learned from them and they are not scored",
    "measured": 'they are taken like all others, as flow.faulty_frames = "measured" asks',
}


def frame_warnings(sequence: Sequence, settings: FlowSettings) -> list[str]:
    """Return what is to be known of the frames of a sequence before errors in mm are believed, one sentence each.

    Parameters
    ----------
    sequence
        The sequence with its faults.
    settings
        Settings of the flow: the reference frame, what becomes of faulty frames, whether brightness counts as motion.

    Returns
    -------
    list[str]
        On faulty frames, brightness and grey values that are cut off; empty where there is nothing to say.
    """
    return [*_of_faults(sequence, settings), *_of_brightness(sequence, settings), *_of_clipping(sequence)]


def warn_of_faults(sequence: Sequence, settings: FlowSettings) -> None:
    """Name the faulty frames of a sequence, and the reference frame once more where it is one of them.

    Parameters
    ----------
    sequence
        The sequence with its faults.
    settings
        Settings of the flow: the reference frame, and what becomes of faulty frames.
    """
    _warn(sequence, _of_faults(sequence, settings))


def warn_of_brightness(sequence: Sequence, settings: FlowSettings) -> None:
    """Say that the brightness of frames varies where the flow takes that for motion.

    Parameters
    ----------
    sequence
        The sequence.
    settings
        Settings of the flow.
    """
    _warn(sequence, _of_brightness(sequence, settings))


def warn_of_clipping(sequence: Sequence) -> None:
    """Name the good frames whose brightest pixels were cut off.

    Parameters
    ----------
    sequence
        The sequence with its faults.
    """
    _warn(sequence, _of_clipping(sequence))


def _warn(sequence: Sequence, sentences: list[str]) -> None:
    for sentence in sentences:
        _LOG.warning("%s: %s", sequence.name, sentence)


def _of_faults(sequence: Sequence, settings: FlowSettings) -> list[str]:
    if not sequence.faults:
        return []
    said = [f"{faults_text(sequence.faults, most=_MOST_SPANS)}: {_BECOMES[settings.faulty_frames]}"]
    reference = settings.reference
    if reference != "auto" and reference in sequence.faults:
        said.append(
            f"the reference frame, flow.reference = {reference}, is itself {sequence.faults[reference]}: motion is "
            "measured from it; choose another"
        )
    return said


def _of_brightness(sequence: Sequence, settings: FlowSettings) -> list[str]:
    spread = brightness_spread(sequence.frames)
    if not (settings.takes_brightness_for_motion and spread > LARGEST_TRUSTED_SPREAD):
        return []
    return [
        f"the brightness of whole frames varies by {100 * spread:.0f} %, which this flow takes for motion, above all "
        "at strong edges: trust errors in mm only where you have seen the motion to be right; with flow.arithmetic = "
        '"unit_free" and flow.normalisation = 10 brightness moves nothing'
    ]


def _of_clipping(sequence: Sequence) -> list[str]:
    clipped = clipped_frames(sequence.frames, sequence.faults)
    if not clipped:
        return []
    return [
        f"the brightest grey values of {len(clipped)} of {len(sequence.frames)} frames "
        f"({frames_text(clipped, most=_MOST_SPANS)}) are cut off: many pixels share the largest one, and no motion is "
        "seen there; export the sequence again without a grey window"
    ]


def warn_of_unexplained(sequence: Sequence, frames: list[int]) -> None:
    """Name the frames whose motion the flow has not caught.

    Parameters
    ----------
    sequence
        The sequence.
    frames
        Their indices, from `cinecast.flow.unexplained.unexplained_frames`.
    """
    if frames:
        _LOG.warning(
            "%s: the flow does not explain %d of %d frames (%s): brought back onto the reference frame, they are far "
            "less like it than the others; where motion is too large for the pyramid a larger flow.levels helps, where "
            "tissue leaves the plane nothing does",
            sequence.name,
            len(frames),
            len(sequence.frames),
            frames_text(frames, most=_MOST_SPANS),
        )
