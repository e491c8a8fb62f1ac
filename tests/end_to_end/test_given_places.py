"""Landmarks and labels of a user's own that are a frame off, or have rows and columns exchanged, cause a warning."""

from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from cinecast.phantom import PhantomSettings, make_phantom
from cinecast.phantom.files import write_phantom
from cinecast.score.landmark_scores import sample_dvf
from cinecast.target import MaskPropagator
from helpers.command_line import succeed

SIZE = PhantomSettings(rows=96, columns=80, pixel_spacing_mm=(3.6, 3.6), frame_count=60, frame_period_s=0.25, seed=3)
PLACES = np.array([[40.0, 52.0], [34.0, 60.0], [46.0, 56.0]])  # (x, y), pixels


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A phantom's file, a disc in its frame 0, and where the true motion carries that and three places."""
    out, phantom = tmp_path_factory.mktemp("given"), make_phantom(SIZE)
    write_phantom(out / "cine.nii.gz", phantom)
    rows, columns = np.indices((SIZE.rows, SIZE.columns))
    disc = (rows - 56) ** 2 + (columns - 40) ** 2 <= 36
    propagator = MaskPropagator(disc)
    masks = [propagator.propagate(dvf[propagator.box]).mask for dvf in phantom.dvf]
    np.save(out / "disc.npy", disc.astype(np.uint8))
    np.save(out / "truth.npy", np.stack(masks).astype(np.uint8))
    np.save(out / "places.npy", np.stack([PLACES + sample_dvf(dvf, PLACES) for dvf in phantom.dvf]))
    return out


def said(folder: Path, out: Path, caplog: pytest.LogCaptureFixture, *options: str | Path) -> tuple[list[str], str]:
    """Return the warnings on what was given, and the report."""
    chosen = ("--method", "linear", "--horizon", "2", "--set", "flow.reference=0")
    with caplog.at_level(logging.WARNING):
        succeed("run", folder / "cine.nii.gz", "--out", out, *chosen, *options)
    found = [each for each in caplog.messages if "off the measured motion" in each]
    return found, (out / "report/index.html").read_text(encoding="utf-8")


# What became of a place (x, y) in a list.
LISTED: dict[str, Callable[[float, float], tuple[float, float]]] = {
    "right": lambda x, y: (x, y),
    "exchanged": lambda x, y: (y, x),
    "rows": lambda x, y: (x, SIZE.rows - 1 - y),
    "columns": lambda x, y: (SIZE.columns - 1 - x, y),
    "both": lambda x, y: (SIZE.columns - 1 - x, SIZE.rows - 1 - y),
}


@pytest.mark.parametrize(
    ("late", "listed", "words"),
    [
        (0, "right", ""),
        (
            1,
            "right",
            "if they are taken for those of 1 frame earlier: frames count from 0, theirs may count from 1",
        ),
        (-2, "right", "if they are taken for those of 2 frames later: check which frames they are of"),
        (0, "exchanged", "with their rows and columns exchanged; check their list"),
        (0, "rows", "with their rows counted from the last one; check their list"),
        (0, "columns", "with their columns counted from the last one; check their list"),
        (0, "both", "with their rows and columns counted from the last ones; check their list"),
    ],
)
def test_landmarks(
    folder: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture, late: int, listed: str, words: str
) -> None:
    lines = ["name,frame,row,column"]
    for t, places in enumerate(np.roll(np.load(folder / "places.npy"), late, axis=0)):
        for i, (x, y) in enumerate(LISTED[listed](*place) for place in places):
            lines.append(f"p{i},{t},{y:.3f},{x:.3f}")
    (tmp_path / "marks.csv").write_text("\n".join(lines))
    found, report = said(folder, tmp_path / "run", caplog, "--landmarks", tmp_path / "marks.csv")
    assert len(found) == bool(words)
    assert all("the landmarks that were given are" in each and each.endswith(words) for each in found)
    assert ("the landmarks that were given are" in report) == bool(words)


@pytest.mark.parametrize(("late", "words"), [(0, ""), (1, "if they are taken for those of 1 frame earlier")])
def test_labels(folder: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture, late: int, words: str) -> None:
    np.save(tmp_path / "labels.npy", np.roll(np.load(folder / "truth.npy"), late, axis=0))
    given = ("--target", folder / "disc.npy", "--labels", tmp_path / "labels.npy")
    found, report = said(folder, tmp_path / "run", caplog, *given)
    assert len(found) == bool(words)
    assert all("the labels of disc are" in each and words in each for each in found)
    assert ("the labels of disc are" in report) == bool(words)


@pytest.mark.parametrize(("late", "words"), [(0, ""), (1, "if they are taken for those of 1 frame earlier")])
def test_labels_of_a_tracked_target(
    folder: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture, late: int, words: str
) -> None:
    np.save(tmp_path / "labels.npy", np.roll(np.load(folder / "truth.npy"), late, axis=0))
    given = ("--target", folder / "disc.npy", "--labels", tmp_path / "labels.npy")
    with caplog.at_level(logging.WARNING):
        printed = succeed("track", folder / "cine.nii.gz", "--out", tmp_path / "out", *given)
    found = [each for each in caplog.messages if "off the measured motion" in each]
    assert len(found) == bool(words)
    assert all(each.startswith("cine: the labels are") and words in each for each in found)
    # Pixels of 3.6 mm are larger than the margin of the plan.
    assert "There is no D98 ratio: the plan with its margin covers less than 98 % of the target." in printed
