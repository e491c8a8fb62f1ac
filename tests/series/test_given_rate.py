"""A rate that was given wins over the times of a file, and what contradicts it there is said."""

from __future__ import annotations

import logging
from pathlib import Path

import numpy as np
import pytest

from cinecast.errors import ReadError
from cinecast.series.given_rate import contradicted_rate
from cinecast.series.reader import read_recording
from cinecast.series.source import TraceSource

CLOCK = 0.1 * np.arange(60)
TENTH = TraceSource(sample_rate_hz=10)
BACK = "which go back from 2.9 to 0 s at sample 30: recordings one after another are no series"
SLOWER = "by which samples come at 5 Hz"
LOST = "by which 12 are missing at 1 place"


def written(folder: Path, times: np.ndarray, kind: str) -> Path:
    values = np.sin(np.arange(len(times)))
    if kind == "npz":
        np.savez(folder / "a.npz", series=values[:, np.newaxis], times_s=times)
        return folder / "a.npz"
    if kind == "csv":
        rows = [f"{time:.3f},{value}" for time, value in zip(times, values, strict=True)]
        (folder / "a.csv").write_text("\n".join(["time_s,x", *rows]))
        return folder / "a.csv"
    layout = "[Header]\nData_layout=amplitude,timestamp,validflag\nScale_factor=10\n[Data]\n"
    rows = [f"{value},{1000 * time:.0f},0" for time, value in zip(times, values, strict=True)]
    (folder / "a.vxp").write_text(layout + "\n".join(rows))
    return folder / "a.vxp"


@pytest.mark.parametrize("kind", ["csv", "npz", "vxp"])
@pytest.mark.parametrize(
    ("times", "words"),
    [
        (np.append(CLOCK[:30], CLOCK[:30]), BACK),
        (2 * CLOCK, SLOWER),
        (np.append(CLOCK[:30], CLOCK[30:] + 1.2), LOST),
    ],
    ids=["two recordings", "another rate", "a gap"],
)
def test_times_that_contradict_the_rate_are_said(
    tmp_path: Path, kind: str, times: np.ndarray, words: str, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING, logger="cinecast"):
        recording = read_recording(written(tmp_path, times, kind), TENTH)
    np.testing.assert_allclose(recording.times_s, CLOCK)
    (said,) = [sentence for sentence in recording.history if "--sample-rate 10 Hz counts, and not" in sentence]
    assert [record.getMessage() for record in caplog.records] == [said]
    assert words in said


@pytest.mark.parametrize("kind", ["csv", "npz", "vxp"])
@pytest.mark.parametrize("rate", [10.0, 10.1])
def test_times_of_that_rate_are_not_said(
    tmp_path: Path, kind: str, rate: float, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING, logger="cinecast"):
        read_recording(written(tmp_path, CLOCK, kind), TraceSource(sample_rate_hz=rate))
    assert not caplog.records


def test_coarse_and_bunched_times_contradict_no_rate_that_is_theirs(rng: np.random.Generator) -> None:
    long = np.floor(0.1 * np.arange(6000))
    assert contradicted_rate(long, 10.0, "the times") is None
    said = contradicted_rate(long, 20.0, "the times")
    assert said is not None
    assert "by which samples come at 10" in said
    pairs = np.repeat(0.2 * np.arange(3000), 2) + np.tile([0.0, 0.01], 3000)
    assert contradicted_rate(pairs, 10.0, "the times") is None
    jitter = 0.1 * np.arange(6000) + rng.uniform(-0.02, 0.02, 6000)
    assert contradicted_rate(jitter, 10.0, "the times") is None


@pytest.mark.parametrize(("rate", "said"), [(9.85, ""), (10.15, ""), (9.7, "at 10 Hz"), (10.3, "at 10 Hz")])
def test_a_rate_is_the_same_within_its_rounding(rate: float, said: str) -> None:
    assert (contradicted_rate(CLOCK, rate, "the times") or "").endswith(said)


def test_the_rate_of_bunched_times_is_of_the_steps_between_them() -> None:
    """Ten pairs, the last one 1.8 s after the first: 19 steps in 1.85 s."""
    pairs = np.repeat(0.2 * np.arange(10), 2) + np.tile([0.0, 0.05], 10)
    assert contradicted_rate(pairs, 19 / 1.85, "the times") is None
    assert str(contradicted_rate(pairs, 20 / 1.85, "the times")).endswith("by which samples come at 10.27 Hz")


@pytest.mark.parametrize(("every", "words"), [(25, "40 are missing at 40 place(s)"), (14, "come at 9.3")])
def test_few_uneven_steps_are_lost_samples_and_many_are_no_clock(every: int, words: str) -> None:
    """Of a thousand steps some have twice the length; of more than a twentieth nobody knows what they are."""
    steps = np.full(1000, 0.1)
    steps[::every] = 0.2
    assert words in str(contradicted_rate(np.concatenate([[0.0], np.cumsum(steps)]), 10.0, "the times"))


def test_times_that_are_none_say_nothing(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "a.csv").write_text("time,x\n" + "\n".join(f"10:15:{i:02d},{i % 7}" for i in range(50)))
    with caplog.at_level(logging.WARNING, logger="cinecast"):
        recording = read_recording(tmp_path / "a.csv", TENTH)
    assert len(recording.samples) == 50
    assert not caplog.records


def test_times_that_go_back_are_not_advised_to_be_counted(tmp_path: Path) -> None:
    path = written(tmp_path, np.append(CLOCK[:30], CLOCK[:30]), "csv")
    with pytest.raises(ReadError, match=r"times must increase, .* give each of several recordings a file of its own$"):
        read_recording(path, TraceSource())
