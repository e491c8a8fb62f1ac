"""Real and predicted frames side by side with the contours of targets, the time and a bar of mm."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from cinecast.pictures import Window, good_frames, grey_window, to_levels
from cinecast.sequence import Sequence
from cinecast.target import MaskSeries

# The shorter side of a frame on the screen, and the space around frames, in pixels of the film.
_SHORTEST_SIDE, _GAP, _STRIP, _TEXT = 360, 10, 26, 15
_INK = (230, 233, 237)
REAL, FORECAST = (255, 210, 63), (76, 201, 240)
_BACKGROUND = (20, 23, 27)
COLOURS = (_BACKGROUND, _INK, REAL, FORECAST)
# Lengths of a stroke and of the space after it, in pixels of the film.
_DASH = (8.0, 5.0)
_BARS_MM = (5, 10, 20, 50, 100, 200)

Line = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Contours:
    """One target in F test frames.

    Parameters
    ----------
    real
        F masks.
    known
        Whether a frame has a real mask, shape (F,).
    forecast
        F masks of one random run.
    labelled
        Whether the real masks are labels; else they lie along the measured motion.
    """

    real: MaskSeries
    known: NDArray[np.bool_]
    forecast: MaskSeries
    labelled: bool


@dataclass(frozen=True, eq=False)
class SideBySide:
    """Paints the picture of each test frame.

    Parameters
    ----------
    sequence
        The real frames.
    predicted
        Predicted test frames, shape (F, H, W).
    known
        Which of them there are, shape (F,): before the others frames are missing.
    targets
        One or more.
    title
        What stands above predicted frames: the forecaster and its horizon.
    """

    sequence: Sequence
    predicted: NDArray[Any]
    known: NDArray[np.bool_]
    targets: tuple[Contours, ...]
    title: str

    def __call__(self, number: int) -> NDArray[np.uint8]:
        """Return the picture of a test frame, counted from 0, shape (rows, columns, 3)."""
        width, height = self._size
        canvas = Image.new("RGB", (2 * width + 3 * _GAP, height + 2 * _STRIP + _GAP), _BACKGROUND)
        draw = ImageDraw.Draw(canvas)
        frame = self.sequence.split.test_frames[number]
        for side, image in enumerate((self.sequence.frames[frame], self.predicted[number])):
            corner = _GAP + side * (width + _GAP), _STRIP
            canvas.paste(self._grey(image), corner)
            self._contours(draw, number, corner)
        self._words(draw, number, frame)
        self._bar(draw)
        return np.array(canvas)

    @cached_property
    def _font(self) -> Any:
        return ImageFont.load_default(_TEXT)

    @cached_property
    def _window(self) -> Window:
        return grey_window(good_frames(self.sequence))

    @cached_property
    def _per_mm(self) -> float:
        """Pixels of the film in a mm, the same along both axes."""
        return _SHORTEST_SIDE / min(n * mm for n, mm in zip(self._shape, self.sequence.spacing_mm, strict=True))

    @property
    def _shape(self) -> tuple[int, int]:
        return self.sequence.frames.shape[1], self.sequence.frames.shape[2]

    @cached_property
    def _size(self) -> tuple[int, int]:
        """Width and height of a frame in the film."""
        height, width = (
            round(n * mm * self._per_mm) for n, mm in zip(self._shape, self.sequence.spacing_mm, strict=True)
        )
        return width, height

    def _grey(self, image: NDArray[Any]) -> Image.Image:
        levels = to_levels(np.asarray(image), self._window)
        return Image.fromarray(levels).resize(self._size, Image.Resampling.NEAREST).convert("RGB")

    def _contours(self, draw: ImageDraw.ImageDraw, number: int, corner: tuple[int, int]) -> None:
        for target in self.targets:
            if target.known[number]:
                self._outline(draw, target.real.mask(number), corner, REAL, dashed=False)
            self._outline(draw, target.forecast.mask(number), corner, FORECAST, dashed=True)

    def _outline(
        self,
        draw: ImageDraw.ImageDraw,
        mask: NDArray[np.bool_],
        corner: tuple[int, int],
        colour: tuple[int, int, int],
        *,
        dashed: bool,
    ) -> None:
        to_film = np.array(self._size[::-1]) / self._shape
        for line in contour_lines(mask):
            places = ((line + 0.5) * to_film)[:, ::-1] + corner
            strokes = dashes(places) if dashed else [places]
            for width, ink in ((4, (0, 0, 0)), (2, colour)):
                for stroke in strokes:
                    draw.line([(float(x), float(y)) for x, y in stroke], fill=ink, width=width, joint="curve")

    def _words(self, draw: ImageDraw.ImageDraw, number: int, frame: int) -> None:
        width, height = self._size
        second, below = 2 * _GAP + width, _STRIP + height + 8
        time_s = float(self.sequence.times_s[frame])
        draw.text((_GAP, 5), f"real, frame {frame}, {time_s:.2f} s", fill=_INK, font=self._font)
        draw.text((second, 5), f"{self.title}{self._missed(number)}", fill=_INK, font=self._font)
        for x, text, ink, strokes in (
            (second, "forecast", FORECAST, dashes(np.array([[0.0, 0.0], [29.0, 0.0]]))),
            (second + 130, self._real_by(), REAL, [np.array([[0.0, 0.0], [29.0, 0.0]])]),
        ):
            for (start, _), *_, (stop, _) in strokes:
                draw.line([(x + float(start), below + 9), (x + float(stop), below + 9)], fill=ink, width=2)
            draw.text((x + 36, below), text, fill=ink, font=self._font)

    def _missed(self, number: int) -> str:
        if not self.known[number]:
            return ", no forecast: frames are missing"
        missed = sum(not target.forecast.mask(number).any() for target in self.targets)
        return ", target missed" if missed else ""

    def _real_by(self) -> str:
        labelled = {target.labelled for target in self.targets}
        if len(labelled) > 1:
            return "real (labels or measured)"
        return "real (labels)" if labelled == {True} else "real (measured)"

    def _bar(self, draw: ImageDraw.ImageDraw) -> None:
        """Draw the longest of some lengths that takes at most a third of a frame."""
        width, height = self._size
        fitting = [length for length in _BARS_MM if length * self._per_mm <= width / 3]
        length = max(fitting, default=_BARS_MM[0])
        y, x = _STRIP + height + 15, _GAP
        draw.rectangle((x, y, x + round(length * self._per_mm) - 1, y + 3), fill=_INK)
        place = x + length * self._per_mm + 8, y - 7
        draw.text(place, f"{length} mm", fill=_INK, font=self._font)


def contour_lines(mask: NDArray[np.bool_]) -> list[Line]:
    """Return the closed lines around a mask, half way between the centres of pixels inside and outside.

    Parameters
    ----------
    mask
        Shape (H, W); the image's edge counts as outside.

    Returns
    -------
    list
        Each of shape (N, 2), (row, column), pixels; nothing for an empty mask.
    """
    from skimage.measure import find_contours

    return [line - 1 for line in find_contours(np.pad(mask, 1).astype(np.float64), 0.5)]


def dashes(line: Line) -> list[Line]:
    """Return a line as strokes with spaces between.

    Parameters
    ----------
    line
        Shape (N, 2), pixels of the film.

    Returns
    -------
    list
        Strokes, each of shape (M, 2).
    """
    lengths = np.hypot(*np.diff(line, axis=0).T)
    ends = np.concatenate([[0.0], np.cumsum(lengths)])
    stroke, space = _DASH
    found = []
    for start in np.arange(0.0, ends[-1], stroke + space):
        stop = min(start + stroke, ends[-1])
        inner = ends[(ends > start) & (ends < stop)]
        places = np.concatenate([[start], inner, [stop]])
        found.append(np.stack([np.interp(places, ends, line[:, axis]) for axis in (0, 1)], axis=1))
    return [each for each in found if any((a != b).any() for a, b in pairwise(each))]
