"""A run opens in napari itself, by its manifest and without a screen: what is where, when, and how large."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from npe2 import PluginManager, PluginManifest, read

from cinecast.errors import CinecastError
from cinecast.phantom import Phantom, PhantomSettings, make_phantom
from cinecast.phantom.files import write_phantom
from cinecast.sequence import Split
from cinecast.store import artifacts as art
from cinecast.viewer.layers import run_layers
from cinecast.viewer.reader import get_reader
from cinecast.viewer.time_axis import TimeAxis
from cinecast.warp.predicted import PredictedFrames
from helpers.command_line import ROOT, environment, succeed
from helpers.predicted import predicted_of
from helpers.report_data import Simulated, simulated_report
from helpers.report_targets import with_target

SIZE = PhantomSettings(rows=80, columns=64, pixel_spacing_mm=(3.6, 4.5), frame_count=45, frame_period_s=0.25, seed=3)
METHODS = ("--method", "linear", "--method", "snap1", "--horizon", "2", "--set", "forecast.runs=2")
TEST = range(30, 45)
LOST = (7, 36, 37)


@pytest.fixture(scope="module")
def truth() -> Phantom:
    return make_phantom(SIZE)


@pytest.fixture(scope="module")
def run(truth: Phantom, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A finished run with a ROI, landmarks and a target; for reading only."""
    folder = tmp_path_factory.mktemp("viewer")
    write_phantom(folder / "cine.nii.gz", truth)
    rows, columns = np.indices((80, 64))
    np.save(folder / "disc.npy", ((rows - 58) ** 2 + (columns - 22) ** 2 <= 36).astype(np.uint8))
    succeed("run", folder / "cine.nii.gz", "--out", folder / "run", *METHODS, "--target", folder / "disc.npy")
    return folder / "run"


