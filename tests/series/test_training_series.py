"""What a population is trained on: the weights of runs, interpolated where no motion was measured."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest

from cinecast.phantom import PhantomSettings, make_phantom
from cinecast.phantom.files import write_phantom
from cinecast.series.source import TraceSource
from cinecast.series.training import _interpolated, read_training_series
from cinecast.store import artifacts as art
from cinecast.store.finished import read_run_weights
from helpers.command_line import succeed
from helpers.faulty_frames import FAULTS, with_faults

SIZE = PhantomSettings(rows=48, columns=40, pixel_spacing_mm=(6, 6), frame_count=60, frame_period_s=0.25)


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("run")
    write_phantom(folder / "faulty.nii.gz", with_faults(make_phantom(SIZE)))
    succeed("run", folder / "faulty.nii.gz", "--out", folder / "run", "--method", "persistence", "--horizon", "1")
    return folder / "run"


def test_weights_of_held_frames_are_interpolated_by_their_times() -> None:
    weights = np.array([[0.0, 8.0], [9.0, 9.0], [9.0, 9.0], [4.0, 0.0], [1.0, 1.0]])
    found = _interpolated(weights, [1, 2], np.array([10.0, 10.1, 10.3, 10.4, 10.5]))
    np.testing.assert_allclose(found, [[0, 8], [1, 6], [3, 2], [4, 0], [1, 1]])


def test_weights_of_faulty_frames_are_interpolated(run: Path) -> None:
    stored = art.load_weights(run / art.motion_key(20))
    (series,) = read_training_series([run], TraceSource())
    assert read_run_weights(run).held == tuple(sorted(FAULTS))
    good = [t for t in range(60) if t not in FAULTS]
    np.testing.assert_array_equal(series.samples[good], stored[good, :3])
    times_s = art.load_sequence(run / "frames").times_s
    for t in FAULTS:
        before, after = max(s for s in good if s < t), min(s for s in good if s > t)
        share = (times_s[t] - times_s[before]) / (times_s[after] - times_s[before])
        between = (1 - share) * stored[before, :3] + share * stored[after, :3]
        np.testing.assert_allclose(series.samples[t], between, rtol=1e-12)
        assert not np.array_equal(series.samples[t], stored[t, :3])


def test_weights_without_faulty_frames_are_as_stored(run: Path, tmp_path: Path) -> None:
    measured = Path(shutil.copytree(run, tmp_path / "run"))
    source = run.parent / "faulty.nii.gz"
    succeed("run", source, "--out", measured, "--set", "flow.faulty_frames=measured")
    (series,) = read_training_series([measured], TraceSource())
    np.testing.assert_array_equal(series.samples, art.load_weights(measured / art.motion_key(20))[:, :3])
