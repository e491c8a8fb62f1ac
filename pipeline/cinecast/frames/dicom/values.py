"""Values of DICOM elements as text and numbers, with the odd spellings of real files: decimal commas, padding."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, TypeVar

from pydicom.dataset import Dataset
from pydicom.errors import BytesLengthException

_Read = TypeVar("_Read")
# An element that cannot be parsed says nothing about the others: DICOM files are full of dates like 00000000.
ODD = (
    *(ValueError, TypeError, KeyError, AttributeError, IndexError, OverflowError),
    *(NotImplementedError, EOFError, BytesLengthException),
)
_BINARY = ("FL", "FD", "SS", "US", "SL", "UL", "SV", "UV", "AT")


class OddValueError(ValueError):
    """An element that should hold numbers and holds something else; its text is the keyword of the element."""


def text_of(dataset: Dataset, keyword: str | int) -> str | None:
    """Return the value of a text element as it is written, without padding; None where it is absent or empty.

    Parameters
    ----------
    dataset
        A file or an item of a sequence.
    keyword
        Of an element whose values are text in the file, such as ``PixelSpacing`` or ``AcquisitionTime``.

    Returns
    -------
    str | None
        Several values are parted by backslashes. pydicom's own conversion takes longer, and refuses a decimal comma.
    """
    element = dataset.get_item(keyword)
    value: Any = None if element is None else element.value
    if isinstance(value, bytes) and element is not None and element.VR in _BINARY:
        value = dataset.get(keyword)  # an element that is not of the kind that it should be
    if value is None:
        return None
    if isinstance(value, bytes):
        text = value.decode("latin-1")
    elif isinstance(value, str) or not hasattr(value, "__iter__"):
        text = str(value)
    else:
        text = "\\".join(str(part) for part in value)
    return text.strip(" \0") or None


def numbers_of(dataset: Dataset, keyword: str) -> tuple[float, ...]:
    """Return the finite numbers of a text element, with decimal point or comma; none where it is absent.

    Parameters
    ----------
    dataset
        A file or an item of a sequence.
    keyword
        Of an element of decimal or integer strings.

    Returns
    -------
    tuple[float, ...]
        In the order of the file.

    Raises
    ------
    OddValueError
        If it holds anything but numbers.
    """
    text = text_of(dataset, keyword)
    if text is None:
        return ()
    try:
        numbers = tuple(float(part.replace(",", ".")) for part in text.split("\\"))
    except ValueError as error:
        raise OddValueError(keyword) from error
    if not all(math.isfinite(number) for number in numbers):
        raise OddValueError(keyword)
    return numbers


def number_of(dataset: Dataset, keyword: str) -> float | None:
    """Return the first number of a text element, or None where it is absent.

    Parameters
    ----------
    dataset
        A file or an item of a sequence.
    keyword
        Of an element of decimal or integer strings.

    Returns
    -------
    float | None
        With decimal point or comma in the file.

    Raises
    ------
    OddValueError
        If it holds anything but numbers.
    """
    numbers = numbers_of(dataset, keyword)
    return numbers[0] if numbers else None


def unless_odd(reading: Callable[[], _Read]) -> _Read | None:
    """Return what is read, or None where it is not what the element should hold."""
    try:
        return reading()
    except ODD:
        return None