@pytest.fixture(scope="module")
def broken(truth: Phantom, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A finished run of a recording that misses frames."""
    folder, sequence = tmp_path_factory.mktemp("viewer_gaps"), truth.sequence
    kept = np.delete(np.arange(45), LOST)
    np.savez(
        folder / "cine.npz",
        frames=sequence.frames[kept],
        times_s=sequence.times_s[kept],
        pixel_spacing_mm=np.array(sequence.spacing_mm),
    )
    spans = ("--set", "frames.train_end=20", "--set", "frames.validation_end=29")
    succeed("run", folder / "cine.npz", "--out", folder / "run", "--method", "linear", "--horizon", "2", *spans)
    return folder / "run"


@pytest.fixture(autouse=True)
def plugins(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[PluginManager]:
    """Napari as it is after the start, with the manifest of the checkout and none of the user's settings."""
    monkeypatch.setenv("NAPARI_CONFIG", str(tmp_path / "settings.yaml"))
    manager = PluginManager.instance()
    manager.discover()
    if "cinecast" in manager:
        manager.unregister("cinecast")
    spec = find_spec("cinecast.viewer")
    assert spec is not None
    assert spec.submodule_search_locations is not None
    manager.register(PluginManifest.from_file(Path(spec.submodule_search_locations[0]) / "napari.yaml"))
    yield manager
    manager.unregister("cinecast")


def opened(path: Path) -> Any:
    """Return the model of a viewer with a run, all of its layers shown."""
    from napari.components import ViewerModel

    viewer = ViewerModel()
    viewer.open(str(path), plugin="cinecast")
    return viewer


def grey(viewer: Any, name: str, instant: int) -> Any:
    """Return the picture that a layer shows at an instant, as the viewer has it sliced; None where it shows none."""
    layer = viewer.layers[name]
    layer.visible = True
    viewer.dims.set_current_step(0, instant)
    low, high = layer.extent.world[:, 0] if layer.ndim == 3 else (-np.inf, np.inf)
    if not low - 0.01 <= viewer.dims.point[0] <= high + 0.01:
        return None
    return np.asarray(layer.data[round(float(layer.world_to_data(viewer.dims.point)[0]))])


def points(viewer: Any, name: str, instant: int) -> Any:
    """Return the places (row, column) in pixels of the points that a layer shows at an instant."""
    layer = viewer.layers[name]
    layer.visible = True
    viewer.dims.set_current_step(0, instant)
    return np.asarray(layer._view_data)


def test_the_entry_point_is_the_manifest() -> None:
    declared = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["entry-points"]["napari.manifest"]
    package, _, file = declared["cinecast"].partition(":")
    spec = find_spec(package)
    assert spec is not None
    assert spec.origin is not None
    assert (Path(spec.origin).parent / file).is_file()


def test_names_and_kinds(run: Path) -> None:
    viewer = opened(run)
    forecasts = ["persistence 0.50 s", "linear 0.50 s", "snap1 0.50 s, run 0 of 2"]
    names = {layer.name: type(layer).__name__ for layer in viewer.layers}
    assert names == {
        "frames": "Image",
        **{f"predicted, {each}": "Image" for each in ["oracle", *forecasts]},
        "ROI": "Labels",
        "disc, measured": "Labels",
        **{f"disc, {each}": "Labels" for each in ["oracle", *forecasts]},
        "motion, measured": "Vectors",
        "landmarks": "Points",
        **{f"landmarks, {each}": "Points" for each in ["oracle", *forecasts]},
    }
    assert [layer.name for layer in viewer.layers if layer.visible] == ["frames", "landmarks"]


def test_axes_are_in_s_and_mm(run: Path) -> None:
    viewer = opened(run)
    for layer in viewer.layers:
        assert np.allclose(layer.scale, (0.25, 3.6, 4.5)[-layer.ndim :])
        assert [str(unit) for unit in layer.units] == ["second", "millimeter", "millimeter"][-layer.ndim :]
        assert layer.axis_labels == ("time", "row", "column")[-layer.ndim :]
    assert np.allclose(viewer.layers["frames"].extent.world, [[0, 0, 0], [44 * 0.25, 79 * 3.6, 63 * 4.5]])
    assert np.allclose(viewer.layers["predicted, linear 0.50 s"].extent.world[:, 0], [30 * 0.25, 44 * 0.25])


def test_frames_stay_on_the_disk_and_predicted_frames_are_made_when_they_are_shown(
    run: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[int] = []
    plain = PredictedFrames.frame
    monkeypatch.setattr(PredictedFrames, "frame", lambda own, t: (made.append(t), plain(own, t))[1])
    viewer = opened(run)
    array = frames = viewer.layers["frames"].data
    while not isinstance(array, np.memmap):
        assert array is not None, "the pictures are in memory"
        array = array.base
    np.testing.assert_array_equal(frames, np.load(run / "frames" / "frames.npy"))
    before = len(made)
    assert before <= 2 * len([layer for layer in viewer.layers if layer.name.startswith("predicted")])
    np.asarray(viewer.layers["predicted, linear 0.50 s"].data[3])
    assert made[before:] == [33]
    stored = predicted_of(run, "linear", 2)
    for t in range(45):
        shown = grey(viewer, "predicted, linear 0.50 s", t)
        assert (shown is None) == (t not in TEST)
        if shown is not None:
            np.testing.assert_array_equal(shown, stored[t - 30])


def test_what_is_under_the_pointer_is_the_pixel_there(run: Path) -> None:
    """By napari's own slicing: s and mm in, grey value out."""
    viewer, frames = opened(run), np.load(run / "frames" / "frames.npy")
    stored = predicted_of(run, "snap1", 2)
    viewer.layers["predicted, snap1 0.50 s, run 0 of 2"].visible = True
    for t, row, column in ((0, 40, 30), (33, 71, 12), (44, 20, 50)):
        viewer.dims.set_point(0, t * 0.25)
        where = {"position": (t * 0.25, row * 3.6, column * 4.5), "world": True}
        assert viewer.layers["frames"].get_value(**where) == frames[t, row, column]
        predicted = viewer.layers["predicted, snap1 0.50 s, run 0 of 2"].get_value(**where)
        assert predicted == (stored[t - 30, row, column] if t >= 30 else None)


def test_pictures_have_one_grey_scale(run: Path) -> None:
    viewer = opened(run)
    low, high = viewer.layers["frames"].contrast_limits
    frames = np.load(run / "frames" / "frames.npy")
    assert (frames < low).mean() < 0.01
    assert 0 < (frames > high).mean() < 0.01
    assert {tuple(each.contrast_limits) for each in viewer.layers if hasattr(each, "contrast_limits")} == {(low, high)}


def test_the_grey_scale_is_that_of_all_frames(rng: np.random.Generator) -> None:
    data = simulated_report(rng)
    frames = data.sequence.frames.copy()
    frames[1::2] *= 3  # as flicker does
    data = replace(data, sequence=replace(data.sequence, frames=frames))
    (shown,) = (said for _, said, kind in run_layers(data, {}, TimeAxis.of(data.sequence)) if kind == "image")
    assert shown["contrast_limits"] == pytest.approx(tuple(np.percentile(frames, (0.5, 99.5))))


def test_landmarks_are_where_the_anatomy_is(run: Path, truth: Phantom) -> None:
    """Followed landmarks against the phantom's own motion; forecast ones of the oracle against the same."""
    viewer, sequence = opened(run), art.load_sequence(run / "frames")
    reference = viewer_reference(run)
    found = art.load_landmarks(run / "landmarks", len(sequence.frames))
    real = points(viewer, "landmarks", 40)
    followed = np.isfinite(found.displacements[:, 40]).all(axis=1)
    expected = (found.positions + found.displacements[:, 40])[followed][:, ::-1]
    np.testing.assert_allclose(real, expected)
    oracle = points(viewer, "landmarks, oracle", 40)
    assert len(oracle) == len(found.names)
    moved = np.hypot(*((oracle - found.positions[:, ::-1]) * (3.6, 4.5)).T)
    error = np.hypot(*((oracle[followed] - expected) * (3.6, 4.5)).T)
    assert error.mean() < 1.0
    assert moved.mean() > 3 * error.mean(), (moved.mean(), reference)
    assert len(points(viewer, "landmarks, linear 0.50 s", 29)) == 0
    assert len(points(viewer, "landmarks, linear 0.50 s", 30)) == len(found.names)
    assert set(viewer.layers["landmarks"].features["landmark"]) == set(found.names)


def viewer_reference(run: Path) -> int:
    """Return the reference frame: that of no motion."""
    return int(np.argmin(np.abs(np.load(run / "flow" / "dvf.npy")).sum(axis=(1, 2, 3))))


def test_motion_points_from_the_reference_frame_to_the_frame(run: Path) -> None:
    viewer, dvf = opened(run), np.load(run / "flow" / "dvf.npy")
    layer = viewer.layers["motion, measured"]
    assert 20**2 * 45 <= len(layer.data) <= 40**2 * 45
    t = int(np.argmax(np.abs(dvf).sum(axis=(1, 2, 3))))
    own = layer.data[layer.data[:, 0, 0] == t]
    rows, columns = own[:, 0, 1:].astype(int).T
    np.testing.assert_array_equal(own[:, 1, 0], 0)
    np.testing.assert_array_equal(own[:, 1, 1:], dvf[t, rows, columns, ::-1])
    assert not layer.data[layer.data[:, 0, 0] == viewer_reference(run)][:, 1].any()


def test_labels_are_the_masks(run: Path) -> None:
    viewer, roi = opened(run), art.load_sequence(run / "frames").roi
    assert roi is not None
    expected = np.zeros((80, 64))
    expected[roi.slices()] = 1
    np.testing.assert_array_equal(viewer.layers["ROI"].data, expected)
    for name, key in (("measured", "measured"), ("linear 0.50 s", "linear/h002")):
        stored = art.load_masks(run / "target" / key).masks.part(0, 0)
        offset = len(stored.bits) - len(TEST)  # measured masks are there of all frames
        for t in (30, 41, 44):
            np.testing.assert_array_equal(grey(viewer, f"disc, {name}", t), stored.mask(t - 30 + offset))


def test_held_motion_is_not_shown_as_measured(rng: np.random.Generator) -> None:
    data = with_target(simulated_report(rng))
    held = data.sequence.split.test_frames[2]
    assert data.flows[0].all_dvf is not None
    axis = TimeAxis.of(data.sequence)
    for flows, count in ((data.flows, 0), ((replace(data.flows[0], held=frozenset({held})),), 1)):
        layers = {said["name"]: shown for shown, said, _ in run_layers(replace(data, flows=flows), {}, axis)}
        times = set(layers["motion, measured"][:, 0, 0])
        assert len(times) == len(data.sequence.frames) - count
        assert (held not in times) == bool(count)
        masks = layers[f"{data.targets[0].name}, measured"]
        assert bool(masks[2].any()) == (count == 0)
        assert masks[1].any()


def test_layers_of_the_published_protocol_say_that_they_are_non_causal(rng: np.random.Generator) -> None:
    data = with_target(simulated_report(rng, Simulated(protocol="published", landmarks=4)))
    names = {said["name"] for _, said, _ in run_layers(data, {}, TimeAxis.of(data.sequence))}
    learned = {name for name in names if "linear" in name or "snap1" in name}
    assert len(learned) == 8  # landmarks and masks, of two methods at two horizons
    assert {name for name in names if name.endswith(" (non-causal)")} == learned


def test_a_lost_frame_is_an_empty_picture_and_later_frames_keep_their_time(broken: Path, truth: Phantom) -> None:
    viewer = opened(broken)
    assert np.allclose(viewer.layers["frames"].extent.world[:, 0], [0, 44 * 0.25])
    for t in (0, 6, 7, 8, 35, 36, 37, 38, 44):
        shown = grey(viewer, "frames", t)
        assert not shown.any() if t in LOST else np.array_equal(shown, truth.sequence.frames[t])
        assert (len(points(viewer, "landmarks", t)) == 0) == (t in LOST)
    vectors = viewer.layers["motion, measured"].data
    assert set(vectors[:, 0, 0]) == set(range(45)) - set(LOST)
    stored = predicted_of(broken, "linear", 2)
    last = grey(viewer, "predicted, linear 0.50 s", 44)
    np.testing.assert_array_equal(last, stored[-1])
    assert not grey(viewer, "predicted, linear 0.50 s", 36).any()


def test_frames_after_a_pause_keep_their_time(truth: Phantom) -> None:
    """A pause was as long as one frame, whatever it took: all later frames were shown too early."""
    sequence = truth.sequence
    kept = np.r_[:12, 24:45]  # twelve frames are missing, more than are filled in
    paused = replace(
        sequence, frames=sequence.frames[kept], times_s=sequence.times_s[kept], split=Split(10, 20, len(kept)), roi=None
    )
    axis = TimeAxis.of(paused)
    assert axis.instant_of.tolist() == kept.tolist()
    assert not axis.regular(np.arange(len(kept)))
    stacked, first = axis.stack(lambda t: paused.frames[t], np.arange(5, len(kept)), paused.frames)
    assert (first, stacked.shape) == (5, (40, 80, 64))
    for instant in (5, 11, 24, 44):
        np.testing.assert_array_equal(np.asarray(stacked[instant - first]), sequence.frames[instant])
    assert not np.asarray(stacked[12 - first : 24 - first]).any()
    nothing, _ = axis.stack(lambda t: paused.frames[t], np.arange(0), paused.frames)
    assert nothing.shape == (1, 80, 64)


def test_what_is_no_run_is_left_to_other_readers(run: Path, tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "absent", run / "flow", run / "run.json"):
        assert get_reader(str(path)) is None
    assert get_reader([str(run), str(run)]) is None
    assert get_reader([str(run)]) is not None
    with pytest.raises(ValueError, match="cinecast"):
        read([str(tmp_path)], stack=False, plugin_name="cinecast")


def test_an_unfinished_run_opens_and_says_in_one_sentence_what_it_lacks(run: Path, tmp_path: Path) -> None:
    own = shutil.copytree(run, tmp_path / "run")
    shutil.rmtree(own / "forecast/linear")
    shutil.rmtree(own / "landmarks")
    with pytest.warns(UserWarning, match=r"opens without what it lacks: .*landmarks: not made yet") as warned:
        names = [said["name"] for _, said, _ in read([str(own)], stack=False, plugin_name="cinecast")]
    assert len([each for each in warned if "lacks" in str(each.message)]) == 1
    assert "predicted, persistence 0.50 s" in names
    assert "predicted, linear 0.50 s" not in names
    assert "landmarks" not in names


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda run: (run / "settings.toml").unlink(), "a run must hold settings.toml, got none"),
        (lambda run: shutil.rmtree(run / "frames"), "a run must hold its frames to be drawn, got them not made yet"),
        (
            lambda run: (run / "run.json").write_text(json.dumps({"sequence": "cine", "format": 99})),
            "a run must have format 1 or older, got format 99",
        ),
    ],
)
def test_a_run_that_cannot_be_opened_says_so_in_one_sentence(
    run: Path, tmp_path: Path, change: Any, words: str
) -> None:
    own = shutil.copytree(run, tmp_path / "run")
    change(own)
    with pytest.raises(CinecastError, match=words) as error:
        read([str(own)], stack=False, plugin_name="cinecast")
    assert "\n" not in str(error.value)


def test_reading_imports_nothing_of_napari(run: Path) -> None:
    code = (
        "import sys; from cinecast.viewer.reader import get_reader; "
        f"layers = get_reader({str(run)!r})({str(run)!r}); assert len(layers) > 5; "
        "print({'napari', 'npe2', 'qtpy'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env=environment())
    assert done.stdout == "set()\n"
