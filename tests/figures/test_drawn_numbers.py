"""What the axes, bars, bands, arrows and colours of figures say, read back from what is drawn."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from matplotlib.collections import PolyCollection
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from matplotlib.quiver import Quiver
from numpy.typing import NDArray

from cinecast.figures import FigureChoice
from cinecast.figures.choice import show
from cinecast.figures.images import aspect_of, frames, mmode, modes
from cinecast.figures.lines import horizons, weights
from cinecast.figures.radius import radius
from cinecast.report.data import ReportData
from cinecast.sequence import Roi
from helpers.report_data import PERIOD_S, Simulated, simulated_report

FIRST = 21  # test frame; the pixels are 2.0 mm high and 1.5 mm wide
ERROR = "dvf_error_mean_mm"


def bars_of(figure: Figure, label: str) -> tuple[NDArray[np.float64], dict[float, tuple[float, float]]]:
    """Return places (N, 2) of one method, and lowest and highest value of the bars that it has, by their place."""
    axes = figure.axes[0]
    line, _, bars = dict(zip(axes.get_legend_handles_labels()[1], axes.containers, strict=True))[label].lines
    drawn = [np.asarray(each) for each in bars[0].get_segments()] if bars else []
    ends = {each[0, 0]: (each[0, 1], each[1, 1]) for each in drawn if each.size}
    return np.column_stack(line.get_data()).astype(float), ends


def errors_of(data: ReportData, method: str, region: str) -> list[dict[str, str]]:
    wanted = (method, region, ERROR)
    return [row for row in data.scores if (row["method"], row["region"], row["metric"]) == wanted]


def test_errors_stand_at_their_horizon_in_seconds_with_their_half_range(rng: np.random.Generator) -> None:
    data = simulated_report(rng)
    figure = horizons(data, FigureChoice(region="roi"), 85)
    rows = errors_of(data, "snap1", "roi")
    places, ends = bars_of(figure, "Recurrent net")
    np.testing.assert_allclose(places[:, 0], [1 * PERIOD_S, 3 * PERIOD_S])
    np.testing.assert_allclose(places[:, 1], [float(row["value"]) for row in rows])
    values, halves = (np.array([float(row[name]) for row in rows]) for name in ("value", "half_range_95"))
    assert list(ends) == [1 * PERIOD_S, 3 * PERIOD_S]
    np.testing.assert_allclose(list(ends.values()), np.stack([values - halves, values + halves], axis=1))
    assert bars_of(figure, "Linear regression")[1] == {}
    assert figure.axes[0].get_xlabel() == "horizon (s)"
    assert figure.axes[0].get_ylim()[0] == 0


def test_a_half_range_that_is_not_known_is_drawn_as_none(rng: np.random.Generator) -> None:
    """Where a single run is left it was a bar of no length, as if all runs agreed."""
    data = simulated_report(rng)
    scores = [
        row | {"half_range_95": ""} if (row["method"], row["horizon_frames"]) == ("snap1", "1") else row
        for row in data.scores
    ]
    figure = horizons(replace(data, scores=scores), FigureChoice(region="roi"), 85)
    places, ends = bars_of(figure, "Recurrent net")
    assert len(places) == 2
    assert list(ends) == [3 * PERIOD_S]


def area_between(axes: Any, label: str) -> dict[float, tuple[float, float]]:
    """Return lowest and highest value of an area at each time."""
    (area,) = [each for each in axes.collections if isinstance(each, PolyCollection) and each.get_label() == label]
    corners = np.concatenate([path.vertices for path in area.get_paths()])
    times = dict.fromkeys(corners[:, 0].tolist())
    return {x: (corners[corners[:, 0] == x, 1].min(), corners[corners[:, 0] == x, 1].max()) for x in times}


def test_weights_stand_at_their_times_with_the_range_and_the_band_of_each_frame(rng: np.random.Generator) -> None:
    data = simulated_report(rng)
    figure = weights(data, FigureChoice(method="snap1", horizon_frames=3), 175)
    entry = next(e for e in data.entries if (e.method, e.horizon.frames) == ("snap1", 3))
    assert entry.bands is not None
    for k, axes in enumerate(figure.axes):
        own = entry.forecasts[:, FIRST:, k]
        for line in axes.lines:
            np.testing.assert_array_equal(line.get_xdata(), data.sequence.times_s[FIRST:])
        drawn, band = area_between(axes, "range over runs"), area_between(axes, "band of 90 %")
        for i, time_s in enumerate(data.sequence.times_s[FIRST:]):
            assert drawn[time_s] == pytest.approx((own[:, i].min(), own[:, i].max()))
            half = entry.bands.weight_radius[:, FIRST + i, k].mean()
            assert band[time_s] == pytest.approx((own[:, i].mean() - half, own[:, i].mean() + half))
        assert axes.get_ylabel() == f"mode {k + 1} ({80 if k == 0 else 10} %)"


def test_no_line_reaches_across_a_pause(rng: np.random.Generator) -> None:
    data = simulated_report(rng)
    later = data.sequence.times_s + 30.0 * (np.arange(30) >= 25)
    paused = replace(data, sequence=replace(data.sequence, times_s=later))
    for axes in weights(paused, FigureChoice(method="linear"), 175).axes:
        for line in axes.lines:
            x, y = (np.asarray(each, dtype=float) for each in line.get_data())
            np.testing.assert_array_equal(x[[3, 5]], later[[24, 25]])
            assert np.flatnonzero(np.isnan(y)).tolist() == [4]
            assert len(x) == len(y) == 10


def test_grey_values_and_differences_have_the_scales_that_they_say(rng: np.random.Generator) -> None:
    data = simulated_report(rng)
    test = data.sequence.frames[FIRST:].astype(float)
    low, high = np.percentile(test, [0.5, 99.5])
    # All but one pixel in 50 of a picture that knows of no motion, in steps of 5 % of the window.
    apart = np.percentile(np.abs(test - data.sequence.frames[0]), 98) / (high - low)
    limit = min(100, 5 * int(np.ceil(20 * apart))) / 100 * (high - low)
    for figure in (
        frames(data, FigureChoice(method="linear", frame=25), 175),
        mmode(data, FigureChoice(method="linear"), 85),
    ):
        real, predicted, difference = (axes.images[0] for axes in figure.axes[:3])
        assert real.get_clim() == predicted.get_clim() == pytest.approx((low, high))
        assert difference.get_clim() == pytest.approx((-limit, limit))
        # Brighter than the real frame is orange-brown, darker is blue.
        (red, _, blue), (less_red, _, more_blue) = (difference.cmap(value)[:3] for value in (0.9, 0.1))
        assert red > blue
        assert more_blue > less_red


def test_pixels_are_drawn_as_high_and_wide_as_they_are(rng: np.random.Generator) -> None:
    data = simulated_report(rng)
    choice = FigureChoice(method="linear", frame=25)
    for figure in (frames(data, choice, 175), modes(data, FigureChoice(), 175), radius(data, choice, 175)):
        drawn = [axes for axes in figure.axes if axes.images]
        assert len(drawn) > 1
        assert all(axes.get_aspect() == pytest.approx(2.0 / 1.5) for axes in drawn)
    assert aspect_of(data) == pytest.approx((16 * 1.5) / (24 * 2.0))  # by which figures are as tall as they need


@pytest.mark.parametrize(("size", "enlarged"), [(1.0, 1), (0.3, 2), (0.15, 4), (0.07, 8)])
def test_arrows_of_modes_are_two_deviations_long_and_point_where_the_tissue_goes(
    rng: np.random.Generator, size: float, enlarged: int
) -> None:
    data = simulated_report(rng, Simulated(shape=(48, 36), roi=Roi((4, 20), (2, 10))))
    model = replace(data.models[0], weights=size * data.models[0].weights)
    figure = modes(replace(data, models=(model,)), FigureChoice(), 175)
    for k, axes in enumerate(figure.axes[:2]):
        np.testing.assert_array_equal(axes.images[0].get_array(), data.sequence.frames[0])
        (arrows,) = [each for each in axes.collections if isinstance(each, Quiver)]
        assert (arrows.angles, arrows.scale_units, arrows.scale) == ("xy", "xy", 1)
        field = 2 * model.weights[: model.train_end, k].std() * model.modes[k]
        longest_mm = np.hypot(1.5 * field[..., 0], 2.0 * field[..., 1]).max()
        factor = max(f for f in (1, 2, 4, 8) if f == 1 or f * longest_mm <= 36 * 1.5 / 10)
        title = axes.get_title()
        assert f"to {longest_mm:.1f} mm" in title
        assert (f"arrows {factor}\N{MULTIPLICATION SIGN}" in title) == (factor > 1)
        assert k == 1 or factor == enlarged
        # Every second pixel has one, but for those that would be dots.
        grid = [(x, y) for y in range(1, 48, 2) for x in range(1, 36, 2)]
        lengths_mm = {(x, y): np.hypot(1.5 * field[y, x, 0], 2.0 * field[y, x, 1]) for x, y in grid}
        visible = [place for place, length_mm in lengths_mm.items() if factor * length_mm > 36 * 1.5 / 200]
        assert list(zip(arrows.X.tolist(), arrows.Y.tolist(), strict=True)) == visible
        assert 10 < len(visible) < len(grid)
        for x, y, u, v in zip(arrows.X, arrows.Y, arrows.U, arrows.V, strict=True):
            np.testing.assert_allclose([u, v], factor * field[int(y), int(x)])
        assert axes.yaxis_inverted()  # rows count downwards, and so do the arrows


def test_radius_and_error_share_a_scale_that_people_read(rng: np.random.Generator) -> None:
    data = simulated_report(rng)
    figure = radius(data, FigureChoice(method="linear", horizon_frames=3, frame=27), 175)
    radii, errors = (axes.images[0] for axes in figure.axes[1:3])
    largest = max(np.percentile(np.asarray(each.get_array()), 99) for each in (radii, errors))
    limit = min(each for each in (0.5, 1, 2, 3, 5, 8, 10, 15, 20) if each >= largest)
    assert radii.get_clim() == errors.get_clim() == (0, limit)
    for axes in figure.axes[:4]:
        (roi,) = [each for each in axes.patches if isinstance(each, Rectangle)]
        # Of rows 4 to 19 and columns 2 to 9, whose centres are whole numbers.
        assert (*roi.get_xy(), roi.get_width(), roi.get_height()) == (1.5, 3.5, 8, 16)
    assert "frame 27 (6.75 s), Linear regression, 0.75 s ahead; inside: " in str(figure.get_supxlabel())
    assert [axes.get_title() for axes in figure.axes[:4]] == ["predicted", "radius", "error", "error beyond radius"]


def test_what_is_moved_is_the_reference_frame_of_the_flow(rng: np.random.Generator) -> None:
    data = simulated_report(rng)
    moved = replace(data, flows=(replace(data.flows[0], reference=4),))
    shown = show(moved, FigureChoice(method="linear", frame=25))
    still = replace(shown.entry, forecasts=np.zeros_like(shown.entry.forecasts))
    model = replace(data.models[0], mean=np.zeros_like(data.models[0].mean))
    unmoved = replace(shown, entry=still, data=replace(moved, models=(model,)))
    off = np.abs(data.sequence.frames.astype(float) - unmoved.predicted(25)).mean(axis=(1, 2))
    assert int(off.argmin()) == 4
    drawn = modes(moved, FigureChoice(), 175).axes[0].images[0]
    np.testing.assert_array_equal(drawn.get_array(), data.sequence.frames[4])
    low, high = np.percentile(data.sequence.frames[FIRST:], [0.5, 99.5])
    assert drawn.get_clim() == pytest.approx((low, 2 * high - low))  # darker, below the arrows
