"""How far off targets are, held to the phantom's known motion and to landmarks that owe nothing to the flow."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from cinecast.landmarks import Landmarks
from cinecast.phantom import PhantomSettings, make_phantom
from cinecast.phantom.files import write_phantom
from cinecast.run.motion_models import fitted_motion
from cinecast.run.saved import saved_run
from cinecast.score.landmark_scores import landmark_differences
from cinecast.score.mask_scores import centroid_mm
from cinecast.store import artifacts as art
from cinecast.store.tables import read_table
from cinecast.target import MaskPropagator, follow_forecast
from helpers.command_line import succeed

SHAPE = (192, 160)


def disc(
    shape: tuple[int, ...], row: float, column: float, radius_mm: float, spacing_mm: tuple[float, float]
) -> NDArray[np.bool_]:
    rows, columns = np.indices(shape)
    distance = np.hypot((rows - row) * spacing_mm[0], (columns - column) * spacing_mm[1])
    return np.asarray(distance <= radius_mm)


def test_a_disc_in_the_phantom_is_where_the_known_motion_carries_it(tmp_path: Path) -> None:
    phantom = make_phantom(PhantomSettings(rows=SHAPE[0], columns=SHAPE[1], seed=3))
    mask = disc(SHAPE, 144, 55, 12, phantom.sequence.spacing_mm)
    propagator = MaskPropagator(mask)
    truth = [propagator.propagate(dvf[propagator.box]).mask for dvf in phantom.dvf]
    write_phantom(tmp_path / "cine.nii.gz", phantom)
    np.save(tmp_path / "disc.npy", mask.astype(np.uint8))
    np.save(tmp_path / "truth.npy", np.stack(truth).astype(np.uint8))
    given = ("--target", tmp_path / "disc.npy", "--labels", tmp_path / "truth.npy")
    methods = [part for name in ("linear", "rls", "mixture") for part in ("--method", name)]
    horizons = ("--horizon", "0.4s", "--horizon", "0.8s")
    succeed("run", tmp_path / "cine.nii.gz", "--out", tmp_path / "run", *given, *methods, *horizons)
    found = {
        (row["method"], row["horizon_frames"], row["metric"]): float(row["value"])
        for row in read_table(tmp_path / "run/score/scores.csv")
        if row["region"] == "target:disc" and row["against"] == "labels"
    }
    assert found["measured", "2", "dice"] > 0.992
    assert found["measured", "2", "hd95_mm"] < 0.70
    assert found["measured", "2", "centroid_mm"] < 0.15
    centroids = {(m, h): value for (m, h, metric), value in found.items() if metric == "centroid_mm"}
    most = {"mixture": (0.61, 1.25), "linear": (0.73, 2.44), "rls": (1.09, 1.82)}
    for method, (soon, later) in most.items():
        assert centroids[method, "2"] < soon, method
        assert centroids[method, "4"] < later, method
    assert centroids["persistence", "2"] > 2.9


def _errors(landmarks: Landmarks, index: int, run: Path, method: str, horizon: int) -> tuple[list[float], list[float]]:
    """Return the error of the centroid of a disc around a landmark, in mm, and that at the landmark, frame by frame."""
    with saved_run(run) as found:
        sequence, spacing_mm = found.sequence, found.sequence.spacing_mm
        task = next(t for t in found.plan.tasks if t.method == method and t.horizon.frames == horizon)
        motion = fitted_motion(found.store, task.train_end).forecast_motion(task, found.sequence.instants)
        forecast = art.load_forecast(found.store.path(task.key("forecast")), len(sequence.frames))[0]
    shape, (x, y) = sequence.frames.shape[1:], landmarks.positions[index]
    frames = [
        t
        for t in sequence.split.test_frames
        if np.isfinite(landmarks.displacements[index, t]).all() and t not in sequence.faults
    ]
    propagator = MaskPropagator(disc(shape, y, x, 5, spacing_mm))
    followed = follow_forecast(propagator, motion, forecast, frames)
    centroids, at_landmark = [], []
    for i, t in enumerate(frames):
        moved_x, moved_y = landmarks.displacements[index, t]
        truth = disc(shape, y + moved_y, x + moved_x, 5, spacing_mm)
        off = centroid_mm(followed.masks.mask(i), spacing_mm=spacing_mm) - centroid_mm(truth, spacing_mm=spacing_mm)
        centroids.append(float(np.linalg.norm(off)))
        differences = landmark_differences(motion.dvf(t, forecast[t]), landmarks, t, spacing_mm=spacing_mm)
        at_landmark.append(float(np.linalg.norm(differences[index])))
    return centroids, at_landmark


@pytest.mark.shared
@pytest.mark.parametrize("name", ["eth-1", "ovgu-1"])
def test_target_and_landmarks_agree(shared: Path, tmp_path: Path, name: str) -> None:
    run = tmp_path / "run"
    succeed("run", shared / "data/cine" / name, "--out", run, "--method", "linear", "--horizon", "2")
    with saved_run(run) as found:
        count = len(found.sequence.frames)
    landmarks = art.load_landmarks(run / "landmarks", count)
    pairs = [_errors(landmarks, index, run, "linear", 2) for index in range(len(landmarks.names))]
    by_target, by_landmark = (np.mean([np.mean(pair[k]) for pair in pairs if pair[k]]) for k in (0, 1))
    assert by_target == pytest.approx(by_landmark, rel=0.2)
