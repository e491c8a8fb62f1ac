"""What is beyond all measure is said, with the likely cause; what is plausible is not."""

from __future__ import annotations

import logging
import re
from pathlib import Path

import numpy as np
import pytest

from cinecast.clock.other_rate import changed_rate, other_rate
from cinecast.errors import ReadError
from cinecast.frames import read_sequence
from cinecast.frames.block_shifts import block_shifts
from cinecast.frames.frame_look import look_of
from cinecast.frames.grey_codes import doubt_of_grey_codes
from cinecast.frames.plausibility import doubt_of_rate, doubts, motion_per_frame_mm
from cinecast.sequence import Split, check_clock
from helpers.cine_like import breathing

FRAMES = breathing(0)
SEQUENCES = ("eth-1", "eth-4.nii.gz", "ovgu-1", "ovgu-3.nii.gz", "ovgu-5.nii.gz", "ovgu-7.nii.gz")


@pytest.mark.parametrize(
    ("period", "spacing", "words"),
    [
        (314.5, (1.0, 1.0), r"314.5 s is longer .*milliseconds taken for seconds \(0.3145 s\)"),
        (3.01, (1.0, 1.0), "3.01 s is longer"),
        (0.0036, (1.0, 1.0), r"0.0036 s is shorter .*time between excitations \(TR\)"),
        (0.019, (1.0, 1.0), "0.019 s is shorter"),
        (0.3, (1.0, 10.1), r"1 x 10.1 mm is beyond .*0.2 to 10 mm"),
        (0.3, (0.001, 0.001), "metres or centimetres taken for millimetres"),
    ],
)
def test_numbers_beyond_all_measure(period: float, spacing: tuple[float, float], words: str) -> None:
    (found,) = doubts(FRAMES, period, spacing)
    assert re.search(words, found)


@pytest.mark.parametrize(("period", "spacing"), [(0.02, (0.2, 0.2)), (3.0, (10.0, 10.0)), (0.3, (1.8, 1.8))])
def test_the_bounds_themselves_are_plausible(period: float, spacing: tuple[float, float]) -> None:
    assert [
        each for each in doubts(FRAMES[:, :60, :60], period, spacing) if "beyond" in each or " than any " in each
    ] == []


@pytest.mark.parametrize(("rate", "said"), [(0.8, True), (0.96, False), (1.04, False), (1.2, True)])
def test_another_rate_in_the_test_span_is_said(rate: float, said: bool) -> None:
    times = np.concatenate([[0.0], np.cumsum(np.where(np.arange(89) < 45, 0.25, 0.25 * rate))])
    doubt = doubt_of_rate(times, Split(30, 60, 90))
    assert (doubt is not None) == said
    if doubt:
        assert f"every {0.25 * rate:.4g} s, those of the train span every 0.25 s" in doubt


@pytest.mark.parametrize(
    ("rate", "effect"),
    [
        (1.3, "by the clock of the first ones, others are late or lost"),
        (1.5, "by the clock of the first ones, others are late or lost"),
        (2.4, "by the clock of the first ones, others are late or lost"),
        # At twice the period every other frame is lost, and horizons stay what they are.
        (2.0, "after it a horizon that is no multiple of 0.5 s is scored at few frames or at none"),
        (3.02, "after it a horizon that is no multiple of 0.755 s is scored at few frames or at none"),
        # Within a quarter of an instant frames are on time: a horizon of 2 frames is 0.55 s where 0.5 s is said.
        (2.2, "after it 0.55 s count as 2 frames of 0.25 s, and a horizon is another time than is said"),
        (1.8, "after it 0.45 s count as 2 frames of 0.25 s, and a horizon is another time than is said"),
    ],
)
def test_a_rate_that_changes_by_more_than_a_quarter_is_said(rate: float, effect: str) -> None:
    times = np.concatenate([[0.0], np.cumsum(np.where(np.arange(89) < 45, 0.25, 0.25 * rate))])
    doubt = doubt_of_rate(times, Split(30, 60, 90)) or ""
    said = f"frames come every 0.25 s up to frame 45, and every {0.25 * rate:.4g} s after it: {effect}"
    assert doubt.startswith(said)


