"""What a run computes and reads once: forecast DVFs, and the motion model."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from cinecast.motion import ForecastMotion
from cinecast.progress import Progress
from cinecast.run.runner import run_sequence
from cinecast.settings import ForecastSettings, ScoreSettings, Settings
from cinecast.store import artifacts as art
from helpers.command_line import ROOT

RUNS, HORIZONS, TEST_FRAMES = 5, (2, 4), 27
SETTINGS = Settings(forecast=ForecastSettings(("linear", "rls", "snap1"), tuple(map(str, HORIZONS)), runs=RUNS))


class Stages(Progress):
    """Knows which stage is at work."""

    now = ""

    @contextmanager
    def working(self, what: str, total: int) -> Iterator[Callable[[], None]]:
        """Note the stage while the block runs."""
        del total
        self.now = what
        yield lambda: None
        self.now = ""


def test_each_forecast_dvf_is_rebuilt_once_for_images_errors_and_bands(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stages, rebuilt = Stages(), Counter[tuple[str, int, int, bytes]]()
    plain = ForecastMotion.dvfs

    def counted(
        motion: ForecastMotion,
        frames: list[int],
        weights: NDArray[np.float64],
        out: NDArray[np.float64] | None = None,
    ) -> NDArray[np.float64]:
        rebuilt.update((stages.now, motion.horizon, t, own.tobytes()) for t, own in zip(frames, weights, strict=True))
        return plain(motion, frames, weights, out)

    monkeypatch.setattr(ForecastMotion, "dvfs", counted)
    run_sequence(ROOT / "data/phantom.nii.gz", tmp_path / "run", SETTINGS, progress=stages)
    split = art.load_sequence(tmp_path / "run" / art.FRAMES).split
    assert len(split.test_frames) == TEST_FRAMES
    assert {stage for stage, *_ in rebuilt} == {"score"}
    total = Counter[str]()
    for (stage, *_), count in rebuilt.items():
        total[stage] += count
    # Bands learn from the first forecast on, so from before the test span.
    with_bands = sum((3 + RUNS) * (split.test_frames.stop - (split.train_end - 1 + h)) for h in HORIZONS)
    assert total["score"] == TEST_FRAMES + with_bands
    assert max(rebuilt.values()) == 1


def test_a_process_reads_each_motion_model_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    read = Counter[tuple[str, Path]]()
    for name in ("load_motion_model", "load_weights"):
        plain = getattr(art, name)
        monkeypatch.setattr(art, name, lambda folder, p=plain, n=name: (read.update([(n, folder)]), p(folder))[1])
    for level in (0.9, 0.8):  # the second time, scores and report are made anew
        settings = replace(SETTINGS, score=ScoreSettings(level=level))
        assert run_sequence(ROOT / "data/phantom.nii.gz", tmp_path / "run", settings).done
    folder = tmp_path / "run" / "motion" / "train_0026"
    assert read == {("load_motion_model", folder): 1, ("load_weights", folder): 1}


def test_a_motion_model_that_was_made_anew_is_read_anew(tmp_path: Path) -> None:
    settings = Settings(forecast=ForecastSettings(("linear",), ("2",)))
    run_sequence(ROOT / "data/phantom.nii.gz", tmp_path / "run", settings)
    narrower = Settings(motion=type(settings.motion)(modes=1), forecast=settings.forecast)
    run_sequence(ROOT / "data/phantom.nii.gz", tmp_path / "run", narrower)
    run_sequence(ROOT / "data/phantom.nii.gz", tmp_path / "fresh", narrower)
    score = "score/linear/h002/per_frame.csv"
    assert (tmp_path / "run" / score).read_bytes() == (tmp_path / "fresh" / score).read_bytes()
