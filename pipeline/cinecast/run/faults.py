"""What is said of the frames of a run that its flow cannot be right for."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import NamedTuple

from cinecast.flow.pyramid import unexplained_advice
from cinecast.flow.unexplained_limit import unexplained_frames
from cinecast.frames.brightness import LARGEST_TRUSTED_SPREAD, brightness_spread, clipped_frames
from cinecast.frames.frame_faults import faults_text, frames_text
from cinecast.motion.held import held_frames
from cinecast.sequence import Sequence
from cinecast.settings import FlowSettings
from cinecast.store import artifacts as art

_LOG = logging.getLogger(__name__)

# So many spans of frames are named; a list of dozens hides the rest of what is said.
_MOST_SPANS = 8
# What becomes of one faulty frame, and of several.
_BECOMES = {
    "held": (
        "its motion is that of the frame before, nothing is learned from it and it is not scored",
        "theirs is the motion of the frame before, nothing is learned from them and they are not scored",
    ),
    "measured": (
        'it is taken like all others, as flow.faulty_frames = "measured" asks',
        'they are taken like all others, as flow.faulty_frames = "measured" asks',
    ),
}


class Said(NamedTuple):
    """One sentence, and in words all the frames that it speaks of, where it names only some of them."""

    sentence: str
    all_frames: str = ""


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
    said = [*_of_faults(sequence, settings), *_of_brightness(sequence, settings), *_of_clipping(sequence)]
    return [each.sentence for each in said]


def flow_warnings(sequence: Sequence, settings: FlowSettings, unexplained: tuple[int, ...]) -> list[Said]:
    """Return what is to be known of the frames of a run that has its flow, but for their brightness.

    Parameters
    ----------
    sequence
        The sequence with its faults.
    settings
        Settings of the flow.
    unexplained
        Indices of the frames that the flow does not explain.

    Returns
    -------
    list[Said]
        On faulty frames, grey values that are cut off and frames that are not explained.
    """
    own = _of_unexplained(sequence, settings, list(unexplained))
    return [*_of_faults(sequence, settings), *_of_clipping(sequence), *own]


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


def unexplained_in(folder: Path, sequence: Sequence, settings: FlowSettings) -> tuple[int, ...]:
    """Return the frames that the flow of a run does not explain, by the train span that the sequence has now.

    Parameters
    ----------
    folder
        Holds the flow, which may have been made when the train span was another.
    sequence, settings
        The sequence, and the settings of its flow.

    Returns
    -------
    tuple[int, ...]
        Their indices, ascending.
    """
    shares = art.load_unexplained(folder)
    held = held_frames(sequence.faults, settings)
    return tuple(unexplained_frames(shares, sequence.split.train_end, held)) if len(shares) else ()


def warn_of_flow(folder: Path, sequence: Sequence, settings: FlowSettings) -> None:
    """Warn of the frames that the flow in a folder does not explain.

    Parameters
    ----------
    folder, sequence, settings
        As `unexplained_in` takes them.
    """
    warn_of_unexplained(sequence, settings, list(unexplained_in(folder, sequence, settings)))


def warn_of_unexplained(sequence: Sequence, settings: FlowSettings, frames: list[int]) -> None:
    """Name the frames whose motion the flow has not caught, with what can help.

    Parameters
    ----------
    sequence
        The sequence.
    settings
        Settings of the flow: whose motion it is, and whether its pyramid can have more levels.
    frames
        Their indices, from `cinecast.flow.unexplained_limit.unexplained_frames`.
    """
    _warn(sequence, _of_unexplained(sequence, settings, frames))


def _warn(sequence: Sequence, said: list[Said]) -> None:
    for each in said:
        _LOG.warning("%s: %s", sequence.name, each.sentence)


def _of_faults(sequence: Sequence, settings: FlowSettings) -> list[Said]:
    if not sequence.faults:
        return []
    named, every = faults_text(sequence.faults, most=_MOST_SPANS), faults_text(sequence.faults)
    becomes = _BECOMES[settings.faulty_frames][len(sequence.faults) > 1]
    words = f"{named}: {becomes}{_in_test_span(sequence, list(sequence.faults))}"
    said = [Said(words, every if named != every else "")]
    reference = settings.reference
    if reference != "auto" and reference in sequence.faults:
        said.append(
            Said(
                f"the reference frame, flow.reference = {reference}, is itself {sequence.faults[reference]}: motion is "
                "measured from it; choose another"
            )
        )
    return said


def _of_brightness(sequence: Sequence, settings: FlowSettings) -> list[Said]:
    spread = brightness_spread(sequence.frames, held_frames(sequence.faults, settings))
    if not (settings.takes_brightness_for_motion and spread > LARGEST_TRUSTED_SPREAD):
        return []
    return [
        Said(
            f"the brightness of whole frames varies by {100 * spread:.0f} %, which this flow takes for motion, above "
            "all at strong edges: trust errors in mm only where you have seen the motion to be right; with "
            'flow.arithmetic = "unit_free" and flow.normalisation = 10 brightness moves nothing'
        )
    ]


def _of_clipping(sequence: Sequence) -> list[Said]:
    clipped = clipped_frames(sequence.frames, sequence.faults)
    if not clipped:
        return []
    return [
        _of_frames(
            sequence,
            clipped,
            "the brightest grey values of",
            " are cut off: many pixels share the largest one, and no motion is seen there; export the sequence again "
            "without a grey window",
        )
    ]


def _of_unexplained(sequence: Sequence, settings: FlowSettings, frames: list[int]) -> list[Said]:
    if not frames:
        return []
    subject = "the DVFs that were given do not explain" if settings.dvf else "the flow does not explain"
    which = "they are" if len(frames) > 1 else "this one is"
    found = f"brought back onto the reference frame, {which} far less like it than the others"
    return [
        _of_frames(sequence, frames, subject, f": {found}; {unexplained_advice(sequence.frames.shape[1:], settings)}")
    ]


def _of_frames(sequence: Sequence, frames: list[int], subject: str, rest: str) -> Said:
    """Return a sentence that names frames after its subject."""
    named, every = frames_text(frames, most=_MOST_SPANS), frames_text(frames)
    counted = f"{len(frames)} of {len(sequence.frames)} frames ({named}{_in_test_span(sequence, frames)})"
    return Said(f"{subject} {counted}{rest}", every if named != every else "")


def _in_test_span(sequence: Sequence, frames: list[int]) -> str:
    count = sum(t in sequence.split.test_frames for t in frames)
    if not count:
        return ""
    if len(frames) == 1:
        return ", in the test span"
    return f"; {count} of them in the test span"