@pytest.mark.parametrize(
    ("intervals", "found"),
    [
        ([0.2] * 40 + [0.15] * 30, (40, 0.2, 0.15)),
        ([0.2] * 40 + [0.4, 0.6] + [0.3] * 30, (40, 0.2, 0.3)),  # the first interval of the other rate is a gap
        ([0.2] * 40 + [0.22] * 30, None),
        ([0.2] * 70, None),
        ([0.2, 0.4] * 40, None),
        ([0.2] * 21 + [0.3] * 30 + [0.2] * 21, None),
        ([0.2] * 19 + [0.3] * 20, None),  # too few to tell
        ([0.2] * 20 + [0.3] * 20, (20, 0.2, 0.3)),
        ([0.2] * 30 + [0.5] * 7 + [0.3] * 30, None),  # more than one in ten is of neither
        ([0.2] * 30 + [0.5] * 6 + [0.3] * 30, (30, 0.2, 0.3)),
    ],
)
def test_where_a_rate_changes_is_told_where_two_rates_explain_all(
    intervals: list[float], found: tuple[int, float, float] | None
) -> None:
    change = changed_rate(np.concatenate([[0.0], np.cumsum(intervals)]))
    assert (change is None) == (found is None)
    if change and found:
        assert change == pytest.approx(found)


def test_frames_that_come_sooner_from_some_frame_on_are_refused_with_where_that_is() -> None:
    times = np.concatenate([[0.0], np.cumsum([0.2] * 40 + [0.14] * 30)])
    said = r"frames must come at one rate, got one every 0\.2 s up to frame 40, and every 0\.14 s after it; read each"
    with pytest.raises(ReadError, match=said):
        check_clock(times, 0.2, 1.0)


@pytest.mark.parametrize(("rate", "said"), [(0.8, True), (1.15, True), (1.04, False)])
def test_another_rate_in_a_part_of_the_test_span_is_said(rate: float, said: bool) -> None:
    # The mean of the whole span is within 5 % of the period.
    times = np.concatenate([[0.0], np.cumsum(np.where(np.arange(299) < 260, 0.25, 0.25 * rate))])
    doubt = doubt_of_rate(times, Split(50, 100, 300))
    assert (doubt is not None) == said
    if doubt:
        assert f"some frames of the test span come every {0.25 * rate:.4g} s" in doubt


@pytest.mark.parametrize(("first", "last", "said"), [(30, 60, False), (90, 119, False), (60, 90, True)])
def test_another_rate_before_or_behind_the_test_span_moves_no_score(first: int, last: int, said: bool) -> None:
    intervals = np.where((np.arange(119) >= first) & (np.arange(119) < last), 0.2, 0.25)
    doubt = doubt_of_rate(np.concatenate([[0.0], np.cumsum(intervals)]), Split(30, 60, 90))
    assert (doubt is not None) == said


def test_the_stretch_at_another_rate_is_told_by_its_frames_and_its_worst_mean() -> None:
    intervals = np.full(200, 0.5)
    intervals[60:80], intervals[100:120], intervals[125] = 0.53, 0.44, 9.0  # the last is a gap, of no rate
    times = np.concatenate([[0.0], np.cumsum(intervals)])
    found = other_rate(times, 0.5)
    assert found is not None
    assert (found.first, found.last) == (60, 120)
    assert found.interval_s == pytest.approx(0.44)
    assert other_rate(times, 9.0) is None  # one that is no rate of any frame
    assert other_rate(times[:2], 0.5) is None


def test_one_second_in_a_header_is_what_is_written_without_a_time() -> None:
    assert "exactly 1 s" in doubts(FRAMES, 1.0, (1.0, 1.0), True)[0]
    assert doubts(FRAMES, 1.0, (1.0, 1.0)) == ()


def test_motion_is_that_of_the_frames() -> None:
    """Of a triangle between two places each step is as long: 4 rows of 2 mm."""
    image = breathing(4, count=1, depth=0.0)[0]
    frames = np.array([np.roll(image, 4 * abs(t % 4 - 2), axis=0) for t in range(16)])
    assert motion_per_frame_mm(frames, (2.0, 1.0)) == pytest.approx(8.0, rel=0.15)
    assert motion_per_frame_mm(frames[:1].repeat(9, axis=0), (2.0, 1.0)) < 0.5
    assert motion_per_frame_mm(frames[:5], (2.0, 1.0)) == 0.0
    noise = np.random.default_rng(0).random((9, 60, 60))
    assert motion_per_frame_mm(noise * [[[0.0]]], (2.0, 1.0)) == 0.0  # no block has anything to be found again by
    leap = frames[:1].repeat(41, axis=0)
    leap[21:] = np.roll(image, 8, axis=0)  # a leap is no motion of half of the frames
    assert motion_per_frame_mm(leap, (2.0, 1.0)) < 0.5


def test_shifts_of_blocks_have_the_sign_and_the_axis_of_the_motion() -> None:
    image = breathing(4, count=1, depth=0.0)[0]
    shifts = block_shifts(look_of(image), look_of(np.roll(image, (4, -2), axis=(0, 1))))
    np.testing.assert_allclose(np.median(shifts, axis=0), (2.0, -1.0), atol=0.1)


def test_motion_beyond_all_measure_names_its_causes(rng: np.random.Generator) -> None:
    shuffled = breathing(0, count=120, frames_per_breath=20, depth=8.0)[rng.permutation(120)]
    assert "frames out of order" in doubts(shuffled, 0.1, (1.8, 1.8))[0]
    assert "doubled sform" in doubts(shuffled, 0.1, (6.0, 6.0))[0]


