"""The sidecar `NAME.json` beside a file or folder `NAME`: what its format cannot say."""

from __future__ import annotations

import json
import logging
import os
import re
import sys
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from cinecast.errors import ReadError
from cinecast.frames.detect import CONVERTED, is_file, sequence_name
from cinecast.parsed_text import parse_json
from cinecast.sequence import PATIENT_AXES, Roi

_LOG = logging.getLogger(__name__)

KEYS = ("name", "frame_period_s", "pixel_spacing_mm", "roi", "split", "axes", "published")
_ROI_KEYS = ("rows", "columns")
SPLIT_KEYS = ("train_end", "validation_end", "test_end")
# By these the JSON of dcm2niix and of other converters to BIDS is known.
_CONVERTER_KEYS = (
    "ConversionSoftware",
    "FrameTimesStart",
    "VolumeTiming",
    "RepetitionTime",
    "RepetitionTimeExcitation",
)
# A list that ends in a comma is no JSON.
_TIMES_BROKEN_OFF = re.compile(r'"FrameTimesStart"\s*:\s*\[[^\]]*,\s*\]')
# Facts of a sequence take a few kilobytes; the times of an hour of frames, a megabyte.
_LONGEST_JSON = 1 << 24


@dataclass(frozen=True)
class Sidecar:
    """Validated content of a sidecar; all None or empty where there is no such file, or it is of another program.

    Parameters
    ----------
    file_name
        Its name, whether it exists or not: error messages name it.
    name
        Name of the sequence.
    frame_period_s
        Time between frames in s.
    pixel_spacing_mm
        Distance of pixel centres along (rows, columns) in mm.
    roi
        Region of interest.
    split
        Some of ``train_end``, ``validation_end``, ``test_end``, in frames.
    axes
        The patient's axes along (rows, columns), such as SI and AP.
    published
        Settings of a published evaluation of this sequence, as they stand.
    foreign
        Whether the file of that name has none of our keys: dcm2niix, say, writes one beside each NIfTI file.
    converter
        Whether it is of such a converter, and the reader has taken the times from it.
    """

    file_name: str
    name: str | None = None
    frame_period_s: float | None = None
    pixel_spacing_mm: tuple[float, float] | None = None
    roi: Roi | None = None
    split: Mapping[str, int] = field(default_factory=dict)
    axes: tuple[str, str] | None = None
    published: Mapping[str, Any] = field(default_factory=dict)
    foreign: bool = False
    converter: bool = False

    def note_foreign(self) -> str | None:
        """Return in words, and log, that a file of another program is ignored; None where it is not so."""
        if not self.foreign or self.converter:
            return None
        note = f"{self.file_name} beside it has none of the keys {', '.join(KEYS)} and is ignored"
        _LOG.warning("%s", note)
        return note


def sidecar_path(path: Path) -> Path:
    """Return where the sidecar of a sequence's file or folder is looked for."""
    # Made absolute, so that "." has a name and a place beside it; links are not followed.
    path = Path(os.path.abspath(path))
    return path.parent / f"{sequence_name(path)}.json"


def read_sidecar(path: Path) -> Sidecar:
    """Read the sidecar of a sequence's file or folder.

    Raises
    ------
    ReadError
        If it is no JSON object, has an unknown key beside known ones, or a value of the wrong kind.
    """
    file = sidecar_path(path)
    if not is_file(file):
        return Sidecar(file.name)
    where = f"sidecar {file.name}"
    content = read_json(file)
    if _is_foreign(content):
        converted = path.name.lower().endswith(CONVERTED)
        return Sidecar(file.name, foreign=True, converter=converted and is_of_converter(content))
    parse_json(_text(file), partial(_each_once, where))
    content = _checked_keys(content, KEYS, where)
    return Sidecar(file.name, **{key: _CONVERT[key](value, f"{where}: {key}") for key, value in content.items()})


