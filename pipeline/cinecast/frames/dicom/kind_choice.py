"""Choice of the frames of one kind among those of a DICOM series: magnitude by default, and no scouts.

A series may hold magnitude and phase of the same moments, several echoes, scouts, or frames that prepare the others.
Together they are no sequence.
"""

from __future__ import annotations

import logging
import math
from collections import Counter
from collections.abc import Sequence as SequenceOf
from dataclasses import dataclass, fields, replace

from cinecast.errors import ReadError, SettingsError
from cinecast.frames.dicom.header import FrameHeader
from cinecast.frames.dicom.kinds import COMPONENTS, ImageKind
from cinecast.frames.dicom.planes import split_planes
from cinecast.frames.source import listing

_LOG = logging.getLogger(__name__)

# Frames of other kinds that are so few of all belong to the preparation of the others.
_FEW = 0.1
# Echo times in ms that are this near are those of one echo: planes in turn have times that differ by hundredths.
_SAME_ECHO_MS = 0.3
# With more values than these a fact is one of single frames, and parts no kinds.
_MOST_VALUES = 6
_NAMES = {"echo": "echo", "echo_time": "echo time", "flip_angle": "flip angle", "inversion_time": "inversion time"}


@dataclass(frozen=True)
class KindFrames:
    """The frames of one kind.

    Parameters
    ----------
    kind
        With the facts alone by which kinds of the series differ.
    headers
        Its frames, in the order they were given.
    """

    kind: ImageKind
    headers: tuple[FrameHeader, ...]

    @property
    def name(self) -> str:
        """The kind in words: ``magnitude, echo 2``."""
        kind = self.kind
        words = ["localizer"] if kind.localizer else []
        words += [kind.component] if kind.component else []
        words += [f"{name} {getattr(kind, key):g}" for key, name in _NAMES.items() if getattr(kind, key) is not None]
        words += [f"image type {'/'.join(kind.image_type)}"] if kind.image_type else []
        return ", ".join(words) or "unknown kind"

    def __str__(self) -> str:
        return f"{self.name}, {len(self.headers)} frame(s)"


def split_kinds(headers: SequenceOf[FrameHeader]) -> list[KindFrames]:
    """Return the frames of a series by kind: magnitude before phase, scouts last, then by echo, then the larger first.

    Facts that some frames lack, or that change from frame to frame, part none. A frame that names no component is taken
    for a magnitude image.
    """
    own = _with_one_time_an_echo([header.kind for header in headers])
    parting = _parting_facts(own)
    if "echo_time" in parting and _one_echo_a_plane(headers, own):
        parting.remove("echo_time")  # planes in turn, each with a time of its own
    groups: dict[ImageKind, list[FrameHeader]] = {}
    for header, kind in zip(headers, own, strict=True):
        groups.setdefault(_reduced(kind, parting), []).append(header)
    return sorted((KindFrames(kind, tuple(members)) for kind, members in groups.items()), key=_rank)


def select_kind(headers: SequenceOf[FrameHeader], wanted: str | None) -> KindFrames:
    """Return what `chosen_kind` does; what is left out is said.

    Parameters
    ----------
    headers
        Frames of one series.
    wanted
        As `chosen_kind` takes it.

    Returns
    -------
    KindFrames
        Its frames, in the order given.

    Raises
    ------
    ReadError
        If there is no such kind, or several are left.
    """
    chosen = chosen_kind(headers, wanted)
    if wanted is None and len(chosen.headers) < len(headers):
        _LOG.warning(
            "the series has several kinds of image: %s is taken, and left out is %s; --kind takes another",
            chosen,
            listing([str(kind) for kind in split_kinds(headers) if kind.kind != chosen.kind]),
        )
    return chosen


def chosen_kind(headers: SequenceOf[FrameHeader], wanted: str | None) -> KindFrames:
    """Return the frames of the kind that `wanted` names.

    Parameters
    ----------
    headers
        Frames of one series.
    wanted
        A component (``phase``), or the index of a kind in the order of `split_kinds`. None for magnitude, without
        scouts, at the first echo, and without the few frames that prepare the others.

    Returns
    -------
    KindFrames
        Its frames, in the order given.

    Raises
    ------
    ReadError
        If there is no such kind, or several are left.
    """
    kinds = split_kinds(headers)
    if len(kinds) == 1 and wanted is None:
        return kinds[0]
    candidates = _wanted(kinds, wanted)
    chosen = candidates[0] if len(candidates) == 1 else _leading(candidates)
    if chosen is None:
        raise ReadError(
            f"one kind of image must be chosen where a series has several, got {_listed(kinds)}; choose one with "
            "--kind: its number, or magnitude, phase, real or imaginary"
        )
    return chosen