def test_breathing_is_plausible() -> None:
    assert doubts(breathing(0, count=60, frames_per_breath=12, depth=6.0), 0.33, (1.8, 1.8)) == ()


def test_a_reader_says_it_and_it_stands_with_the_sequence(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    np.savez(tmp_path / "a.npz", frames=FRAMES.astype(np.uint16), frame_period_s=314.5, pixel_spacing_mm=[1.0, 1.0])
    with caplog.at_level(logging.WARNING, logger="cinecast"):
        sequence = read_sequence(tmp_path / "a.npz")
    assert "a: a frame period of 314.5 s is longer than any cine has" in caplog.text
    assert "314.5" in sequence.origins["doubts"]


def test_frames_after_the_train_span_change_nothing() -> None:
    frames = breathing(0, count=60)
    mixed = frames.copy()
    mixed[21::2] = breathing(1, count=60)[21::2]
    assert doubts(frames[:20], 0.3, (1.8, 1.8)) == doubts(mixed[:20], 0.3, (1.8, 1.8)) == ()


@pytest.mark.shared
@pytest.mark.parametrize("name", [*(f"cine/{name}" for name in SEQUENCES), "trackrad/Z_001"])
def test_recorded_sequences_are_plausible(shared: Path, name: str) -> None:
    try:
        assert "doubts" not in read_sequence(shared / "data" / name).origins
    except ReadError as error:
        pytest.fail(str(error))


@pytest.mark.parametrize(
    ("period", "cause"),
    [
        (3.18, r"a rate in Hz taken for a period, or a period for a rate \(0.314465 s\)"),
        (19.9, r"a rate in Hz taken for a period"),
        (20.0, r"milliseconds taken for seconds \(0.02 s\)"),
    ],
)
def test_the_cause_named_leads_to_a_plausible_period(period: float, cause: str) -> None:
    assert re.search(cause, doubts(FRAMES, period, (1.0, 1.0))[0])


def test_a_field_of_view_beyond_all_scanners_names_the_spacing() -> None:
    """96 x 80 pixels: 600 mm at 6.25 mm."""
    assert doubts(FRAMES, 0.3, (6.25, 1.0)) == ()
    (found,) = doubts(FRAMES, 0.3, (6.26, 1.0))
    assert "a field of view of 601 x 80 mm is larger than any scanner has (600 mm)" in found
    assert "doubled sform" in found
    assert "601" not in "".join(doubts(FRAMES.transpose(0, 2, 1), 0.3, (6.26, 1.0)))


def test_time_along_another_axis_is_seen_from_the_pixels() -> None:
    frames = breathing(0, 60)
    (columns,) = doubts(frames.transpose(2, 1, 0), 0.3, (1.0, 1.0))
    assert "averaged over its columns it keeps it: is that axis the time?" in columns
    (rows,) = doubts(frames.transpose(1, 0, 2), 0.3, (1.0, 1.0))
    assert "averaged over its rows it keeps it" in rows


def test_brightness_and_faulty_frames_are_no_other_axis(rng: np.random.Generator) -> None:
    frames = breathing(0, 60) * rng.uniform(0.2, 3, (60, 1, 1))
    frames[5:12] = rng.normal(-9999, 1, (7, 1, 1)) + rng.normal(0, 0.1, frames.shape[1:])
    assert not any("axis" in each for each in doubts(frames, 0.3, (1.0, 1.0)))


@pytest.mark.parametrize("code", [-9999.0, -1.0e20, 65535.0, 32767.0])
def test_codes_among_the_grey_values_are_named(code: float) -> None:
    frames = breathing(0)
    frames[:, :9] = code
    found = [each for each in doubts(frames, 0.3, (1.0, 1.0)) if "code" in each]
    assert len(found) == 1
    assert f"the grey value {code:g} of 9.4 % of the pixels is far outside all others" in found[0]


def test_padding_and_bright_pixels_are_no_codes() -> None:
    frames = breathing(0) + 5000
    frames[:, :9] = 0
    assert doubt_of_grey_codes(frames) is None
    frames = breathing(0)
    frames[:, 40:42, 40:42] *= 2
    assert doubt_of_grey_codes(frames) is None
    assert doubt_of_grey_codes(np.ones((9, 16, 16))) is None
    assert doubt_of_grey_codes(np.eye(16)[np.newaxis].repeat(9, axis=0)) is None


@pytest.mark.shared
@pytest.mark.parametrize("name", SEQUENCES)
def test_recorded_sequences_raise_no_doubt(shared: Path, name: str) -> None:
    assert "doubts" not in read_sequence(shared / "data" / "cine" / name).origins