def _each_once(where: str, pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Check that no key is given twice: JSON leaves open which value counts."""
    each = Counter(key for key, _ in pairs)
    if len(each) < len(pairs):
        raise ReadError(f"{where}: each key must be given once, got {each.most_common(1)[0][0]!r} again; take one away")
    return dict(pairs)


def read_json(file: Path) -> Any:
    """Return the content of a JSON file.

    Raises
    ------
    ReadError
        If it cannot be read or is no JSON.
    """
    text = _text(file)
    try:
        return parse_json(text)
    except json.JSONDecodeError as error:
        if _TIMES_BROKEN_OFF.search(text):
            raise ReadError(
                f"{file.name} must be JSON, got a list FrameTimesStart that is broken off: dcm2niix writes it so where "
                "numbers and times of the images contradict each other, and the frames beside it are out of order; "
                "give cinecast the DICOM folder instead"
            ) from error
        raise ReadError(f"{file.name} must be JSON, got {error.msg} at line {error.lineno}; mend it there") from error
    except ValueError as error:
        raise ReadError(f"{file.name} must be plain JSON, got one where {error}; mend it there") from error


def _text(file: Path) -> str:
    try:
        with file.open("rb") as stream:
            content = stream.read(_LONGEST_JSON + 1)
    except OSError as error:
        raise ReadError(f"{file.name} cannot be read ({error.strerror}); check its permissions") from error
    if len(content) > _LONGEST_JSON:
        raise ReadError(f"{file.name} must have at most {_LONGEST_JSON} bytes, got more; take it away or mend it")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ReadError(f"{file.name} must be text in UTF-8, and is not; save it again as UTF-8") from error


def positive(value: object, what: str) -> float:
    """Return a positive finite number as it came from JSON.

    Parameters
    ----------
    value
        As it came from JSON.
    what
        The value and its file, for the sentence.

    Returns
    -------
    float
        The number itself.

    Raises
    ------
    ReadError
        If it is anything else than a positive finite number; `what` names the value and its file.
    """
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value < sys.float_info.max:
        raise ReadError(f"{what} must be a positive number, got {value!r}; mend it there")
    return float(value)


def is_of_converter(content: object) -> bool:
    """Return whether the content of a JSON file is that of a converter to BIDS, and not a sidecar of ours."""
    return _is_foreign(content) and not frozenset(_CONVERTER_KEYS).isdisjoint(content)  # type: ignore[arg-type]


def _is_foreign(content: object) -> bool:
    if not isinstance(content, dict):
        return False
    keys = {key for key in content if not key.startswith("_")}
    return bool(keys) and keys.isdisjoint(KEYS)


def _checked_keys(content: object, known: tuple[str, ...], where: str) -> dict[str, Any]:
    if not isinstance(content, dict):
        raise ReadError(
            f"{where} must be a JSON object with keys among {', '.join(known)}, got {type(content).__name__}; mend it"
        )
    kept = {key: value for key, value in content.items() if not key.startswith("_")}
    unknown = [key for key in kept if key not in known]
    if unknown:
        raise ReadError(
            f"{where} has the unknown key {unknown[0]!r}; known keys: {', '.join(known)} "
            "(a key beginning with '_' is a comment)"
        )
    return kept


def _name(value: object, where: str) -> str:
    if not isinstance(value, str) or not value.strip():
        raise ReadError(f"{where} must be a text, got {value!r}; mend it there")
    return value


def _spacing(value: object, where: str) -> tuple[float, float]:
    if not isinstance(value, list) or len(value) != 2:
        raise ReadError(f"{where} must be two numbers of mm [row, column], got {value!r}; mend it there")
    return positive(value[0], where), positive(value[1], where)


def _roi(value: object, where: str) -> Roi:
    bounds = _checked_keys(value, _ROI_KEYS, where)
    return Roi(*(_bounds(bounds.get(key), f"{where}.{key}") for key in _ROI_KEYS))


def _bounds(value: object, where: str) -> tuple[int, int]:
    if not isinstance(value, list) or len(value) != 2:
        raise ReadError(f"{where} must be two whole numbers [start, stop], got {value!r}; mend it there")
    return _whole(value[0], where), _whole(value[1], where)


def _split(value: object, where: str) -> dict[str, int]:
    ends = _checked_keys(value, SPLIT_KEYS, where)
    return {key: _whole(end, f"{where}.{key}") for key, end in ends.items()}


def _whole(value: object, where: str) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise ReadError(f"{where} must be a whole number, got {value!r}; mend it there")
    return value


def _axes(value: object, where: str) -> tuple[str, str]:
    if not isinstance(value, list) or len(value) != 2 or not all(isinstance(each, str) for each in value):
        raise ReadError(f"{where} must be two of {', '.join(PATIENT_AXES)} [row, column], got {value!r}; mend it there")
    return value[0].upper(), value[1].upper()


def _published(value: object, where: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise ReadError(f"{where} must be a JSON object, got {value!r}; mend it there")
    return value


_CONVERT: dict[str, Callable[[object, str], Any]] = {
    "name": _name,
    "frame_period_s": positive,
    "pixel_spacing_mm": _spacing,
    "roi": _roi,
    "split": _split,
    "axes": _axes,
    "published": _published,
}
