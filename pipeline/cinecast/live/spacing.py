"""The pixel spacing of a stream: known at once, or once its first frames have come."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

import numpy as np

from cinecast.errors import SettingsError

# Along (rows, columns) in mm, or what gives it, in any thread.
Spacing: TypeAlias = tuple[float, float] | Callable[[], tuple[float, float]]


def check_spacing(spacing_mm: tuple[float, float]) -> None:
    """Check that a pixel spacing, (rows, columns) in mm, is two lengths.

    Raises
    ------
    SettingsError
        If it is not.
    """
    if np.shape(spacing_mm) != (2,) or not all(np.isfinite(step) and step > 0 for step in spacing_mm):
        raise SettingsError(f"pixel spacing must be two positive numbers in mm, got {spacing_mm}; give (rows, columns)")


def spacing_source(spacing: Spacing | None) -> Callable[[], tuple[float, float]] | None:
    """Return what gives the pixel spacing of a stream, which is checked: one that is known, at once.

    Raises
    ------
    SettingsError
        If it is not two lengths.
    """
    if spacing is None:
        return None
    if not callable(spacing):
        check_spacing(spacing)

    def checked() -> tuple[float, float]:
        found = spacing() if callable(spacing) else spacing
        check_spacing(found)
        return found

    return checked
