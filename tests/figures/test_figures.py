"""Figures for papers: true to the numbers, sized for journals, with text as text."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from PIL import Image

from cinecast.errors import ReportError
from cinecast.figures import FORMATS, KINDS, FigureChoice, draw_figure
from cinecast.figures.choice import frame_of, show
from cinecast.figures.draw import make_figure
from cinecast.figures.images import _by_time, frames, mmode, modes
from cinecast.figures.lines import horizons, weights
from cinecast.figures.radius import radius
from cinecast.figures.shares import share_text
from cinecast.figures.style import style
from cinecast.pictures import grey_window
from cinecast.report.breathing import busiest_column
from cinecast.report.data import ReportData, ReportFlow
from cinecast.run.figures import FIGURE_KINDS
from cinecast.score import pixel_distance_mm
from helpers.report_data import UNUSUAL, Simulated, field_of, simulated_report, with_modes
from helpers.report_targets import NAME, with_target


@pytest.mark.parametrize("kind", list(KINDS))
def test_every_kind_is_drawn_in_every_format(rng: np.random.Generator, kind: str) -> None:
    data = simulated_report(rng)
    pdf, svg, png = (draw_figure(data, kind, file_format) for file_format in FORMATS)
    assert pdf.startswith(b"%PDF")
    assert b"/FontFile2" in pdf  # TrueType, embedded
    assert svg.count(b"<text") > 2
    width = float(re.search(rb'width="([\d.]+)pt"', svg)[1])  # type: ignore[index]
    assert width / 72 * 25.4 == pytest.approx(KINDS[kind].width_mm, rel=1e-3)
    assert Image.open(io.BytesIO(png)).width == pytest.approx(KINDS[kind].width_mm / 25.4 * 600, abs=1)


def test_the_command_offers_every_kind() -> None:
    assert tuple(KINDS) == FIGURE_KINDS


@pytest.mark.parametrize("name", ["oracle alone", "no ROI", "one test frame", "a diverged run"])
def test_unusual_runs_are_drawn_too(rng: np.random.Generator, name: str) -> None:
    data = simulated_report(rng, UNUSUAL[name])
    for kind in KINDS:
        other = name == "a diverged run" and "--run" in KINDS[kind].options
        choice = FigureChoice(method="snap1", run=1) if other else FigureChoice()
        if kind != "radius" or name == "no ROI":  # the others have none: see below
            assert draw_figure(data, kind, "svg", choice=choice)


def test_the_same_run_gives_the_same_bytes(rng: np.random.Generator) -> None:
    data = simulated_report(rng)
    for file_format in FORMATS:
        assert draw_figure(data, "horizons", file_format) == draw_figure(data, "horizons", file_format)


def lines_of(figure: Figure, axes: int) -> dict[str, np.ndarray]:  # type: ignore[type-arg]
    return {str(line.get_label()): np.asarray(line.get_ydata()) for line in figure.axes[axes].lines}


def test_errors_against_horizon_are_those_of_the_table(rng: np.random.Generator) -> None:
    data = simulated_report(rng, Simulated(protocol="published"))
    figure = horizons(data, FigureChoice(region="image"), 85)
    drawn = dict(zip(figure.axes[0].get_legend_handles_labels()[1], figure.axes[0].containers, strict=True))
    assert list(drawn) == ["Oracle", "Persistence", "Linear regression\n(non-causal)", "Recurrent net\n(non-causal)"]
    expected = [
        float(score["value"])
        for score in data.scores
        if (score["method"], score["region"], score["metric"]) == ("snap1", "image", "dvf_error_mean_mm")
    ]
    np.testing.assert_allclose(drawn["Recurrent net\n(non-causal)"][0].get_ydata().astype(float), expected)


def test_errors_at_landmarks_are_drawn_with_that_of_the_measured_motion(rng: np.random.Generator) -> None:
    data = simulated_report(rng, Simulated(landmarks=4))
    axes = horizons(data, FigureChoice(region="landmarks"), 85).axes[0]
    drawn = dict(zip(axes.get_legend_handles_labels()[1], axes.containers, strict=True))
    assert list(drawn) == ["Oracle", "Persistence", "Linear regression", "Recurrent net", "measured"]
    assert drawn["measured"][0].get_ydata().tolist() == [0.5, 0.5]
    assert drawn["Recurrent net"][0].get_ydata().tolist() == [2.0, 2.0]
    assert axes.get_ylabel() == "mean geometric error\nat the landmarks (mm)"


@pytest.mark.parametrize(("protocol", "name"), [("causal", "linear"), ("published", "linear (non-causal)")])
def test_scores_are_drawn_where_the_forecasts_are_gone(rng: np.random.Generator, protocol: str, name: str) -> None:
    data = simulated_report(rng, Simulated(protocol=protocol))
    left = replace(data, entries=tuple(entry for entry in data.entries if entry.method != "linear"))
    assert name in horizons(left, FigureChoice(), 85).axes[0].get_legend_handles_labels()[1]
    none = replace(data, entries=())
    assert len(horizons(none, FigureChoice(), 85).axes[0].containers) == 4


def test_weights_are_drawn_with_their_range(rng: np.random.Generator) -> None:
    data = simulated_report(rng)
    figure = weights(data, FigureChoice(method="snap1", horizon_frames=3), 175)
    drawn = lines_of(figure, 0)
    entry = next(e for e in data.entries if e.method == "snap1" and e.horizon.frames == 3)
    np.testing.assert_allclose(drawn["measured"], data.models[0].weights[21:, 0])
    np.testing.assert_allclose(
        drawn["Recurrent net, 0.75 s ahead, mean of 3 runs"], entry.forecasts[:, 21:, 0].mean(axis=0)
    )
    assert [each.get_label() for each in figure.axes[0].collections] == ["band of 90 %", "range over runs"]


@pytest.mark.parametrize("method", ["linear", "snap1"])
def test_weights_are_drawn_with_the_bands_that_were_issued(rng: np.random.Generator, method: str) -> None:
    data = simulated_report(rng)
    axes = weights(data, FigureChoice(method=method, horizon_frames=1), 175).axes[1]
    entry = next(e for e in data.entries if e.method == method and e.horizon.frames == 1)
    assert entry.bands is not None
    band = next(each for each in axes.collections if each.get_label() == "band of 90 %")
    radius_mean = entry.bands.weight_radius[:, -1, 1].mean()
    edges = [y for x, y in band.get_paths()[-1].vertices if x == data.sequence.times_s[-1]]  # type: ignore[misc]
    middle = entry.forecasts[:, -1, 1].mean()
    assert (min(edges), max(edges)) == pytest.approx((middle - radius_mean, middle + radius_mean))


def test_a_mode_that_is_not_forecast_has_no_line_of_a_forecast(rng: np.random.Generator) -> None:
    data = simulated_report(rng)
    for entry in data.entries:
        entry.forecasts[..., 1][np.isfinite(entry.forecasts[..., 1])] = 0.0
    figure = weights(data, FigureChoice(method="linear"), 175)
    assert set(lines_of(figure, 0)) == {"measured", "Linear regression, 0.25 s ahead"}
    assert set(lines_of(figure, 1)) == {"measured"}
    assert not figure.axes[1].collections
    assert [axes.get_title(loc="right") for axes in figure.axes] == ["", "not forecast"]


@pytest.mark.parametrize("draw", [weights, modes])
def test_the_modes_shown_are_few_and_it_is_said_of_how_many(
    rng: np.random.Generator, draw: Callable[..., Figure]
) -> None:
    figure = draw(with_modes(simulated_report(rng), 12), FigureChoice(method="linear"), 175)
    assert sum(bool(axes.get_title() or axes.get_ylabel()) for axes in figure.axes) == 2
    assert caption_of(figure) == "the first 2 of 12 modes, with 99 % of the variance that all of them explain"


@pytest.mark.parametrize(
    ("share", "digits", "text"),
    [(0.004, 0, "<1 %"), (0.0, 0, "<1 %"), (0.01, 0, "1 %"), (0.906, 1, "90.6 %"), (0.0004, 1, "<0.1 %")],
)
def test_a_small_share_is_not_called_none(share: float, digits: int, text: str) -> None:
    assert share_text(share, digits) == text


@pytest.mark.parametrize("landmarks", [0, 4])
def test_the_default_errors_are_those_that_runs_are_judged_by(rng: np.random.Generator, landmarks: int) -> None:
    axes = horizons(simulated_report(rng, Simulated(landmarks=landmarks)), FigureChoice(), 85).axes[0]
    where = "at the landmarks" if landmarks else "in the ROI"
    assert axes.get_ylabel() == f"mean geometric error\n{where} (mm)"


@pytest.mark.parametrize("kind", list(KINDS))
def test_no_word_is_cut_and_the_legend_stands_apart(rng: np.random.Generator, kind: str) -> None:
    data = simulated_report(rng, Simulated(landmarks=4, protocol="published", shape=(48, 16)))
    titles = {entry.method: f"{entry.title} of a name that is rather long" for entry in data.entries}
    long = replace(data, entries=tuple(replace(entry, title=titles[entry.method]) for entry in data.entries))
    choice = FigureChoice(method="snap1") if "--method" in KINDS[kind].options else FigureChoice()
    figure = make_figure(long, kind, choice)
    with style():
        renderer = FigureCanvasAgg(figure).get_renderer()
        figure.draw(renderer)
        texts = [axes.title for axes in figure.axes] + [axes.yaxis.label for axes in figure.axes]
        texts += [text for text in (figure._supxlabel,) if text is not None]  # type: ignore[attr-defined]
        texts += [text for legend in figure.legends for text in legend.get_texts()]
        tops = [axes.get_tightbbox(renderer).y1 for axes in figure.axes]  # type: ignore[union-attr]
        gaps = [(legend.get_window_extent(renderer).y0, max(tops)) for legend in figure.legends]
        boxes = {text.get_text(): text.get_window_extent(renderer) for text in texts if text.get_text()}
    outside = [
        words
        for words, box in boxes.items()
        if box.x0 < 0 or box.y0 < 0 or box.x1 > figure.bbox.width or box.y1 > figure.bbox.height
    ]
    assert outside == []
    assert all(lowest > highest for lowest, highest in gaps)


def test_a_figure_is_saved_from_python_as_the_command_writes_it(rng: np.random.Generator) -> None:
    data = simulated_report(rng)
    png, svg = io.BytesIO(), io.BytesIO()
    make_figure(data, "radius").savefig(png, format="png", dpi=600)
    make_figure(data, "radius").savefig(svg, format="svg")
    assert png.getvalue() == draw_figure(data, "radius", "png")
    assert svg.getvalue().count(b"<text") > 2


def test_a_run_that_diverged_half_way_is_no_part_of_a_figure(rng: np.random.Generator) -> None:
    data = simulated_report(rng, Simulated(diverged=5))
    drawn = lines_of(weights(data, FigureChoice(method="snap1", horizon_frames=3), 175), 0)
    entry = next(e for e in data.entries if e.method == "snap1" and e.horizon.frames == 3)
    np.testing.assert_allclose(
        drawn["Recurrent net, 0.75 s ahead, mean of 2 runs"], entry.forecasts[1:, 21:, 0].mean(axis=0)
    )


def test_the_best_is_the_best_of_the_scores(rng: np.random.Generator) -> None:
    data = simulated_report(rng, Simulated(diverged=5, methods=("linear", "snap1")))
    entries = []
    for entry in data.entries:
        assert entry.frame_scores is not None
        scores = np.where(np.isnan(entry.frame_scores), np.nan, 2.0)
        if entry.method == "snap1":
            scores[1:] = 2.1
            scores[0, :5] = 0.0  # perfect until it diverges
        entries.append(replace(entry, frame_scores=scores))
    without_table = replace(data, entries=tuple(entries), scores=[])
    assert show(without_table, FigureChoice()).entry.method == "linear"


def test_the_best_is_that_of_the_report_at_the_landmarks(rng: np.random.Generator) -> None:
    """Further off in the ROI, nearer at the landmarks."""
    data = simulated_report(rng, Simulated(methods=("linear", "snap1"), landmarks=3))

    def error(row: dict[str, str], linear: float, snap1: float) -> dict[str, str]:
        return row | {"value": repr({"linear": linear, "snap1": snap1}.get(row["method"], 0.1))}

    metrics = {"landmark_error_mean_mm": (2.0, 1.0), "dvf_error_mean_mm": (0.5, 0.7)}
    scores = [error(row, *metrics[row["metric"]]) if row["metric"] in metrics else row for row in data.scores]
    assert show(replace(data, scores=scores), FigureChoice()).entry.method == "snap1"
    places = ("landmarks", "measured")
    assert (
        show(replace(data, scores=[row for row in scores if row["region"] not in places]), FigureChoice()).entry.method
        == "linear"
    )


def test_a_method_that_lacks_a_horizon_is_refused_with_those_that_have_it(rng: np.random.Generator) -> None:
    data = simulated_report(rng, Simulated(methods=("linear", "snap1")))
    entries = tuple(e for e in data.entries if (e.method, e.horizon.frames) != ("linear", 3))
    with pytest.raises(ReportError, match="--method must be one of snap1, got 'linear'; choose one of these"):
        show(replace(data, entries=entries), FigureChoice(method="linear", horizon_frames=3))


def test_the_measured_weights_have_a_gap_where_the_motion_was_held(rng: np.random.Generator) -> None:
    data = simulated_report(rng)
    held = replace(data, flows=(replace(data.flows[0], held=frozenset({3, 24})),))
    drawn = lines_of(weights(held, FigureChoice(method="linear"), 175), 0)["measured"]
    expected = data.models[0].weights[21:, 0].copy()
    expected[3] = np.nan
    np.testing.assert_allclose(drawn, expected)


def test_pictures_are_the_real_and_the_predicted_frame(rng: np.random.Generator) -> None:
    data = simulated_report(rng)
    choice = FigureChoice(method="linear", horizon_frames=1, frame=25)
    figure = frames(data, choice, 175)
    real, predicted, difference = (np.asarray(axes.images[0].get_array()) for axes in figure.axes[:3])
    np.testing.assert_array_equal(real, data.sequence.frames[25])
    np.testing.assert_array_equal(predicted, show(data, choice).predicted(25))
    np.testing.assert_array_equal(difference, predicted - real)


@pytest.mark.parametrize("draw", [frames, radius])
def test_a_bright_faulty_frame_leaves_the_others_as_bright(draw: Any, rng: np.random.Generator) -> None:
    data = simulated_report(rng)
    shown = data.sequence.frames.copy()
    shown[23] *= 50
    faulty = replace(data, sequence=replace(data.sequence, frames=shown, faults={23: "mirrored"}))
    figure = draw(faulty, FigureChoice(method="linear", horizon_frames=1, frame=25), 175)
    window = grey_window(shown[[t for t in range(21, len(shown)) if t != 23]])
    assert figure.axes[0].images[0].get_clim() == tuple(window)
    assert window.high < grey_window(shown[21:]).high


def test_the_m_mode_is_one_column_over_time(rng: np.random.Generator) -> None:
    data = simulated_report(rng)
    choice = FigureChoice(method="linear")
    figure = mmode(data, choice, 85)
    column, shown, times_s = (
        busiest_column(data.models[0], data.sequence.roi),
        show(data, choice),
        data.sequence.times_s,
    )
    real, predicted, difference = (np.asarray(axes.images[0].get_array()) for axes in figure.axes[:3])
    np.testing.assert_array_equal(real, data.sequence.frames[21:, :, column].T)
    expected = [shown.predicted(t)[:, column] for t in range(21, len(times_s))]
    np.testing.assert_array_equal(predicted, np.transpose(expected))
    np.testing.assert_array_equal(difference, predicted - real)
    half = data.sequence.frame_period_s / 2
    for axes in figure.axes[:3]:
        assert axes.images[0].get_extent() == [times_s[21] - half, times_s[-1] + half, 2.0 * len(real), 0]


def test_the_m_mode_leaves_room_for_frames_that_are_missing(rng: np.random.Generator) -> None:
    data = simulated_report(rng)
    period, count = data.sequence.frame_period_s, len(data.sequence.frames)
    later = period * (np.arange(count) + 2 * (np.arange(count) >= 24))
    gappy = replace(data, sequence=replace(data.sequence, times_s=later))
    picture = np.arange(21.0, count)[np.newaxis]
    expected = [21, 22, 23, np.nan, np.nan, *range(24, count)]
    np.testing.assert_array_equal(_by_time(picture, gappy)[0], expected)
    np.testing.assert_array_equal(_by_time(picture, data), picture)


def test_a_forecast_across_lost_frames_has_the_drift_of_when_it_was_issued(rng: np.random.Generator) -> None:
    """Drift j is known from frame 16 j - 1 on; frame 33, three instants after frame 32, was forecast from that one."""
    data = simulated_report(rng, Simulated(frame_count=60, test_count=36, drifting=("linear",)))
    t = np.arange(60)
    sequence = replace(data.sequence, times_s=data.sequence.frame_period_s * (t + 2 * (t >= 33)))
    gappy = replace(data, sequence=sequence)
    motion = show(gappy, FigureChoice(method="linear", horizon_frames=3)).motion
    model, own = data.models[0], np.array([3.0, -2.0])
    assert model.drifts is not None
    for frame, number in ((32, 1), (33, 2)):
        np.testing.assert_allclose(motion.dvf(frame, own), field_of(model, own) + model.drifts[number])
    without = show(gappy, FigureChoice(method="persistence", horizon_frames=3)).motion
    np.testing.assert_allclose(without.dvf(33, own), field_of(model, own))


def test_modes_say_their_share_and_length(rng: np.random.Generator) -> None:
    data = simulated_report(rng)
    model = data.models[0]
    drawn = modes(data, FigureChoice(), 175).axes
    assert drawn[0].get_title().startswith("mode 1: 80.0 %\nto ")
    for k, axes in enumerate(axes for axes in drawn if axes.get_title()):
        deviation = model.weights[: model.train_end, k].std()
        longest = max(np.hypot(1.5 * x, 2.0 * y) for x, y in model.modes[k].reshape(-1, 2))
        assert f"\nto {2 * deviation * longest:.1f} mm" in axes.get_title()


def test_the_radius_is_the_one_that_was_scored(rng: np.random.Generator) -> None:
    data = simulated_report(rng)
    choice = FigureChoice(method="snap1", horizon_frames=3, run=1, frame=25)
    figure = radius(data, choice, 175)
    predicted, radii, errors = (np.asarray(axes.images[0].get_array()) for axes in figure.axes[:3])
    entry = next(e for e in data.entries if e.method == "snap1" and e.horizon.frames == 3)
    assert entry.bands is not None
    np.testing.assert_array_equal(predicted, show(data, choice).predicted(25))
    forecast = field_of(data.models[0], entry.forecasts[1, 25])
    assert data.flows[0].dvf is not None
    expected = pixel_distance_mm(forecast, data.flows[0].dvf[4], spacing_mm=(2.0, 1.5))
    np.testing.assert_allclose(errors, expected, rtol=1e-5)
    outside = np.ma.filled(figure.axes[3].images[1].get_array(), 0)  # type: ignore[no-untyped-call]
    np.testing.assert_array_equal(outside, errors > radii)
    for place, region in enumerate((np.s_[:, :], np.s_[4:20, 2:10])):
        inside, mean = entry.bands.pixels[1, 4, place]
        assert 1 - outside[region].mean() == pytest.approx(inside)
        assert radii[region].mean() == pytest.approx(mean, rel=1e-5)
    assert f"{100 * entry.bands.pixels[1, 4, 1, 0]:.1f} % of the ROI (asked 90 %)" in caption_of(figure)


def with_held(data: ReportData, frame: int, off_px: float) -> ReportData:
    """Return the run with the motion of a frame held, and off by so much."""
    (flow,) = data.flows
    assert flow.all_dvf is not None
    dvf = flow.all_dvf.copy()
    dvf[frame] += off_px
    return replace(data, flows=(replace(flow, dvf=dvf[21:], all_dvf=dvf, held=frozenset({frame})),))


def test_the_radius_learns_nothing_from_a_frame_whose_motion_is_held(rng: np.random.Generator) -> None:
    data = simulated_report(rng)
    choice = FigureChoice(method="linear", horizon_frames=1, frame=25)
    near, far, learned = (
        np.asarray(radius(each, choice, 175).axes[1].images[0].get_array())
        for each in (with_held(data, 22, 0.0), with_held(data, 22, 50.0), data)
    )
    np.testing.assert_array_equal(far, near)
    assert (near != learned).any()


def test_the_radius_of_a_frame_whose_motion_is_held_is_not_drawn(rng: np.random.Generator) -> None:
    data = with_held(simulated_report(rng), 25, 0.0)
    with pytest.raises(ReportError, match="needs a frame whose motion was measured, got --frame 25, a faulty one"):
        draw_figure(data, "radius", "pdf", choice=FigureChoice(method="linear", frame=25))


def caption_of(figure: Figure) -> str:
    return str(figure.get_supxlabel())


@pytest.mark.parametrize(
    ("what", "choice"),
    [
        (Simulated(test_count=14, horizons=(9,)), FigureChoice(method="linear", frame=16)),  # nothing known when issued
        (Simulated(diverged=0), FigureChoice(method="snap1", frame=25)),
    ],
    ids=["too early", "diverged"],
)
def test_a_forecast_without_a_radius_is_not_drawn(
    rng: np.random.Generator, what: Simulated, choice: FigureChoice
) -> None:
    data = simulated_report(rng, what)
    with pytest.raises(ReportError, match="got none for "):
        draw_figure(data, "radius", "pdf", choice=choice)


def test_a_run_without_measured_motion_has_no_radius_to_draw(rng: np.random.Generator) -> None:
    data = simulated_report(rng, flows=(ReportFlow(0, None),))
    with pytest.raises(ReportError, match="needs a method that has a radius"):
        draw_figure(data, "radius", "pdf", choice=FigureChoice(method="linear"))


def test_the_default_is_the_best_forecaster_at_the_shortest_horizon(rng: np.random.Generator) -> None:
    shown = show(simulated_report(rng), FigureChoice())
    assert shown.entry.horizon.frames == 1
    assert not shown.entry.is_reference


def test_the_default_frame_has_the_largest_motion(rng: np.random.Generator) -> None:
    data = simulated_report(rng)
    data.models[0].weights[:] += 1000  # how far the mean is from that of the model says nothing
    data.models[0].weights[24] -= 500
    assert frame_of(show(data, FigureChoice()), FigureChoice()) == 24


@pytest.mark.parametrize(("change", "left_out"), [("none", False), ("held", True), ("not explained", True)])
def test_the_default_frame_is_one_whose_motion_was_measured(
    rng: np.random.Generator, change: str, left_out: bool
) -> None:
    data = simulated_report(rng)
    data.models[0].weights[24] = 500
    frames = np.repeat(rng.normal(100, 20, (1, *data.sequence.frames.shape[1:])), len(data.sequence.frames), axis=0)
    if change == "not explained":
        frames[24] = frames[24, ::-1]
    flow = ReportFlow(
        0, None, np.zeros((*frames.shape, 2), np.float32), held=frozenset({24} if change == "held" else ())
    )
    still = replace(data, sequence=replace(data.sequence, frames=frames), flows=(flow,))
    assert (frame_of(show(still, FigureChoice()), FigureChoice()) != 24) == left_out


@pytest.mark.parametrize(
    ("kind", "file_format", "choice", "width", "sentence"),
    [
        (
            "pie",
            "pdf",
            FigureChoice(),
            None,
            "--what must be one of horizons, weights, mmode, frames, modes, radius, got 'pie'",
        ),
        ("frames", "gif", FigureChoice(), None, "a figure must end in .pdf, .svg, .png, got 'gif'"),
        ("frames", "pdf", FigureChoice(), 3.0, "--width must be 30 to 400 mm, got 3"),
        (
            "frames",
            "pdf",
            FigureChoice(method="magic"),
            None,
            "--method must be one of oracle, persistence, linear, snap1",
        ),
        (
            "frames",
            "pdf",
            FigureChoice(horizon_frames=2),
            None,
            "--horizon must be one of 1, 3 frames, got 2; choose one of these, or add it with 'cinecast run'",
        ),
        ("frames", "pdf", FigureChoice(method="linear", run=1), None, "--run must be 0 to 0 for linear, got 1; choose"),
        ("frames", "pdf", FigureChoice(frame=3), None, "--frame must be a test frame, 21 to 29, got 3; choose one of"),
        (
            "radius",
            "pdf",
            FigureChoice(method="oracle"),
            None,
            "needs a method that has a radius, got oracle, which has none",
        ),
        (
            "horizons",
            "pdf",
            FigureChoice(method="nonsense"),
            None,
            "--what horizons can be narrowed by --region alone, got --method nonsense; leave it out",
        ),
        (
            "horizons",
            "pdf",
            FigureChoice(frame=9999),
            None,
            "narrowed by --region alone, got --frame 9999; leave it out",
        ),
        ("horizons", "pdf", FigureChoice(horizon_frames=3), None, "can be narrowed by --region alone, got --horizon 3"),
        (
            "frames",
            "pdf",
            FigureChoice(region="nonsense"),
            None,
            "can be narrowed by --method, --horizon, --run, --frame alone, got --region nonsense; leave it out",
        ),
        ("mmode", "pdf", FigureChoice(frame=25), None, "by --method, --horizon, --run alone, got --frame 25"),
        (
            "weights",
            "pdf",
            FigureChoice(run=0),
            None,
            "narrowed by --method, --horizon alone, got --run 0; leave it out",
        ),
        ("modes", "pdf", FigureChoice(frame=25), None, "can be narrowed by --method, --horizon alone, got --frame 25"),
        ("radius", "pdf", FigureChoice(region="roi"), None, "--run, --frame alone, got --region roi"),
        ("horizons", "pdf", FigureChoice(region="liver"), None, "--region must be one of image, roi, got 'liver'"),
    ],
)
def test_what_cannot_be_drawn_is_said(
    rng: np.random.Generator, kind: str, file_format: str, choice: FigureChoice, width: float | None, sentence: str
) -> None:
    with pytest.raises(ReportError, match=re.escape(sentence)):
        draw_figure(simulated_report(rng), kind, file_format, choice=choice, width_mm=width)


def test_the_region_of_a_target_has_no_error_of_motion_to_draw(rng: np.random.Generator) -> None:
    """The figure was empty, with an axis and a name for it."""
    data = with_target(simulated_report(rng))
    assert {row["region"] for row in data.scores} > {f"target:{NAME}"}
    with pytest.raises(ReportError, match=re.escape(f"--region must be one of image, roi, got 'target:{NAME}'")):
        draw_figure(data, "horizons", "pdf", choice=FigureChoice(region=f"target:{NAME}"))


def test_a_diverged_run_is_not_drawn(rng: np.random.Generator) -> None:
    data = simulated_report(rng, Simulated(diverged=0))
    with pytest.raises(ReportError, match="got none for run 0 of snap1, which diverged"):
        draw_figure(data, "frames", "pdf", choice=FigureChoice(method="snap1"))


def test_a_run_without_scores_has_no_errors_to_draw(rng: np.random.Generator) -> None:
    with pytest.raises(ReportError, match="the figure needs scores"):
        draw_figure(replace(simulated_report(rng), scores=[]), "horizons", "pdf")


def test_a_run_without_forecasts_has_nothing_to_draw(rng: np.random.Generator) -> None:
    with pytest.raises(ReportError, match="the figure needs a forecast"):
        draw_figure(replace(simulated_report(rng), entries=()), "modes", "pdf")
