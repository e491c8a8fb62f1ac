"""The D98 that errors of the centroid leave, against plain forms and doses known by hand."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.ndimage import binary_dilation, gaussian_filter, generate_binary_structure, shift

from cinecast.score.delivered_dose import D98_THRESHOLDS, d98, d98_ratio, delivered_dose, planned_dose, ratio_of_d98

MM = (1.0, 1.0)


def disk(radius: float, shape: tuple[int, int] = (80, 70), centre: tuple[int, int] = (40, 30)) -> NDArray[np.bool_]:
    rows, columns = np.ogrid[: shape[0], : shape[1]]
    return np.asarray((rows - centre[0]) ** 2 + (columns - centre[1]) ** 2 <= radius**2)


@pytest.mark.parametrize(("region", "sigma"), [("lung", 6), ("abdomen", 4), (None, 4)])
@pytest.mark.parametrize("threshold", [0.25, 0.5])
def test_with_pixels_of_1_mm_the_plan_is_trackrads(region: str | None, sigma: float, threshold: float) -> None:
    plan = disk(9)
    widened = binary_dilation(plan, generate_binary_structure(2, 1), iterations=3).astype(np.float32)
    expected = gaussian_filter(widened, sigma) >= threshold
    found = planned_dose(plan, spacing_mm=MM, scanned_region=region, threshold=threshold)
    np.testing.assert_array_equal(found, expected)
    assert plan.sum() < expected.sum() < plan.size


def test_margin_and_penumbra_are_in_mm_of_each_axis() -> None:
    plan = np.zeros((61, 31), dtype=bool)
    plan[30, 15] = True
    rows, columns = np.ogrid[:61, :31]
    within_3_mm = 0.5 * np.abs(rows - 30) + 2.0 * np.abs(columns - 15) <= 3
    assert (within_3_mm.any(axis=1).sum(), within_3_mm.any(axis=0).sum()) == (13, 3)
    expected = gaussian_filter(within_3_mm.astype(np.float32), (8, 2)) >= 0.02
    assert 0 < expected.sum() < expected.size
    np.testing.assert_array_equal(planned_dose(plan, spacing_mm=(0.5, 2.0), threshold=0.02), expected)


def test_a_spacing_in_single_precision_takes_no_pixel_off_the_margin() -> None:
    assert 5 * float(np.float32(0.6)) > 3  # as NIfTI keeps it
    doses = [planned_dose(disk(12), spacing_mm=(each, each)) for each in (0.6, float(np.float32(0.6)))]
    np.testing.assert_array_equal(*doses)


def test_shifts_by_whole_pixels_average_the_dose() -> None:
    planned = disk(8)
    found = delivered_dose(planned, np.array([[3.0, 0], [0, -5.0], [0, 0], [np.nan, np.nan]]))
    moved = [np.roll(planned, 3, axis=0), np.roll(planned, -5, axis=1), planned]
    np.testing.assert_allclose(found, np.mean([*moved, np.zeros_like(planned)], axis=0), atol=1e-6)


def test_the_evaluation_of_trackrad_cut_the_dose_at_a_quarter_and_now_at_half() -> None:
    assert D98_THRESHOLDS == {"2025-03": 0.25, "2025-09": 0.5}
    newest, at_half = planned_dose(disk(9), spacing_mm=MM), planned_dose(disk(9), spacing_mm=MM, threshold=0.5)
    np.testing.assert_array_equal(newest, at_half)


@pytest.mark.parametrize("error", [(0.3, -1.7), (3.52, 0.1)])
def test_shifts_between_pixels_are_rounded_to_dose_or_none(error: tuple[float, float]) -> None:
    planned = disk(8)
    expected = shift(planned.astype(np.float64), error, order=3, mode="nearest") >= 0.5
    np.testing.assert_array_equal(delivered_dose(planned, np.array([error])), expected)


@pytest.mark.parametrize(("without", "expected"), [(0, 1.0), (1, 1.0), (4, 0.05), (50, 0.004)])
def test_the_d98_is_read_off_bins_of_a_tenth(without: int, expected: float) -> None:
    # So many per cent of the target have no dose. Where they are more than 2, the share that is reached rises from the
    # bin of 0.1, where it is 1 - without, to 1 in that of 0: the D98 lies between these two.
    target = np.ones((20, 100), dtype=bool)
    dose = np.ones(target.shape)
    dose[:, :without] = 0
    assert d98(dose, target) == pytest.approx(expected)


@pytest.mark.parametrize("everywhere", [0.1, 0.5])
def test_a_dose_that_is_the_same_everywhere_is_the_d98(everywhere: float) -> None:
    target = disk(5)
    assert d98(np.full(target.shape, everywhere), target) == pytest.approx(everywhere)


def test_the_ratio_is_to_what_the_plan_itself_gives() -> None:
    # The plan leaves out 4 of 100 columns: read off the bins, its own D98 is 0.05, and still nothing is lost.
    target = np.ones((20, 100), dtype=bool)
    planned = target.copy()
    planned[:, :4] = False
    assert ratio_of_d98(target, planned, np.zeros((3, 2))) == pytest.approx(1)
    assert np.isnan(ratio_of_d98(target, ~target, np.zeros((3, 2))))


def test_no_dose_in_the_target_is_a_d98_of_0() -> None:
    target = disk(5)
    assert d98(np.zeros(target.shape), target) == 0
    assert d98((~disk(12)).astype(float), target) == 0


def test_nothing_is_lost_without_errors_or_within_the_margin() -> None:
    plan = disk(9)
    assert d98_ratio(plan, np.zeros((4, 2)), spacing_mm=MM) == pytest.approx(1)
    assert d98_ratio(plan, np.array([[1.0, 0], [-1, 0], [0, 1], [0, -1]]), spacing_mm=MM) == pytest.approx(1)


def test_errors_beyond_the_margin_cost_dose() -> None:
    plan = disk(9)
    ratios = [d98_ratio(plan, np.full((4, 2), error), spacing_mm=MM) for error in (0.0, 4.0, 30.0)]
    assert ratios[0] > ratios[1] > ratios[2] == 0
    missed = np.array([[0.0, 0], [np.nan, np.nan]])
    assert d98_ratio(plan, missed, spacing_mm=MM) == pytest.approx(0.5)


def test_errors_are_in_mm() -> None:
    plan = disk(9)
    errors = np.array([[4.0, 0], [3.0, 1.0], [0, 0]])
    fine = np.repeat(np.repeat(plan, 2, axis=0), 2, axis=1)
    one, other = d98_ratio(plan, errors, spacing_mm=MM), d98_ratio(fine, errors, spacing_mm=(0.5, 0.5))
    assert 0 < one < 1
    assert other == pytest.approx(one, abs=0.1)


def test_the_rounding_of_an_error_moves_no_dose() -> None:
    rng = np.random.default_rng(249)  # a mask of which one pixel gets half of the dose after this shift
    (height, width), centre = rng.uniform(2.2, 5, 2), (rng.uniform(8, 22), rng.uniform(8, 18))
    rows, columns = np.ogrid[:24, :26]
    plan = ((rows - centre[0]) / height) ** 2 + ((columns - centre[1]) / width) ** 2 < 1
    coarse = (6.0, 6.0)  # the plan has no margin there
    np.testing.assert_array_equal(planned_dose(plan, spacing_mm=coarse), plan)
    errors = np.array([[3.0, 6.0], [0, 0]])
    ratios = [d98_ratio(plan, errors * (1 + slack), spacing_mm=coarse) for slack in (0, 1e-15, 3e-15)]
    assert 0 < ratios[0] < 1
    assert ratios[0] == ratios[1] == ratios[2]


@pytest.mark.parametrize("centre", [(40, 30), (6, 66), (76, 3)])
def test_the_cropped_form_is_the_plain_one(rng: np.random.Generator, centre: tuple[int, int]) -> None:
    plan = disk(9, centre=centre)
    for _ in range(5):
        errors = rng.normal(0, 4, (10, 2))
        planned = planned_dose(plan, spacing_mm=MM)
        assert d98_ratio(plan, errors, spacing_mm=MM) == pytest.approx(ratio_of_d98(plan, planned, errors), abs=1e-6)


def test_a_target_too_small_for_the_penumbra_has_no_ratio() -> None:
    assert np.isnan(d98_ratio(disk(1), np.zeros((3, 2)), spacing_mm=MM, scanned_region="lung"))
    assert d98_ratio(disk(1), np.zeros((3, 2)), spacing_mm=MM, threshold=0.25) == pytest.approx(1)


@pytest.mark.parametrize(
    ("radius", "spacing", "region"),
    [(5, (4.0, 4.0), None), (5, (5.0, 4.0), "lung"), (5, MM, "lung"), (4, (2.0, 2.0), "lung")],
)
def test_a_plan_that_covers_less_than_98_percent_of_the_target_has_no_ratio(
    radius: float, spacing: tuple[float, float], region: str | None
) -> None:
    plan = disk(radius)
    planned = planned_dose(plan, spacing_mm=spacing, scanned_region=region)
    assert 0 < (planned & plan).sum() < 0.98 * plan.sum()
    errors = np.array([[0.0, 0.0], [1.0, -2.0], [-4.0, 3.0]])
    assert np.isnan(d98_ratio(plan, errors, spacing_mm=spacing, scanned_region=region))


@pytest.mark.parametrize("spacing", [MM, (2.0, 3.0), (3.5, 3.5), (5.0, 4.0)])
def test_no_error_delivers_more_than_the_plan(rng: np.random.Generator, spacing: tuple[float, float]) -> None:
    for radius in (3, 4, 6, 9, 14):
        for region in ("lung", None):
            ratio = d98_ratio(disk(radius), rng.normal(0, 2, (20, 2)), spacing_mm=spacing, scanned_region=region)
            assert np.isnan(ratio) or ratio <= 1


def test_without_frames_or_target_there_is_no_ratio() -> None:
    assert np.isnan(d98_ratio(disk(9), np.empty((0, 2)), spacing_mm=MM))
    assert np.isnan(d98_ratio(disk(9) & False, np.zeros((3, 2)), spacing_mm=MM))
