"""The rules of TrackRAD2025: on its example case, and on series whose scores are known by hand."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.ndimage import binary_dilation, gaussian_filter
from SimpleITK import GetArrayFromImage, ReadImage

from cinecast.score.mask_scores import score_mask
from cinecast.trackrad.evaluation import METRICS, MasksError, TrackradScores, evaluate

Masks = NDArray[np.bool_]


def squares(rows: list[int | None], shape: tuple[int, int] = (60, 50), column: int = 20) -> Masks:
    """Return squares of 10 x 10 pixels, one a frame, from the rows given; None is an empty frame."""
    made = np.zeros((len(rows), *shape), dtype=bool)
    for mask, row in zip(made, rows, strict=True):
        if row is not None:
            mask[row : row + 10, column : column + 10] = True
    return made


def means(scores: TrackradScores) -> list[float]:
    return [scores.series.mean(metric) for metric in METRICS]


def read(file: Path) -> Masks:
    return np.moveaxis(GetArrayFromImage(ReadImage(str(file))), -1, 0) > 0


def test_the_example_case_without_motion(shared: Path) -> None:
    targets = shared / "data" / "trackrad" / "Z_001" / "targets"
    labels = read(targets / "Z_001_labels.mha")
    still = np.repeat(read(targets / "Z_001_first_label.mha"), len(labels), axis=0)
    found = evaluate(still, labels, scanned_region="abdomen")
    assert means(found) == pytest.approx([0.6595, 17.3333, 10.2948, 16.9375], abs=1e-4)
    assert found.d98_ratio == pytest.approx({"2025-03": 0.6055, "2025-09": 0.4852}, abs=1e-4)
    assert found.series.frames.tolist() == list(range(1, 10))


def test_a_perfect_forecast() -> None:
    references = squares([20, 22, 24])
    found = evaluate(references.copy(), references)
    assert means(found) == [1, 0, 0, 0]
    assert found.d98_ratio == pytest.approx({"2025-03": 1, "2025-09": 1})


def test_the_first_frame_does_not_count() -> None:
    references = squares([20, 22, 24])
    found = evaluate(squares([40, 22, 24]), references)
    assert means(found) == [1, 0, 0, 0]
    assert found.series.frames.tolist() == [1, 2]
    # For the dose it does: a third of the frames is off by 20 mm.
    assert found.d98_ratio["2025-09"] == pytest.approx(0.7, abs=0.05)


def test_frames_with_an_empty_reference_are_dropped_before_the_first_is() -> None:
    found = evaluate(squares([None, 20, 22, 20, 24]), squares([None, None, 20, None, 20]))
    assert found.series.frames.tolist() == [4]
    assert found.series.without_reference == (0, 1, 3)
    assert means(found)[0] == pytest.approx(0.6)
    assert means(found)[3] == pytest.approx(4)


def test_a_missed_target_costs_the_larger_side_of_the_image_in_pixels() -> None:
    found = evaluate(squares([20, None, 24]), squares([20, 20, 20]))
    assert found.series.mean("missed") == 1
    own = score_mask(squares([24])[0], squares([20])[0], spacing_mm=(1, 1))
    assert own is not None
    assert means(found) == pytest.approx(
        [0.3, (60 + own.hd95_mm) / 2, (60 + own.surface_mm) / 2, (60 + own.centroid_mm) / 2]
    )


def test_where_the_first_is_missed_it_counts_and_the_next_is_dropped() -> None:
    # The challenge moves missed frames to the end before it drops the first.
    found = evaluate(squares([None, 20, 24]), squares([20, 20, 20]))
    assert found.series.frames.tolist() == [0, 2]
    assert found.series.mean("missed") == 1


def test_where_all_kept_frames_are_missed_the_first_of_them_is_dropped() -> None:
    found = evaluate(squares([20, None, None, None]), squares([None, 20, 20, 20]))
    assert found.series.frames.tolist() == [2, 3]
    assert found.series.mean("missed") == 2


def test_the_plan_is_the_first_reference_that_is_kept() -> None:
    """Later references may have another shape: of them the centroids alone count."""
    references, forecasts = squares([None, 20, 20, 20]), squares([20, 20, 26, 14])
    alike = evaluate(forecasts, references).d98_ratio
    references[2:, 15:35, 15:35] = True  # wider, about the same centre
    forecasts[2, 21:41, 15:35], forecasts[3, 9:29, 15:35] = True, True
    assert evaluate(forecasts, references).d98_ratio == pytest.approx(alike)
    assert evaluate(forecasts[2:], references[2:]).d98_ratio != pytest.approx(alike)


def plain_d98(dose: NDArray[np.float32], target: NDArray[np.bool_]) -> float:
    """Return the dose between the middles of bins of 0.1 that 98 % of the target reach."""
    edges = np.arange(-0.05, dose.max() + 0.1, 0.1)
    reached = [float((dose[target] >= edge).mean()) for edge in edges[:-1]]
    return float(np.interp(0.98, reached[::-1], (edges[:-1] + 0.05)[::-1]))


def test_the_dose_is_that_of_the_first_reference_moved_as_the_forecast_is_off() -> None:
    """An L is no more like itself upside down than its plan is; the forecasts are off in one direction."""
    references, forecasts = np.zeros((2, 4, 70, 60), dtype=bool)
    for t, down in enumerate((0, 2, 5, 1)):
        for masks, off in ((references, 0), (forecasts, 7)):
            masks[t, 20 + down + off : 44 + down + off, 20:30] = True
            masks[t, 34 + down + off : 44 + down + off, 20:44] = True
    plan = references[0]
    smoothed = gaussian_filter(binary_dilation(plan, iterations=3).astype(np.float32), 4)
    ratios = {}
    for version, threshold in (("2025-03", 0.25), ("2025-09", 0.5)):
        planned = (smoothed > threshold).astype(np.float32)
        moved = np.zeros_like(planned)
        moved[7:] = planned[:-7]
        ratios[version] = plain_d98(moved, plan) / plain_d98(planned, plan)
        assert ratios[version] != pytest.approx(
            plain_d98(np.roll(planned, -7, axis=0), plan) / plain_d98(planned, plan)
        )
    assert evaluate(forecasts, references).d98_ratio == pytest.approx(ratios)


def test_missed_frames_deliver_no_dose() -> None:
    found = evaluate(squares([20, 20, None, None]), squares([20, 20, 20, 20]))
    assert found.d98_ratio == pytest.approx({"2025-03": 0.5, "2025-09": 0.5})


def test_the_penumbra_of_the_lung_is_wider() -> None:
    references, forecasts = squares([20] * 4), squares([20, 24, 16, 23])
    lung, other = (evaluate(forecasts, references, scanned_region=region) for region in ("lung", "abdomen"))
    assert lung.d98_ratio != other.d98_ratio
    assert means(lung) == means(other)


@pytest.mark.parametrize("column", [40, 55, 65])
def test_a_target_beyond_column_h_of_a_wide_image_has_its_distances(column: int) -> None:
    # H is 50. The challenge's code cuts the image there: distances are infinite beyond, and wrong on the border.
    rows: list[list[int | None]] = [[20, 22, 25], [20, 20, 20]]
    wide = [squares(each, (50, 100), column) for each in rows]
    near = [squares(each, (50, 100), column=20) for each in rows]
    found, expected = evaluate(*wide), evaluate(*near)
    assert np.isfinite(means(found)).all()
    assert means(found) == pytest.approx(means(expected))
    assert found.d98_ratio == pytest.approx(expected.d98_ratio)


def test_empty_forecasts_alone_are_refused() -> None:
    with pytest.raises(MasksError, match="must mark the target in one frame at least"):
        evaluate(squares([None, None]), squares([20, 20]))


@pytest.mark.parametrize("references", [[None, None, None], [None, 20, None]])
def test_fewer_than_two_references_are_refused(references: list[int | None]) -> None:
    with pytest.raises(MasksError, match=r"need two frames with a reference.*got [01] of 3"):
        evaluate(squares([20, 20, 20]), squares(references))


def test_scores_of_a_frame_do_not_depend_on_later_frames() -> None:
    references = squares([20, 22, 24, 26])
    early = evaluate(squares([20, 21, 26, 26]), references).series
    late = evaluate(squares([20, 21, 26, 40]), references).series
    assert late.scores[:2] == early.scores[:2]
    assert late.scores[2] != early.scores[2]
