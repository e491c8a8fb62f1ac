"""What kind of image a DICOM frame is: its complex component, whether it is a scout, its echo, how it was prepared."""

from __future__ import annotations

from dataclasses import dataclass

from cinecast.frames.dicom.enhanced import Groups
from cinecast.frames.dicom.values import number_of, text_of, unless_odd

COMPONENTS = ("magnitude", "phase", "real", "imaginary")
_FIRST_LETTERS = {"M": "magnitude", "P": "phase", "R": "real", "I": "imaginary"}
_WORDS = {"PHASE": "phase", "VELOCITY": "phase", "REAL": "real", "IMAGINARY": "imaginary", "MAGNITUDE": "magnitude"}
# Private elements of GE: who made the block, and 0 to 3 by the order of `COMPONENTS`.
GE_CREATOR, GE_COMPONENT = 0x00430010, 0x0043102F


@dataclass(frozen=True)
class ImageKind:
    """What tells images of the same plane and series apart; None or empty where the file does not say.

    Parameters
    ----------
    component
        One of `COMPONENTS`.
    localizer
        Whether the image is there to plan others.
    image_type
        ImageType of the file or FrameType of the frame.
    echo
        Number of the echo, or its effective time in ms.
    echo_time
        Its time in ms, of files that say no effective one.
    flip_angle, inversion_time
        In degrees and ms.
    """

    component: str | None = None
    localizer: bool = False
    image_type: tuple[str, ...] = ()
    echo: float | None = None
    echo_time: float | None = None
    flip_angle: float | None = None
    inversion_time: float | None = None


def image_kind(groups: Groups) -> ImageKind:
    """Return the kind of one frame; what cannot be read of it counts as not said."""
    frame = groups.place("MRImageFrameTypeSequence", "FrameType")
    written = text_of(frame, "FrameType") or text_of(groups.dataset, "ImageType")
    parts = tuple(part.strip().upper() for part in written.split("\\")) if written else ()
    return ImageKind(
        component=_complex_component(groups) or _component_of_type(parts) or _component_of_ge(groups),
        localizer=any(part.startswith("LOCALI") for part in parts),
        image_type=parts,
        echo=_echo(groups),
        echo_time=unless_odd(lambda: number_of(groups.dataset, "EchoTime")),
        flip_angle=_timing(groups, "FlipAngle"),
        inversion_time=_timing(groups, "InversionTime"),
    )


def _complex_component(groups: Groups) -> str | None:
    keyword = "ComplexImageComponent"
    return _WORDS.get((text_of(groups.place("MRImageFrameTypeSequence", keyword), keyword) or "").upper())


def _component_of_type(image_type: tuple[str, ...]) -> str | None:
    """Return the component that an image type names: M, P, R, I, M_FFE, PHASE MAP ... from its third value on."""
    for part in image_type[2:]:
        first = part.replace("_", " ").split(" ")[0]
        if first in _FIRST_LETTERS or first in _WORDS:
            return _FIRST_LETTERS.get(first) or _WORDS[first]
    return None


def _component_of_ge(groups: Groups) -> str | None:
    # Images of GE name their component in an element of their own alone.
    if not (text_of(groups.dataset, GE_CREATOR) or "").startswith("GEMS_PARM_01"):
        return None
    number = unless_odd(lambda: int(groups.dataset[GE_COMPONENT].value))
    return COMPONENTS[number] if number is not None and 0 <= number < len(COMPONENTS) else None


def _echo(groups: Groups) -> float | None:
    keyword = "EffectiveEchoTime"
    time = groups.place("MREchoSequence", keyword).get(keyword)
    if time is not None:
        return unless_odd(lambda: round(float(time), 2))
    return unless_odd(lambda: number_of(groups.dataset, "EchoNumbers"))


def _timing(groups: Groups, keyword: str) -> float | None:
    place = groups.place("MRTimingAndRelatedParametersSequence", keyword)
    return unless_odd(lambda: number_of(place, keyword))
