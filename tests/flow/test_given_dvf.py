"""Given DVFs are held against the frames: the known motion of a phantom passes, any other reading of it is named."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from cinecast.errors import ReadError
from cinecast.flow.given_dvf import check_given_dvf
from cinecast.phantom import Phantom, PhantomSettings, make_phantom
from helpers.other_flow import dis_flow

REFERENCE, TRAIN = 0, 30
# What is not square tells axes apart.
SPACING = (3.0, 5.0)
MM = {"vectors in mm": np.diag([1 / SPACING[1], 1 / SPACING[0]])}
PX = {"vectors in pixels": np.diag([SPACING[1], SPACING[0]])}


@cache
def phantom() -> Phantom:
    settings = PhantomSettings(rows=96, columns=64, pixel_spacing_mm=SPACING, frame_count=60, frame_period_s=0.25)
    return make_phantom(settings)


@cache
def measured() -> NDArray[np.float32]:
    return dis_flow(phantom().sequence.frames[:TRAIN], REFERENCE)


def check(dvf: NDArray[Any], readings: dict[str, NDArray[np.float64]], **keywords: Any) -> None:
    check_given_dvf(phantom().sequence.frames[:TRAIN], dvf, REFERENCE, readings, **keywords)


@pytest.mark.parametrize("readings", [MM, PX, {}])
def test_known_motion_and_that_of_another_flow_pass(readings: dict[str, NDArray[np.float64]]) -> None:
    check(phantom().dvf[:TRAIN], readings)
    check(measured(), readings)


def test_brightness_of_frames_says_nothing() -> None:
    frames = phantom().sequence.frames[:TRAIN] * np.linspace(1, 3, TRAIN)[:, np.newaxis, np.newaxis] + 7
    check_given_dvf(frames, measured(), REFERENCE, MM)


@pytest.mark.parametrize(
    ("matrix", "words"),
    [
        (-np.eye(2), "of the other sign or direction"),
        (np.array([[0.0, 1.0], [1.0, 0.0]]), "x and y swapped"),
        (np.diag([-1.0, 1.0]), "x of the other sign"),
        (np.diag([1.0, -1.0]), "y of the other sign"),
        (np.linalg.inv(MM["vectors in mm"]), "vectors in mm"),
    ],
)
def test_another_convention_is_named(matrix: NDArray[np.float64], words: str) -> None:
    with pytest.raises(ReadError, match=f"much better if read as vectors .*{words.removeprefix('vectors ')}"):
        check(measured() @ matrix.T.astype(np.float32), MM)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda u: u[:, ::-1], r"fields with the last row first \(row 0 is"),
        (lambda u: u[:, ::-1] * np.array([1, -1]), "fields with the last row first and y of the other sign"),
        (lambda u: u[:, :, ::-1], r"fields with the last column first \(column 0 is"),
        (lambda u: u[:, :, ::-1] * np.array([-1, 1]), "fields with the last column first and x of the other sign"),
        (lambda u: u[:, ::-1, ::-1], "fields with the last row and column first"),
        (lambda u: -u[:, ::-1, ::-1], "fields turned by half a turn, vectors and all"),
        (lambda u: 2 * u, "vectors of half their length"),
        (lambda u: u / 2, "vectors of twice their length"),
    ],
)
def test_vectors_at_other_places_or_of_another_length_are_named(change: Any, words: str) -> None:
    with pytest.raises(ReadError, match=f"much better if read as {words}"):
        check(change(measured()), MM)


@pytest.mark.parametrize(
    ("exchanged", "words"),
    [
        (lambda u: u.transpose(0, 2, 1, 3), r"fields with rows and columns exchanged \(rows"),
        (lambda u: u.transpose(0, 2, 1, 3)[..., ::-1], "fields with rows and columns exchanged, and x and y with them"),
    ],
)
def test_axes_of_square_frames_that_are_exchanged_are_named(exchanged: Any, words: str) -> None:
    settings = PhantomSettings(rows=64, columns=64, pixel_spacing_mm=(5.0, 5.0), frame_count=60, frame_period_s=0.25)
    square = make_phantom(settings)
    frames = square.sequence.frames[:TRAIN]
    check_given_dvf(frames, square.dvf[:TRAIN], REFERENCE, {})
    with pytest.raises(ReadError, match=f"much better if read as {words}"):
        check_given_dvf(frames, exchanged(square.dvf[:TRAIN]), REFERENCE, {})


def test_pixels_for_mm_are_named() -> None:
    with pytest.raises(ReadError, match=r"if read as vectors in pixels"):
        check(measured() @ np.linalg.inv(PX["vectors in pixels"]).T.astype(np.float32), PX)


def test_readings_that_are_the_same_are_both_named() -> None:
    with pytest.raises(ReadError, match=r"of the other sign .*, or vectors along other axes"):
        check(-measured(), {"vectors along other axes": -np.eye(2)})


def test_vectors_of_the_frame_before_are_named() -> None:
    late = np.roll(measured(), 1, axis=0)
    late[REFERENCE] = 0
    with pytest.raises(ReadError, match=r"if read as those of the frames before"):
        check(late, {})


def test_vectors_that_explain_nothing_are_refused(rng: np.random.Generator) -> None:
    noise = rng.normal(0, 3, measured().shape)
    noise[REFERENCE] = 0
    with pytest.raises(ReadError, match=r"bring \d+ of 29 frames of the train span no nearer"):
        check(noise, {})


def test_no_motion_at_all_is_refused() -> None:
    with pytest.raises(ReadError, match=r"bring 29 of 29 frames of the train span no nearer"):
        check(np.zeros_like(measured()), MM)


def test_another_reference_frame_is_named() -> None:
    with pytest.raises(ReadError, match=r"in frame 7 .*; give --dvf-reference 0, whose vectors are the shortest"):
        check_given_dvf(phantom().sequence.frames[:TRAIN], measured(), 7, {})


def test_another_reference_frame_is_named_even_if_little_has_moved_since() -> None:
    lengths = np.linalg.norm(measured(), axis=-1).mean(axis=(1, 2))
    near = int(np.flatnonzero((lengths > 0.03) & (lengths < 0.25))[0])
    with pytest.raises(ReadError, match=rf"in frame {near} .*; give --dvf-reference 0, whose vectors are the shortest"):
        check_given_dvf(phantom().sequence.frames[:TRAIN], measured(), near, {})


def test_what_an_interpolation_leaves_in_the_reference_frame_passes() -> None:
    left = measured().copy()
    left += np.float32(0.03)  # in every frame, as of a template that is none of them
    check(left, {})


def test_faulty_frames_say_nothing() -> None:
    broken = measured().copy()
    broken[3:20] = -broken[3:20]
    with pytest.raises(ReadError):
        check(broken, {})
    check(broken, {}, left_out=range(3, 20))


def test_one_good_frame_at_least_is_needed() -> None:
    with pytest.raises(ReadError, match=r"must be checked on a good frame"):
        check(measured(), {}, left_out=range(1, TRAIN))
