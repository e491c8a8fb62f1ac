"""The grey window of films of a recording with faulty frames."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
from PIL import Image

from cinecast.export.exported import Content
from cinecast.export.films import write_gif
from cinecast.export.side_by_side import SideBySide
from cinecast.phantom import PhantomSettings, make_phantom
from cinecast.sequence import Sequence

SIZE = PhantomSettings(rows=40, columns=32, pixel_spacing_mm=(6.0, 6.0), frame_count=30, frame_period_s=0.2)
BRIGHT = 7


def with_a_bright_frame() -> Sequence:
    sequence = make_phantom(SIZE).sequence
    frames = sequence.frames.astype(np.uint16)
    frames[BRIGHT] *= 20
    return replace(sequence, frames=frames, faults={BRIGHT: "mirrored"})


def test_a_bright_faulty_frame_leaves_the_others_of_a_film_as_bright(tmp_path: Path) -> None:
    sequence = with_a_bright_frame()
    good = np.delete(sequence.frames, BRIGHT, axis=0)
    low, high = np.percentile(good, [0.5, 99.5])
    said = write_gif(tmp_path / "film.gif", Content(sequence.frames, sequence))
    assert said.startswith(f"grey window {low:g} (black) to {high:g} (white) in all frames")
    assert "percentiles of the real ones, faulty ones left out," in said
    with Image.open(tmp_path / "film.gif") as film:
        shown = np.array(film.convert("L"))
    expected = np.clip((sequence.frames[0] - low) / (high - low), 0, 1) * 255
    zoom = shown.shape[0] // 40
    np.testing.assert_allclose(shown[zoom // 2 :: zoom, zoom // 2 :: zoom], expected, atol=1)
    plain = replace(
        sequence, frames=good, times_s=sequence.times_s[:-1], faults={}, split=replace(sequence.split, test_end=29)
    )
    assert "faulty" not in write_gif(tmp_path / "plain.gif", Content(good, plain))


def test_a_bright_faulty_frame_leaves_the_others_of_two_side_by_side_as_bright() -> None:
    sequence = with_a_bright_frame()
    test = sequence.split.test_frames
    predicted, known = sequence.frames[test.start :], np.ones(len(test), dtype=bool)
    picture = SideBySide(sequence, predicted, known, (), "rls")(0)
    assert picture[..., 0].max() == 255
    assert (picture.min(axis=2) > 250).sum() > 20  # bright tissue is white
