"""Scores of masks: against all pairs of border points, against MONAI, and by the laws that distances obey."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.typing import NDArray
from scipy.ndimage import binary_erosion, center_of_mass, distance_transform_edt

from cinecast.score.mask_scores import MASK_METRICS, MaskScore, centroid_mm, score_mask, score_mask_series
from cinecast.score.surface_distance import border, surface_distances, union_box

Mask = NDArray[np.bool_]
SPACING = (2.0, 0.75)
DISTANCES = ("hd95_mm", "masd_mm", "surface_mm", "centroid_mm")

spacings = st.tuples(st.floats(0.3, 4), st.floats(0.3, 4))
masks = arrays(bool, (7, 9)).filter(np.any)


def block(rows: slice, columns: slice, shape: tuple[int, int] = (20, 20)) -> Mask:
    made = np.zeros(shape, dtype=bool)
    made[rows, columns] = True
    return made


def disk(row: float, column: float, radius: float, shape: tuple[int, int] = (64, 48)) -> Mask:
    rows, columns = np.ogrid[: shape[0], : shape[1]]
    return np.asarray((rows - row) ** 2 + (columns - column) ** 2 <= radius**2)


def scored(forecast: Mask, reference: Mask, spacing_mm: tuple[float, float] = SPACING) -> MaskScore:
    found = score_mask(forecast, reference, spacing_mm=spacing_mm)
    assert found is not None
    return found


def all_pairs(forecast: Mask, reference: Mask, spacing_mm: tuple[float, float]) -> dict[str, float]:
    """Return the scores of non-empty masks from the distances between all pairs of border points."""

    def points(mask: Mask) -> list[tuple[int, int]]:
        h, w = mask.shape
        inside = {(r, c) for r, c in product(range(h), range(w)) if mask[r, c]}
        return [(r, c) for r, c in sorted(inside) if not {(r - 1, c), (r + 1, c), (r, c - 1), (r, c + 1)} <= inside]

    def directed(start: list[tuple[int, int]], end: list[tuple[int, int]]) -> list[float]:
        return [min(np.hypot((r - i) * spacing_mm[0], (c - j) * spacing_mm[1]) for i, j in end) for r, c in start]

    there = directed(points(forecast), points(reference))
    back = directed(points(reference), points(forecast))
    means = [sum(each) / len(each) for each in (there, back)]
    return {
        "dice": 2 * (forecast & reference).sum() / (forecast.sum() + reference.sum()),
        "hd95_mm": max(np.percentile(there, 95), np.percentile(back, 95)),
        "masd_mm": (means[0] + means[1]) / 2,
        "surface_mm": means[0],
    }


@given(masks, masks, spacings)
def test_scores_are_those_of_all_pairs_of_border_points(
    forecast: Mask, reference: Mask, spacing_mm: tuple[float, float]
) -> None:
    found = scored(forecast, reference, spacing_mm)._asdict()
    expected = all_pairs(forecast, reference, spacing_mm)
    assert {name: found[name] for name in expected} == pytest.approx(expected, abs=1e-9)
    rows, columns = np.subtract(center_of_mass(forecast), center_of_mass(reference)) * spacing_mm
    parts = (found["centroid_rows_mm"], found["centroid_columns_mm"], found["centroid_mm"])
    assert parts == pytest.approx((rows, columns, np.hypot(rows, columns)), abs=1e-9)


@given(arrays(bool, (6, 5)))
def test_the_border_is_the_mask_without_its_erosion(mask: Mask) -> None:
    np.testing.assert_array_equal(border(mask), mask & ~binary_erosion(mask))


def test_the_edge_of_the_image_counts_as_outside() -> None:
    expected = np.ones((4, 5), dtype=bool)
    expected[1:3, 1:4] = False
    np.testing.assert_array_equal(border(np.ones((4, 5), dtype=bool)), expected)


@given(masks, masks, spacings, st.integers(0, 3), st.integers(0, 3))
def test_the_cropped_form_is_the_plain_one(
    forecast: Mask, reference: Mask, spacing_mm: tuple[float, float], rows: int, columns: int
) -> None:
    # The same masks in the middle and along the edges of a larger image, distances over the whole of it.
    forecast, reference = (np.pad(each, ((rows, 3), (3, columns))) for each in (forecast, reference))
    fast = surface_distances(forecast, reference, spacing_mm=spacing_mm)
    edges = [each & ~binary_erosion(each) for each in (forecast, reference)]
    there = distance_transform_edt(~edges[1], sampling=spacing_mm)[edges[0]]
    back = distance_transform_edt(~edges[0], sampling=spacing_mm)[edges[1]]
    np.testing.assert_allclose(fast.from_forecast, there, rtol=0, atol=1e-12)
    np.testing.assert_allclose(fast.from_reference, back, rtol=0, atol=1e-12)


def test_a_box_holds_both_masks_and_ends_where_the_image_does() -> None:
    both = (block(slice(0, 2), slice(3, 5)), block(slice(6, 7), slice(19, 20)))
    assert union_box(*both, margin=2) == (slice(0, 9), slice(1, 22))


@pytest.mark.parametrize("spacing_mm", [(1.0, 1.0), (2.0, 0.75), (0.5, 3.0)])
def test_scores_are_those_of_monai(rng: np.random.Generator, spacing_mm: tuple[float, float]) -> None:
    import torch
    from monai.metrics import compute_average_surface_distance, compute_dice, compute_hausdorff_distance

    for _ in range(20):
        centre, radii = rng.uniform(0, 48, (2, 2)), rng.uniform(2, 14, 2)
        noise = rng.random((2, 64, 48)) < 0.02
        pair = [disk(*centre[i], radii[i]) ^ noise[i] for i in (0, 1)]
        forecast, reference = (torch.tensor(each[np.newaxis, np.newaxis]) for each in pair)
        options = {"include_background": True, "spacing": spacing_mm}
        found = scored(*pair, spacing_mm)
        expected = {
            "dice": compute_dice(forecast, reference, include_background=True),
            "hd95_mm": compute_hausdorff_distance(forecast, reference, percentile=95, **options),
            "surface_mm": compute_average_surface_distance(forecast, reference, **options),
        }
        for name, value in expected.items():
            assert getattr(found, name) == pytest.approx(float(value), abs=1e-4), name


@pytest.mark.parametrize(
    ("spacing_mm", "hd95", "surface", "masd"),
    [((1.0, 1.0), 5.5, 25 / 30, (25 / 30 + 54 / 31) / 2), ((2.0, 1.0), 5.5, 27.5 / 30, 1.3616)],
)
def test_the_example_of_docs_targets(spacing_mm: tuple[float, float], hd95: float, surface: float, masd: float) -> None:
    reference = block(slice(4, 10), slice(5, 13)) | block(slice(4, 6), slice(13, 17))
    found = scored(block(slice(4, 10), slice(3, 11)), reference, spacing_mm)
    assert found[1:4] == pytest.approx((hd95, masd, surface), abs=5e-5)


def test_a_shifted_block_has_errors_known_by_hand() -> None:
    reference = block(slice(4, 10), slice(5, 9))
    found = scored(block(slice(6, 12), slice(5, 9)), reference)
    assert found.dice == pytest.approx(2 * 16 / 48)
    assert (found.centroid_rows_mm, found.centroid_columns_mm, found.centroid_mm) == pytest.approx((4, 0, 4))
    assert found.hd95_mm == pytest.approx(4)
    assert not found.missed


def test_the_directed_distance_sees_what_is_too_much_and_not_what_is_missing() -> None:
    whole = block(slice(4, 10), slice(2, 18))
    half = block(slice(4, 10), slice(2, 10))
    assert scored(half, whole).surface_mm < 0.3 * scored(whole, half).surface_mm
    assert scored(half, whole).masd_mm == pytest.approx(scored(whole, half).masd_mm)


@given(masks, masks, spacings, st.integers(0, 4), st.integers(0, 4))
def test_scores_do_not_depend_on_where_in_the_image_both_lie(
    forecast: Mask, reference: Mask, spacing_mm: tuple[float, float], rows: int, columns: int
) -> None:
    # A frame of one pixel, so that no mask lies at the edge before and inside after.
    one, other = (np.pad(each, ((1, 5), (1, 5))) for each in (forecast, reference))
    moved = [np.roll(each, (rows, columns), axis=(0, 1)) for each in (one, other)]
    assert scored(*moved, spacing_mm) == pytest.approx(scored(one, other, spacing_mm), abs=1e-9)


@given(masks, masks, spacings, st.floats(0.2, 5))
def test_distances_scale_with_the_spacing(
    forecast: Mask, reference: Mask, spacing_mm: tuple[float, float], scale: float
) -> None:
    one = scored(forecast, reference, spacing_mm)
    other = scored(forecast, reference, (scale * spacing_mm[0], scale * spacing_mm[1]))
    assert other.dice == one.dice
    for name in DISTANCES:
        assert getattr(other, name) == pytest.approx(scale * getattr(one, name), abs=1e-9)


@given(masks, masks, spacings)
def test_forecast_and_reference_changed_over(forecast: Mask, reference: Mask, spacing_mm: tuple[float, float]) -> None:
    one, other = scored(forecast, reference, spacing_mm), scored(reference, forecast, spacing_mm)
    for name in ("dice", "hd95_mm", "masd_mm", "centroid_mm"):
        assert getattr(other, name) == pytest.approx(getattr(one, name), abs=1e-12)
    assert other.centroid_rows_mm == pytest.approx(-one.centroid_rows_mm, abs=1e-12)


@given(masks, masks, spacings)
def test_transposed_masks_have_transposed_parts(
    forecast: Mask, reference: Mask, spacing_mm: tuple[float, float]
) -> None:
    one = scored(forecast, reference, spacing_mm)
    other = scored(forecast.T, reference.T, spacing_mm[::-1])
    swapped = one._replace(centroid_rows_mm=one.centroid_columns_mm, centroid_columns_mm=one.centroid_rows_mm)
    assert other == pytest.approx(swapped, abs=1e-9)


@given(masks, spacings)
def test_a_perfect_forecast(mask: Mask, spacing_mm: tuple[float, float]) -> None:
    assert scored(mask, mask.copy(), spacing_mm) == MaskScore(1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, missed=False)


def test_a_missed_target_has_the_larger_side_of_the_image_in_mm() -> None:
    reference = block(slice(2, 4), slice(2, 4), shape=(20, 40))
    found = scored(np.zeros_like(reference), reference, (2.5, 1.0))  # 50 x 40 mm
    assert [getattr(found, name) for name in DISTANCES] == [50.0] * 4
    assert (found.dice, found.missed) == (0.0, True)
    assert np.isnan([found.centroid_rows_mm, found.centroid_columns_mm]).all()


def test_without_a_reference_there_is_no_score() -> None:
    nothing = np.zeros((5, 5), dtype=bool)
    assert score_mask(~nothing, nothing, spacing_mm=SPACING) is None
    assert score_mask(nothing, nothing, spacing_mm=SPACING) is None
    assert np.isnan(centroid_mm(nothing, spacing_mm=SPACING)).all()


def series() -> tuple[Mask, Mask]:
    """Return five frames: given, off by one row, missed, without reference, off by two columns."""
    target = block(slice(5, 10), slice(5, 10))
    nothing = np.zeros_like(target)
    references = np.stack([target, target, target, nothing, target])
    forecasts = np.stack([~target, np.roll(target, 1, axis=0), nothing, target, np.roll(target, -2, axis=1)])
    return forecasts, references


def test_a_series_counts_what_is_missed_and_leaves_out_what_has_no_reference() -> None:
    found = score_mask_series(*series(), frames=range(1, 5), spacing_mm=SPACING)
    assert found.frames.tolist() == [1, 2, 4]
    assert found.without_reference == (3,)
    assert found.mean("missed") == 1
    assert found.mean("centroid_mm") == pytest.approx((2.0 + 40.0 + 1.5) / 3)
    assert found.mean("centroid_rows_mm") == pytest.approx((2.0 + 0.0) / 2)
    assert found.mean("centroid_columns_mm") == pytest.approx((0.0 + 1.5) / 2)
    np.testing.assert_allclose(found.centroid_errors_mm(), [[2, 0], [np.nan, np.nan], [0, -1.5]], atol=1e-12)
    assert found.values("dice").tolist() == pytest.approx([0.8, 0, 0.6])


def test_a_series_without_any_reference_has_no_means() -> None:
    forecasts, references = series()
    found = score_mask_series(forecasts, references & False, frames=[1, 2], spacing_mm=SPACING)
    assert found.without_reference == (1, 2)
    means = {name: found.mean(name) for name in MASK_METRICS}
    assert means.pop("missed") == 0
    assert np.isnan(list(means.values())).all()


def test_scores_of_a_frame_do_not_depend_on_other_frames(rng: np.random.Generator) -> None:
    forecasts, references = series()
    before = score_mask_series(forecasts, references, frames=[1, 2], spacing_mm=SPACING)
    forecasts[3:], references[3:] = rng.random((2, 2, 20, 20)) < 0.5
    after = score_mask_series(forecasts, references, frames=[1, 2], spacing_mm=SPACING)
    assert repr(after.scores) == repr(before.scores)
