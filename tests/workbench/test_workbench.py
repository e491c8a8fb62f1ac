"""What `cinecast` offers to scripts and notebooks: the stages are those of a run, and a run gives out what it holds."""

from __future__ import annotations

import csv
import pkgutil
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from matplotlib.figure import Figure

import cinecast
from cinecast.errors import CinecastError
from cinecast.store.artifacts import load_array
from cinecast.workbench.score_rows import as_columns, typed_rows
from cinecast_models import METHODS, ForecastingError, Method, forecast_series
from cinecast_models.linear.persistence import Persistence, PersistenceSettings
from helpers.command_line import ROOT
from helpers.predicted import predicted_of

PHANTOM = ROOT / "data" / "phantom.nii.gz"
SETTINGS = {"motion": {"modes": 2, "pixel_weights": "uniform", "drift": "none"}, "flow": {"levels": 2}}


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> cinecast.OpenedRun:
    """A finished run of two methods, one of which draws random numbers; for reading only."""
    out = tmp_path_factory.mktemp("workbench") / "run"
    settings = SETTINGS | {"forecast": {"runs": 2}}
    return cinecast.run_sequence(PHANTOM, str(out), methods=["rls", "snap1"], horizons=["2", "0.8s"], settings=settings)


def test_every_name_can_be_had_and_none_is_that_of_a_package() -> None:
    assert all(getattr(cinecast, name) is not None for name in cinecast.__all__)
    assert set(cinecast.__all__) <= set(dir(cinecast))
    assert not {module.name for module in pkgutil.iter_modules(cinecast.__path__)} & set(cinecast.__all__)
    with pytest.raises(AttributeError, match="module 'cinecast' has no attribute 'nothing'"):
        cinecast.nothing  # noqa: B018


def test_the_stages_by_hand_are_those_of_a_run(run: cinecast.OpenedRun) -> None:
    sequence = cinecast.read_sequence(str(PHANTOM))
    train_end, test = sequence.split.train_end, sequence.split.test_frames
    reference = cinecast.choose_reference(sequence.frames[:train_end])
    assert reference == run.reference
    dvf = cinecast.estimate_flow(sequence.frames, reference=reference, settings={"levels": 2})
    np.testing.assert_array_equal(dvf, run.dvf)
    model = cinecast.fit_motion_model(dvf[:train_end], 2)
    weights = model.project(dvf)
    np.testing.assert_array_equal(weights, run.weights("rls"))
    forecasts = cinecast.forecast_weights(weights, method="rls", horizon=2, train_end=train_end)
    np.testing.assert_array_equal(forecasts[:, test.start :], run.forecasts("rls", "2")[:, test.start :])
    frame = test.start + 3
    made = cinecast.push_forward(sequence.frames[reference], model.reconstruct(forecasts[0, frame]))
    np.testing.assert_array_equal(made, run.predicted(frame, "rls", "2"))
    for region, pixels in (("image", None), ("roi", sequence.roi.slices())):
        errors = cinecast.forecast_errors_mm(model, forecasts, dvf, spacing_mm=sequence.spacing_mm, pixels=pixels)
        (row,) = [row for row in run.scores if _cell(row) == ("rls", 2, region, "dvf_error_mean_mm")]
        assert errors[0, test.start :].mean() == pytest.approx(row["value"], rel=1e-9)
        assert np.isnan(errors[0, : train_end + 1]).all()


def _cell(row: dict[str, object]) -> tuple[object, ...]:
    return row["method"], row["horizon_frames"], row["region"], row["metric"]


def test_errors_are_in_mm_by_axis() -> None:
    model = cinecast.MotionModel(np.zeros((4, 5, 2)), np.zeros((1, 4, 5, 2)), np.ones(1))
    dvf = np.zeros((3, 4, 5, 2))
    dvf[1, ..., 0], dvf[2, ..., 1] = 1.0, 1.0
    dvf[2, 0, 0] = 0
    forecasts = np.zeros((2, 3, 1))
    forecasts[1, 1] = np.nan
    errors = cinecast.forecast_errors_mm(model, forecasts, dvf, spacing_mm=(2.0, 3.0))
    np.testing.assert_allclose(errors, [[0, 3, 2 * 19 / 20], [0, np.nan, 2 * 19 / 20]])
    first = cinecast.forecast_errors_mm(model, forecasts, dvf, spacing_mm=(2.0, 3.0), pixels=(slice(1), slice(1)))
    np.testing.assert_array_equal(first, [[0, 3, 0], [0, np.nan, 0]])


