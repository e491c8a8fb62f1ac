"""Frames as films that any browser and presentation plays: MP4 and GIF, at the speed at which they were taken."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from cinecast.export.exported import Content
from cinecast.export.side_by_side import COLOURS
from cinecast.pictures import WINDOW_PERCENTILES, Window, good_frames, grey_window, to_levels
from cinecast.sequence import Sequence

# Small frames are enlarged, a pixel to as many along its finer axis as give the shorter side of the picture this many.
_SHORTEST_SIDE = 256
# Where frames are missing the picture before them stays, for so many seconds at most.
_LONGEST_HOLD_S = 2.0
# x264: nearly without loss; one thread, so that the same frames give the same bytes.
_QUALITY = {"crf": "12", "preset": "slow", "threads": "1"}


def write_mp4(path: Path, content: Content) -> str:
    """Write a film in H.264 with 4:2:0 samples, which every player knows; odd sizes get one more row or column.

    Parameters
    ----------
    path
        File to write; an existing one is replaced.
    content
        Frames, shape (T, H, W), or painted pictures; no DVF.

    Returns
    -------
    str
        The grey window and the speed, in words.
    """
    pictures, words = _pictures(content)
    rate = Fraction(1 / content.sequence.frame_period_s).limit_denominator(1000)
    with av.open(str(path), "w", format="mp4") as film:
        stream: Any = film.add_stream("libx264", rate=rate, options=_QUALITY)
        stream.pix_fmt = "yuv420p"
        for number, picture in enumerate(_held(map(_even, pictures), content)):
            if number == 0:
                stream.height, stream.width = picture.shape[:2]
            form = "gray" if picture.ndim == 2 else "rgb24"
            film.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format=form)))
        film.mux(stream.encode(None))
    return f"{words}, {float(rate):.4g} frames per second{_hold_words(content)}"


def write_gif(path: Path, content: Content) -> str:
    """Write an endless GIF; its times are whole hundredths of a second.

    Parameters
    ----------
    path
        File to write; an existing one is replaced.
    content
        Frames, shape (T, H, W), or painted pictures; no DVF.

    Returns
    -------
    str
        The grey window and the speed, in words.
    """
    arrays, words = _pictures(content)
    pictures = [_with_palette(picture) for picture in arrays]
    hundredths = max(2, round(100 * content.sequence.frame_period_s))  # browsers play faster ones slowly
    periods = [*_periods(content).tolist(), 1]
    durations = [10 * hundredths * count for count in periods]
    pictures[0].save(
        path, format="GIF", save_all=True, append_images=pictures[1:], duration=durations, loop=0, optimize=False
    )
    return f"{words}, {100 / hundredths:.4g} frames per second{_hold_words(content)}"


def _periods(content: Content) -> NDArray[np.int64]:
    """Return for how many periods each picture but the last is shown: until the next one, or a long gap's end."""
    most = max(1, round(_LONGEST_HOLD_S / content.sequence.frame_period_s))
    return np.minimum(content.steps, most)


def _held(pictures: Iterable[NDArray[np.uint8]], content: Content) -> Iterator[NDArray[np.uint8]]:
    """Yield each picture as often as it is shown."""
    for picture, count in zip(pictures, [*_periods(content).tolist(), 1], strict=True):
        for _ in range(count):
            yield picture


def _hold_words(content: Content) -> str:
    if (content.steps == 1).all():
        return ""
    return f", a picture stays where frames are missing, {_LONGEST_HOLD_S:g} s at most"


def _pictures(content: Content) -> tuple[Iterable[NDArray[np.uint8]], str]:
    """Return the pictures of a film one by one, (rows, columns) grey or (rows, columns, 3), and the window in words."""
    window = grey_window(good_frames(content.sequence))
    words = _window_words(content.sequence, window)
    if content.painted is None:
        return _levels(content, window), words
    return map(content.painted, range(len(content.array))), words


def _with_palette(picture: NDArray[np.uint8]) -> Image.Image:
    """Return a picture as a GIF has it; of a coloured one greys and the few colours of lines keep what they are."""
    if picture.ndim == 2:
        return Image.fromarray(picture)
    greys = np.rint(np.linspace(0, 255, 256 - len(COLOURS))).astype(int).tolist()
    palette = Image.new("P", (1, 1))
    palette.putpalette([part for colour in [*((g, g, g) for g in greys), *COLOURS] for part in colour])
    return Image.fromarray(picture).quantize(palette=palette, dither=Image.Dither.NONE)


def _even(picture: NDArray[np.uint8]) -> NDArray[np.uint8]:
    odd = [(0, size % 2) for size in picture.shape[:2]]
    return np.ascontiguousarray(np.pad(picture, [*odd, (0, 0)][: picture.ndim], mode="edge"))


def _levels(content: Content, window: Window) -> NDArray[np.uint8]:
    """Return enlarged grey levels (T, H, W)."""
    levels = to_levels(np.asarray(content.array), window)
    rows, columns = (_enlarged(levels.shape[1:], content.sequence.spacing_mm, axis) for axis in (0, 1))
    return levels[:, rows][:, :, columns]


def _enlarged(shape: tuple[int, ...], spacing_mm: tuple[float, float], axis: int) -> NDArray[np.int64]:
    """Return the pixels that are shown along an axis, each as often as a mm is equally long along both."""
    finest = min(spacing_mm)
    sides = [round(size * mm / finest) for size, mm in zip(shape, spacing_mm, strict=True)]
    zoom = max(1, -(-_SHORTEST_SIDE // min(sides)))
    shown = sides[axis] * zoom
    return (2 * np.arange(shown) + 1) * shape[axis] // (2 * shown)


def _window_words(sequence: Sequence, window: Window) -> str:
    """Return the window in words: that of the real frames, the same for all."""
    low, high = WINDOW_PERCENTILES
    without = ", faulty ones left out" if sequence.faults else ""
    return (
        f"grey window {window.low:g} (black) to {window.high:g} (white) in all frames, the {low:g} and {high:g} "
        f"percentiles of the real ones{without}"
    )