def watched_kind(wanted: str | None) -> str:
    """Return the component that a watched folder is asked for.

    Raises
    ------
    SettingsError
        If a kind is chosen by number: kinds can be counted only once all frames are there.
    """
    name = "magnitude" if wanted is None else wanted.strip().casefold()
    if name not in COMPONENTS:
        raise SettingsError(
            f"--kind must be one of {', '.join(COMPONENTS)} where a folder is watched, got {wanted!r}; kinds can be "
            "counted only once all are there"
        )
    return name


def _wanted(kinds: SequenceOf[KindFrames], wanted: str | None) -> list[KindFrames]:
    if wanted is None:
        images = [kind for kind in kinds if not kind.kind.localizer] or list(kinds)
        return [kind for kind in images if kind.kind.component in (None, "magnitude")] or images
    name = wanted.strip().casefold()
    if name.isdecimal() and int(name) < len(kinds):
        return [kinds[int(name)]]
    components = {_component(kind.headers[0].kind) for kind in kinds}
    named = [kind for kind in kinds if _component(kind.headers[0].kind) == name]
    if name not in COMPONENTS or not named:
        raise ReadError(
            f"--kind must name a kind of image that the series has, {_listed(kinds)}, got {wanted!r}; give its number"
            f" or {' or '.join(sorted(components))}"
        )
    return [kind for kind in named if not kind.kind.localizer] or named


def _leading(candidates: SequenceOf[KindFrames]) -> KindFrames | None:
    """Return the one that the others only prepare, or the first echo of several; None where neither can be told."""
    largest = max(candidates, key=lambda kind: len(kind.headers))
    total = sum(len(kind.headers) for kind in candidates)
    if total - len(largest.headers) <= _FEW * total:
        return largest
    if len({replace(kind.kind, echo=None, echo_time=None) for kind in candidates}) == 1:
        return candidates[0]
    return None


def _with_one_time_an_echo(kinds: SequenceOf[ImageKind]) -> SequenceOf[ImageKind]:
    """Return the kinds with the first of the echo times that are as near to each other as those of one echo."""
    echoes: dict[float, float] = {}
    last = -math.inf
    for time in sorted({kind.echo_time for kind in kinds if kind.echo_time is not None}):
        echoes[time] = echoes[last] if time - last <= _SAME_ECHO_MS else time
        last = time
    if all(time == echo for time, echo in echoes.items()):
        return kinds
    return [kind if kind.echo_time is None else replace(kind, echo_time=echoes[kind.echo_time]) for kind in kinds]


def _one_echo_a_plane(headers: SequenceOf[FrameHeader], kinds: SequenceOf[ImageKind]) -> bool:
    echoes = {(header.path, header.index): kind.echo_time for header, kind in zip(headers, kinds, strict=True)}
    planes = [{echoes[header.path, header.index] for header in plane.headers} for plane in split_planes(headers)]
    return all(len(each) == 1 for each in planes)


def _parting_facts(kinds: SequenceOf[ImageKind]) -> list[str]:
    parting = ["localizer"]
    if len({_component(kind) for kind in kinds}) > 1:
        parting.append("component")
    for name in ("image_type", *_NAMES):
        values = Counter(getattr(kind, name) for kind in kinds)
        if 1 < len(values) <= _MOST_VALUES and not values.keys() & {None, ()}:
            parting.append(name)
    if {"component", "image_type"} <= {*parting}:
        components = {_component(kind) for kind in kinds}
        if len({(_component(kind), kind.image_type) for kind in kinds}) == len(components):
            parting.remove("image_type")  # it says the same once more
    if {"echo", "echo_time"} <= {*parting} and len({(kind.echo, kind.echo_time) for kind in kinds}) == len(
        {kind.echo for kind in kinds}
    ):
        parting.remove("echo_time")
    return parting


def _reduced(kind: ImageKind, parting: SequenceOf[str]) -> ImageKind:
    facts = {each.name: getattr(kind, each.name) for each in fields(kind) if each.name in parting}
    if "component" in facts:
        facts["component"] = _component(kind)
    return ImageKind(**facts)


def _component(kind: ImageKind) -> str:
    return kind.component or "magnitude"


def _rank(frames: KindFrames) -> tuple[bool, int, float, float, int]:
    kind = frames.kind
    echo = kind.echo or 0.0, kind.echo_time or 0.0
    return kind.localizer, COMPONENTS.index(_component(kind)), *echo, -len(frames.headers)


def _listed(kinds: SequenceOf[KindFrames]) -> str:
    return listing([f"{index}: {kind}" for index, kind in enumerate(kinds)])
