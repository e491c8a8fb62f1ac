"""Sequences and masks for tests of their readers, with geometry that differs by axis."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cinecast.sequence import Sequence, default_split

SHAPE = (24, 30)
SPACING_MM = (2.5, 1.5)
COUNT = 6
# Sagittal: columns run from front to back, rows from head to foot; RAS+ mm.
AFFINE = np.array([[0.0, 0, 4, 92], [-1.5, 0, 0, 112.25], [0, -2.5, 0, 134], [0, 0, 0, 1]])


def sequence(
    shape: tuple[int, int] = SHAPE,
    *,
    affine: NDArray[np.float64] | None = AFFINE,
    spacing_mm: tuple[float, float] = SPACING_MM,
    count: int = COUNT,
) -> Sequence:
    """Return a sequence of noise."""
    frames = np.random.default_rng(2).integers(0, 900, (count, *shape)).astype(np.int16)
    return Sequence("cine", frames, np.arange(count) * 0.25, spacing_mm, default_split(count), affine=affine)


def mask(shape: tuple[int, int] = SHAPE) -> NDArray[np.uint8]:
    """Return an L of 14 pixels that no flip and no exchange of axes leaves as it is."""
    drawn = np.zeros(shape, dtype=np.uint8)
    drawn[5:12, 8] = drawn[11, 8:16] = 1
    return drawn


def nrrd(
    path: Path,
    labels: NDArray[np.uint8],
    *,
    directions: NDArray[np.float64] | None,
    origin: NDArray[np.float64] | None = None,
    space: str = "right-anterior-superior",
    **facts: str,
) -> Path:
    """Write an NRRD by the letter of its format, values of shape (n0, n1, n2) or (layers, n0, n1, n2), n0 fastest."""
    lines = ["NRRD0005", "type: uint8", f"dimension: {labels.ndim}", "encoding: raw", "endian: little"]
    lines.append("sizes: " + " ".join(map(str, labels.shape)))
    if directions is not None and origin is not None:
        vectors = ["none"] * (labels.ndim - 3) + [_vector(column) for column in directions.T]
        lines += [f"space: {space}", f"space directions: {' '.join(vectors)}", f"space origin: {_vector(origin)}"]
    lines.append("kinds: " + " ".join(["list"] * (labels.ndim - 3) + ["domain"] * 3))
    lines += [f"{key}:={value}" for key, value in facts.items()]
    path.write_bytes(("\n".join(lines) + "\n\n").encode() + labels.tobytes(order="F"))
    return path


def segments(*named: tuple[str, int, int], offset: str = "0 0 0") -> dict[str, str]:
    """Return what Slicer writes of segments, each of (name, layer, label)."""
    facts = {"Segmentation_ReferenceImageExtentOffset": offset}
    for index, (name, layer, value) in enumerate(named):
        own: dict[str, Any] = {"ID": f"Segment_{index + 1}", "LabelValue": value, "Layer": layer, "Name": name}
        facts |= {f"Segment{index}_{key}": str(item) for key, item in own.items()}
    return facts


def _vector(numbers: NDArray[np.float64]) -> str:
    return "(" + ",".join(f"{number:.12g}" for number in numbers) + ")"