def test_facts_of_a_sequence_can_be_given() -> None:
    assert cinecast.read_sequence(PHANTOM, pixel_spacing_mm=(2.0, 3.0)).spacing_mm == (2.0, 3.0)
    with pytest.raises(CinecastError, match=r"frame_period_s .* must be a number of seconds"):
        cinecast.read_sequence(PHANTOM, frame_period_s=-1.0)


def test_scores_are_the_table_of_the_run_with_numbers(run: cinecast.OpenedRun) -> None:
    with (run.path / "score" / "scores.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(run.scores) == len(rows)
    for got, text in zip(run.scores, rows, strict=True):
        assert list(got) == list(text)
        assert got["method"] == text["method"]
        assert got["horizon_frames"] == int(text["horizon_frames"])
        assert (got["value"] == float(text["value"])) if text["value"] else np.isnan(got["value"])
    columns = run.score_columns
    assert list(columns) == list(rows[0])
    assert columns["metric"] == [row["metric"] for row in rows]


def test_empty_cells_are_no_numbers_and_an_empty_table_has_no_columns() -> None:
    (row,) = typed_rows([{"method": "rls", "horizon_frames": "2", "value": "", "runs": ""}])
    assert np.isnan(row.pop("value"))
    assert row == {"method": "rls", "horizon_frames": 2, "runs": 0}
    assert as_columns([]) == {}
    assert as_columns([{"a": 1, "b": 2}, {"a": 3, "b": 4}]) == {"a": [1, 3], "b": [2, 4]}


def test_an_opened_run_gives_out_what_lies_on_the_disk(run: cinecast.OpenedRun) -> None:
    again = cinecast.open_run(str(run.path))
    assert again.methods == run.methods == ("oracle", "persistence", "rls", "snap1")
    assert again.horizons_s == pytest.approx((0.4, 0.8))
    assert again.missing == ()
    np.testing.assert_array_equal(again.dvf, load_array(run.path / "flow" / "dvf.npy"))
    assert again.forecasts("snap1", "0.8s").shape == (2, 80, 2)
    frame = again.sequence.split.test_frames[4]
    written = predicted_of(run.path, "rls", 2)[4]
    np.testing.assert_array_equal(again.predicted(frame, "rls", "2"), written)


def test_what_is_done_to_forecasts_that_were_taken_out_reaches_no_picture(run: cinecast.OpenedRun) -> None:
    """Whoever put 0 for NaN got predicted frames, and lines in figures, where no forecast had been issued."""
    frame = run.sequence.split.test_frames[0]
    forecasts, weights = run.forecasts("rls", "2"), run.weights()
    before, measured, predicted = forecasts.copy(), weights.copy(), run.predicted(frame, "rls", "2")
    forecasts[...], weights[...] = 0.0, 0.0
    np.testing.assert_array_equal(run.forecasts("rls", "2"), before)
    np.testing.assert_array_equal(run.weights(), measured)
    np.testing.assert_array_equal(run.predicted(frame, "rls", "2"), predicted)
    with pytest.raises(CinecastError, match="must have a forecast for frame 0"):
        run.predicted(0, "rls", "2")


@pytest.mark.parametrize("frame", [-1, 80, 60.0, True])
def test_a_predicted_frame_is_one_of_the_sequence(frame: Any, run: cinecast.OpenedRun) -> None:
    """-1 was the last one, and 80 of 80 frames a traceback."""
    with pytest.raises(CinecastError, match=r"frame must be a whole number from 0 to 79, got"):
        run.predicted(frame, "rls", "2")


def test_what_is_up_to_date_is_kept_and_settings_are_those_of_the_run(run: cinecast.OpenedRun) -> None:
    before = (run.path / "forecast" / "rls" / "h002" / "weights.csv").stat().st_mtime_ns
    cinecast.run_sequence(PHANTOM, run.path)
    assert (run.path / "forecast" / "rls" / "h002" / "weights.csv").stat().st_mtime_ns == before


def test_reprs_are_short(run: cinecast.OpenedRun) -> None:
    assert repr(run.sequence) == "<Sequence phantom: 80 frames of 64 x 56 pixels, uint16, 0.2 s apart, 5.4 x 5.4 mm>"
    assert repr(run).startswith(f"<OpenedRun {run.path}: <Sequence phantom")
    assert repr(run).endswith("; oracle, persistence, rls, snap1 at 0.40, 0.80 s>")
    model = cinecast.MotionModel(np.zeros((4, 5, 2)), np.zeros((2, 4, 5, 2)), np.array([0.9, 0.05]))
    assert repr(model) == "<MotionModel: 2 modes of 4 x 5 pixels, which explain 90.0, 5.0 %>"
    forecast = forecast_series(np.random.default_rng(1).normal(size=(90, 2)), method="rls", horizon=3, train_end=40)
    assert repr(forecast) == "<SeriesForecast rls 3 ahead, causal: 1 run(s), 90 samples of 2, 0 diverged>"


@pytest.mark.parametrize("kind", ["horizons", "weights", "mmode", "frames", "modes", "radius"])
def test_a_figure_of_each_kind(kind: str, run: cinecast.OpenedRun) -> None:
    figure = run.figure(kind)
    assert isinstance(figure, Figure)
    assert figure.axes


@pytest.mark.parametrize(
    ("ask", "sentence"),
    [
        (lambda run: run.figure("Frames"), "got 'Frames'; did you mean frames"),
        (lambda run: run.figure("frames", method="RLS"), "got 'RLS'; did you mean rls"),
        (lambda run: run.forecasts("rls", "500ms"), "did you mean 0.5s"),
        (lambda run: run.forecasts("linear", "2"), "got 'linear'"),
        (lambda run: run.weights("linear"), "method must be one of oracle, persistence, rls, snap1, got 'linear'"),
        (lambda run: run.predicted(0, "rls", "2"), "must have a forecast for frame 0"),
        (lambda run: cinecast.open_run(run.path / "flow"), "a run must be a folder that 'cinecast run' made"),
        (lambda run: cinecast.run_sequence(PHANTOM, run.path, settings={"flow": {"level": 3}}), "did you mean levels"),
        (lambda run: cinecast.estimate_flow(run.sequence.frames, reference=80), "flow.reference must be at most 79"),
        (
            lambda run: cinecast.estimate_flow(run.sequence.frames[0], reference=0),
            r"frames must have shape \(T, H, W\)",
        ),
        (
            lambda run: cinecast.estimate_flow(run.sequence.frames, reference=0, settings={"level": 2}),
            "a setting of flow must be one of .*did you mean levels",
        ),
        (
            lambda run: cinecast.estimate_flow(run.sequence.frames, reference=0, settings={"dvf": "own.npy"}),
            "flow.dvf names DVFs that are not measured here, got 'own.npy'",
        ),
        (lambda run: cinecast.read_sequence(PHANTOM, period=0.25), "a setting of frames must be one of"),
        (lambda run: cinecast.push_forward(np.ones((9, 9)), np.zeros((9, 9, 2)), {"width": 1}), "a setting of warp"),
        (
            lambda run: cinecast.pixel_distance_mm(run.dvf[0], run.dvf[1], spacing_mm=(2.0, -1.0)),
            r"pixel spacing must be two positive numbers in mm \(rows, columns\), got \(2.0, -1.0\)",
        ),
    ],
)
def test_mistakes_are_one_sentence(ask: object, sentence: str, run: cinecast.OpenedRun) -> None:
    with pytest.raises(CinecastError, match=sentence):
        ask(run)  # type: ignore[operator]


def test_one_text_stands_for_a_list_of_one_and_a_whole_number_for_frames(
    run: cinecast.OpenedRun, tmp_path: Path
) -> None:
    copy = shutil.copytree(run.path, tmp_path / "run")
    again = cinecast.run_sequence(PHANTOM, copy, methods="rls", horizons="2")
    assert again.methods == ("oracle", "persistence", "rls")
    assert again.horizons_s == (run.horizons_s[0],)
    np.testing.assert_array_equal(again.forecasts("rls", 2), run.forecasts("rls", "2"))  # type: ignore[arg-type]


@pytest.mark.parametrize("given", [2, np.int64(2), [2], np.array([2]), np.array(["0.4s"])])
def test_horizons_are_numbers_or_texts_of_python_or_numpy(given: Any, tmp_path: Path) -> None:
    """Two texts in an array ended in a sentence of numpy on truth, a number alone in one on iteration."""
    opened = cinecast.run_sequence(
        PHANTOM, tmp_path / "run", methods=np.array(["linear", "rls"]), horizons=given, settings=SETTINGS
    )
    assert opened.methods == ("oracle", "persistence", "linear", "rls")
    assert opened.horizons_s == pytest.approx((0.4,))


def test_arrays_that_do_not_belong_together_are_refused(run: cinecast.OpenedRun) -> None:
    dvf = run.dvf
    assert dvf is not None
    with pytest.raises(ValueError, match=r"1 mode or more is fitted to DVFs \(T, H, W, 2\), got 2 of \(20, "):
        cinecast.fit_motion_model(dvf[:20, ..., 0], 2)
    with pytest.raises(ValueError, match="1 mode or more is fitted to DVFs"):
        cinecast.fit_motion_model(dvf[:20], 0)
    model = cinecast.fit_motion_model(dvf[:20], 2)
    for shape in ((len(dvf), 2), (1, len(dvf) - 1, 2), (1, len(dvf), 3)):
        with pytest.raises(ValueError, match=rf"forecasts must have shape \(runs, {len(dvf)}, 2\)"):
            cinecast.forecast_errors_mm(model, np.zeros(shape), dvf, spacing_mm=(1.0, 1.0))


@pytest.mark.parametrize(
    ("frames", "said"),
    [
        (np.ma.masked_greater(np.tile(np.arange(256.0).reshape(16, 16), (3, 1, 1)), 200), "that are masked"),
        (np.tile(np.arange(256.0).reshape(16, 16), (3, 1, 1)) * 1j, "got complex128"),
    ],
)
def test_pixels_without_a_grey_value_are_refused(frames: np.ndarray, said: str) -> None:
    # What is below a mask, NaN even, was followed as if it were tissue, and of complex images the real part alone.
    with pytest.raises(CinecastError, match=said):
        cinecast.estimate_flow(frames, reference=0)
    with pytest.raises(CinecastError, match=said):
        cinecast.push_forward(frames[0], np.zeros((16, 16, 2)))


def test_masked_vectors_are_no_vectors() -> None:
    dvf = np.random.default_rng(3).normal(size=(16, 16, 2))
    masked, unknown = np.ma.masked_array(dvf, np.zeros_like(dvf, dtype=bool)), dvf.copy()
    masked[3, 4], unknown[3, 4] = np.ma.masked, np.nan
    frame = np.arange(256.0).reshape(16, 16)
    np.testing.assert_array_equal(cinecast.push_forward(frame, masked), cinecast.push_forward(frame, unknown))
    distance = cinecast.pixel_distance_mm(masked, np.zeros_like(dvf), spacing_mm=(2.0, 1.0))
    assert np.flatnonzero(np.isnan(distance)).tolist() == [3 * 16 + 4]
    with pytest.raises(ValueError, match="DVFs must be finite"):
        cinecast.fit_motion_model(np.stack([dvf, unknown, 2 * dvf]), 1)


def test_a_name_that_is_taken_is_refused_and_an_own_one_may_be_registered_again() -> None:
    class MineSettings(PersistenceSettings):
        method = "mine"

    mine = Method("Mine", MineSettings, Persistence, deterministic=True, offline=False, standardised=False)
    try:
        cinecast.register_method(mine)
        cinecast.register_method(mine)
        forecasts = cinecast.forecast_weights(np.arange(40.0)[:, None], method="mine", horizon=2, train_end=20)
        np.testing.assert_array_equal(forecasts[0, 22:, 0], np.arange(20.0, 38.0))
    finally:
        METHODS.pop("mine", None)
    with pytest.raises(ForecastingError, match="must have a name of its own, got one that exists, in 'rls'"):
        cinecast.register_method(METHODS["rls"])


@pytest.mark.parametrize("name", ["oracle", "measured", "perfect", "../elsewhere", "Mine"])
def test_an_own_method_is_named_neither_like_a_row_beside_methods_nor_like_a_path(name: str) -> None:
    """The scores of the true oracle would stand as those of an own method of this name."""
    settings = type("TakenSettings", (PersistenceSettings,), {"method": name})
    taken = Method("Taken", settings, Persistence, deterministic=True, offline=False, standardised=False)
    try:
        with pytest.raises(ForecastingError, match="a method of your own must have a name of"):
            cinecast.register_method(taken)
        assert name not in METHODS
    finally:
        METHODS.pop(name, None)


def test_what_is_no_method_is_refused() -> None:
    with pytest.raises(ForecastingError, match=r"must be a cinecast_models.Method, got type, in 'unnamed'"):
        cinecast.register_method(Persistence)  # type: ignore[arg-type]


def test_an_own_method_that_was_changed_is_run_again(tmp_path: Path) -> None:
    """As in a notebook, in which a cell is changed and run again: the scores of its old code would look like any."""

    def scored(step: float) -> dict[str, float]:
        class StepSettings(PersistenceSettings):
            method = "own_step"

        class Step(Persistence):
            def predict(self, pending: np.ndarray) -> np.ndarray:
                return np.asarray(super().predict(pending) + step)

        kinds = {"deterministic": True, "offline": False, "standardised": False}
        cinecast.register_method(Method("Step", StepSettings, Step, **kinds))  # type: ignore[arg-type]
        found = cinecast.run_sequence(PHANTOM, tmp_path / "run", methods=["own_step"], horizons=["2"])
        rows = [row for row in found.scores if row["metric"] == "weights_rmse"]
        return {row["method"]: row["value"] for row in rows if row["method"] != "oracle"}

    try:
        first, written = scored(0.0), (tmp_path / "run/forecast/own_step/h002/weights.csv").stat().st_mtime_ns
        assert first["own_step"] == first["persistence"]
        assert scored(0.0) == first
        assert (tmp_path / "run/forecast/own_step/h002/weights.csv").stat().st_mtime_ns == written
        assert scored(50.0)["own_step"] > 40
    finally:
        METHODS.pop("own_step", None)


def test_results_are_tables_that_stay_plain(run: cinecast.OpenedRun) -> None:
    assert {type(cell) for row in run.scores for cell in row.values()} == {str, int, float}
    assert isinstance(run.path, Path)


def test_a_figure_is_shown_in_a_notebook_without_a_backend(run: cinecast.OpenedRun) -> None:
    picture = run.figure("weights")._repr_png_()  # type: ignore[attr-defined]
    assert picture.startswith(b"\x89PNG")


def test_pictures_have_their_titles_their_own_scale_and_the_shape_of_the_pixels() -> None:
    pictures = {"real": np.arange(12.0).reshape(3, 4), "difference": -np.ones((3, 4))}
    figure = cinecast.draw_pictures(pictures, spacing_mm=(2.0, 1.0), dvf=np.ones((3, 4, 2)))
    first, second = figure.axes[:2]
    assert [axes.get_title() for axes in (first, second)] == ["real", "difference"]
    assert first.images[0].get_clim() == (0, 11)
    assert first.get_aspect() == 2
    assert len(first.collections) == 1
    assert not second.collections


def test_vectors_point_where_the_tissue_goes() -> None:
    dvf = np.zeros((3, 4, 2))
    dvf[1, 2] = 1.5, -0.5
    arrows = cinecast.draw_pictures({"real": np.zeros((3, 4))}, dvf=dvf).axes[0].collections[0]
    place = [tuple(each) for each in arrows.get_offsets()].index((2.0, 1.0))
    assert (arrows.U[place], arrows.V[place]) == (1.5, -0.5)


@pytest.mark.parametrize("pictures", [{}, {"flat": np.zeros(4)}])
def test_what_is_no_picture_is_refused(pictures: dict[str, np.ndarray]) -> None:
    with pytest.raises(ValueError, match=r"arrays of shape \(H, W\) by their titles, got"):
        cinecast.draw_pictures(pictures)


def test_weights_are_drawn_from_the_test_span_on() -> None:
    weights = np.arange(20.0).reshape(10, 2)
    figure = cinecast.draw_weights(weights, {"rls": weights[np.newaxis] + [[[1.0]], [[3.0]]]}, test_start=6)
    assert len(figure.axes) == 2
    measured, forecast = figure.axes[1].lines
    np.testing.assert_array_equal(measured.get_xdata(), [6, 7, 8, 9])
    np.testing.assert_array_equal(measured.get_ydata(), weights[6:, 1])
    np.testing.assert_array_equal(forecast.get_ydata(), weights[6:, 1] + 2)
    assert forecast.get_label() == "rls"
