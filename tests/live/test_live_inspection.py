"""What is said of a frame after its forecast: landmarks followed as in a run, motion that the flow does not explain."""

from __future__ import annotations

import logging
import math
from collections.abc import Iterable
from threading import Event
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from cinecast import LiveForecaster
from cinecast.flow.unexplained import unexplained_shares
from cinecast.flow.unexplained_limit import unexplained_frames
from cinecast.frames.streamed import StreamedFault, StreamedFrame
from cinecast.landmarks import Landmarks, find_landmarks
from cinecast.live.follow_up import MOST_WAITING, FollowUp
from cinecast.live.inspection import Inspected
from cinecast.live.landmark_error import LandmarkError
from cinecast.live.session import LiveSession
from cinecast.live.taken import Taken
from cinecast.phantom import Phantom, PhantomSettings, make_phantom
from cinecast.score.landmark_scores import sample_dvf
from cinecast.settings import FlowSettings, LandmarksSettings, Settings

TRAIN, COUNT = 24, 40
SPACING = (3.6, 3.2)
PHANTOM = make_phantom(
    PhantomSettings(rows=96, columns=80, pixel_spacing_mm=SPACING, frame_count=COUNT, frame_period_s=0.25)
)
FRAMES, TIMES = PHANTOM.sequence.frames, PHANTOM.sequence.times_s
FIXED = Settings(flow=FlowSettings(reference=0))


def replayed(
    frames: NDArray[Any], settings: Settings = FIXED, own: Landmarks | None = None, **options: Any
) -> tuple[LiveSession, list[Taken]]:
    """Return a session that all frames went through, and what became of each of them in the end."""
    forecaster = LiveForecaster(settings, method="linear", horizon="1", calibration_frames=TRAIN)
    session = LiveSession(forecaster, lambda: SPACING, lambda reference: own, **options)
    known = []
    for t, frame in enumerate(frames):
        arrived = StreamedFrame(f"frame {t}", 0.25 * t, frame, 0.0)
        known += session.follow_up(arrived, session.take(arrived))
    return session, known + session.finish()


def inspected(known: Iterable[Taken]) -> list[Inspected]:
    return [taken.inspected for taken in known if taken.inspected is not None]


@pytest.fixture(scope="module")
def whole() -> tuple[LiveSession, list[Taken]]:
    return replayed(FRAMES)


def test_landmarks_are_those_that_a_run_finds_and_follows(whole: tuple[LiveSession, list[Taken]]) -> None:
    session, known = whole
    wanted = find_landmarks(FRAMES, SPACING, 0, TRAIN, LandmarksSettings())
    assert session.inspection is not None
    found = session.inspection.landmarks
    assert len(wanted.names) >= 6
    assert found.names == wanted.names
    np.testing.assert_array_equal(found.positions, wanted.positions)
    np.testing.assert_array_equal(found.displacements, wanted.displacements[:, :TRAIN])
    for t, each in zip(range(TRAIN, COUNT), inspected(known), strict=True):
        np.testing.assert_array_equal(each.places, wanted.positions + wanted.displacements[:, t])
        assert each.found == np.isfinite(wanted.displacements[:, t, 0]).sum()


def test_errors_at_landmarks_are_close_to_those_of_the_true_motion(whole: tuple[LiveSession, list[Taken]]) -> None:
    """The phantom knows where its tissue is; tracks may be off by their own noise, a fraction of a mm."""
    session, known = whole
    assert session.inspection is not None
    positions = session.inspection.landmarks.positions
    issued = {taken.number + 1: taken.forecast for taken in known if taken.forecast is not None}
    off, said = [], []
    for taken in known[TRAIN:]:
        assert taken.inspected is not None
        truth = sample_dvf(PHANTOM.dvf[taken.number], positions)
        forecast = sample_dvf(issued[taken.number].dvf, positions)  # type: ignore[union-attr]
        distances = np.hypot(*((forecast - truth) * SPACING[::-1]).T)
        off.append(distances[np.isfinite(taken.inspected.places[:, 0])].mean())
        said.append(taken.inspected.landmark_error_mm)
    assert np.abs(np.array(said) - off).mean() < 0.35
    assert session.inspection.errors.forecast.mean == pytest.approx(np.mean(said), rel=0.1)


def test_what_is_said_of_a_frame_hangs_on_no_later_one(whole: tuple[LiveSession, list[Taken]]) -> None:
    changed = FRAMES.copy()
    changed[32:] = FRAMES[32:, ::-1]
    _, known = replayed(changed)
    for got, wanted in zip(inspected(known)[: 32 - TRAIN], inspected(whole[1]), strict=False):
        for one, other in zip(got, wanted, strict=True):
            np.testing.assert_array_equal(one, other)


def test_in_a_frame_that_repeats_the_one_before_nothing_is_found() -> None:
    frames = FRAMES.copy()
    frames[30] = frames[29]
    settings = Settings(flow=FlowSettings(reference=0, faulty_frames="measured"))
    each = inspected(replayed(frames, settings)[1])[30 - TRAIN]
    assert each.found == 0
    assert math.isnan(each.landmark_error_mm)
    assert math.isnan(each.measured_landmark_error_mm)


def test_of_a_faulty_frame_nothing_is_said_and_its_forecast_is_not_scored() -> None:
    frames = FRAMES.copy()
    frames[30] = frames[30, ::-1]
    session, known = replayed(frames)
    each = known[30].inspected
    assert each is not None
    assert (each.found, each.unexplained) == (0, False)
    assert all(math.isnan(value) for value in (each.landmark_error_mm, each.unexplained_share))
    assert session.inspection is not None
    counted = sum(other.found for other in inspected(known))
    assert session.inspection.errors.measured.count == counted


def test_a_users_own_landmarks_are_taken_where_listed_and_followed_elsewhere() -> None:
    found = find_landmarks(FRAMES, SPACING, 0, TRAIN, LandmarksSettings())
    displacements = np.full((2, COUNT, 2), np.nan)
    displacements[:, 0] = 0
    displacements[0, 30] = (1.25, -2.5)  # the second is not listed in this frame, so it was not found in it
    own = Landmarks(("a", "b"), found.positions[:2], displacements, np.full((2, COUNT), np.nan))
    session, known = replayed(FRAMES, own=own)
    assert session.inspection is not None
    assert session.inspection.landmarks.displacements.shape == (2, TRAIN, 2)
    places = known[30].inspected.places - own.positions  # type: ignore[union-attr]
    np.testing.assert_array_equal(places, [(1.25, -2.5), (np.nan, np.nan)])
    followed = known[31].inspected.places - own.positions  # type: ignore[union-attr]
    np.testing.assert_allclose(followed, found.displacements[:2, 31], atol=1e-12)


# Motion that is not explained

DEEP: Phantom = make_phantom(
    PhantomSettings(frame_count=COUNT, frame_period_s=0.4, amplitude_mm=26, amplitude_variation=0.1)
)


def test_frames_that_the_flow_does_not_explain_are_those_of_a_run_and_said_once(
    caplog: pytest.LogCaptureFixture,
) -> None:
    settings = Settings(flow=FlowSettings(reference=0, levels=2))
    with caplog.at_level(logging.WARNING, "cinecast.live"):
        session, known = replayed(DEEP.sequence.frames, settings)
    calibration = session.calibration
    assert calibration is not None
    fields = [*calibration.dvf, *(taken.forecast.measured for taken in known[TRAIN:])]  # type: ignore[union-attr]
    shares = unexplained_shares(DEEP.sequence.frames[0], DEEP.sequence.frames, np.stack(fields))
    named = unexplained_frames(shares, TRAIN)
    later = [t for t in named if t >= TRAIN]
    assert 0 < len(later) < len(named)
    assert session.inspection is not None
    assert session.inspection.unexplained == named
    for taken in known[TRAIN:]:
        assert taken.inspected is not None
        assert taken.inspected.unexplained_share == shares[taken.number]
        assert ("the flow does not explain its motion" in taken.reason) == (taken.number in named)
    said = [record.getMessage() for record in caplog.records if "does not explain" in record.getMessage()]
    assert said[0].startswith(f"calibration: the flow does not explain {len(named) - len(later)} of {TRAIN} frames (")
    assert said[0].endswith(
        'where motion is too large for a pyramid of 2 levels, a larger flow.levels helps ("auto" takes 5 here), '
        "where tissue leaves the plane nothing does"
    )
    assert [message.split(" (")[0] for message in said[1:]] == [f"frame {t}" for t in later]
    assert f"does not explain {100 * shares[later[0]]:.1f} % of its tissue" in said[1]


def test_no_levels_are_advised_that_cannot_help(caplog: pytest.LogCaptureFixture) -> None:
    frames = np.array(DEEP.sequence.frames)
    for t in range(3, TRAIN, 2):  # another slice: every second line of it is out of place
        frames[t] = np.roll(frames[t], 20, axis=1)[::-1]
    with caplog.at_level(logging.WARNING, "cinecast.live"):
        replayed(frames, Settings(flow=FlowSettings(reference=0, faulty_frames="measured")))
    (said,) = [each.getMessage() for each in caplog.records if each.getMessage().startswith("calibration: the flow")]
    assert "a larger flow.levels" not in said
    assert said.endswith("; more levels of the pyramid than the 5 that were used do not help")


# Errors by hand


def forecast(issued_s: float, time_s: float, x: float) -> Any:
    still = np.zeros((8, 9, 2))
    return SimpleNamespace(issued_s=issued_s, time_s=time_s, dvf=still + np.array([x, 0.0]), measured=still)


def test_errors_are_in_mm_and_over_the_landmarks_that_were_found() -> None:
    errors = LandmarkError(np.array([(2.0, 3.0), (4.0, 1.0)]), (3.0, 2.0), 0.5)
    errors.add(forecast(0.0, 0.5, 1.0))
    still = np.zeros((8, 9, 2), dtype=np.float32)
    found = np.array([(0.0, 1.0), (np.nan, np.nan)])
    assert errors.observe(0.5, found, still) == pytest.approx((math.hypot(2, 3), 3.0, 3.0))
    errors.add(forecast(0.5, 1.0, 1.0))
    assert errors.observe(1.0, np.zeros((2, 2)), still) == pytest.approx((2.0, 0.0, 0.0))
    assert (errors.forecast.count, errors.measured.count) == (3, 3)
    assert errors.forecast.mean == pytest.approx((math.hypot(2, 3) + 2 + 2) / 3)
    assert errors.measured.mean == pytest.approx(1.0)


def test_without_landmarks_there_is_no_error() -> None:
    errors = LandmarkError(np.empty((0, 2)), (3.0, 2.0), 0.5)
    errors.add(forecast(0.0, 0.5, 1.0))
    assert all(math.isnan(value) for value in errors.observe(0.5, np.empty((0, 2)), np.zeros((8, 9, 2))))
    assert math.isnan(errors.forecast.mean)


# Beside the stream


class Slow:
    """Makes an inspection that says nothing but numbers, once it is let go."""

    def __init__(self) -> None:
        self.go = Event()

    def __call__(self) -> Any:
        assert self.go.wait(300)
        return self

    def inspect(self, number: int, *_: Any) -> Inspected:
        return Inspected(number, math.nan, np.empty((0, 2)), 0.0, False)


def arrival(number: int) -> Taken:
    return Taken(f"frame {number}", 0.25 * number, "forecast", forecast=SimpleNamespace(), number=number)  # type: ignore[arg-type]


def test_frames_wait_for_landmarks_and_none_of_them_holds_back_the_stream() -> None:
    slow, frame = Slow(), np.zeros((8, 8))
    follow_up = FollowUp(slow, wait=False)
    assert follow_up.inspection is None
    for number in range(10):
        assert follow_up.take(arrival(number), frame, None) == []
    slow.go.set()
    follow_up._thread.join(300)
    assert follow_up.inspection is slow  # type: ignore[comparison-overlap]
    known = follow_up.take(arrival(10), frame, None)
    assert [taken.number for taken in known] == [0, 1, 2, 3]
    assert [taken.number for taken in follow_up.finish()] == list(range(4, 11))
    assert [each.landmark_error_mm for each in inspected(known)] == [0, 1, 2, 3]


def test_when_too_many_wait_the_oldest_go_uninspected() -> None:
    slow, frame = Slow(), np.zeros((8, 8))
    follow_up = FollowUp(slow, wait=False)
    early = [taken for number in range(MOST_WAITING + 3) for taken in follow_up.take(arrival(number), frame, None)]
    assert [taken.number for taken in early] == [0, 1, 2]
    assert inspected(early) == []
    slow.go.set()
    assert [taken.number for taken in follow_up.finish()] == list(range(3, MOST_WAITING + 3))


def test_a_hurried_session_says_the_same_in_the_same_order(whole: tuple[LiveSession, list[Taken]]) -> None:
    session, known = replayed(FRAMES, hurried=True)
    assert [taken.number for taken in known] == list(range(COUNT))
    for got, wanted in zip(inspected(known), inspected(whole[1]), strict=True):
        np.testing.assert_array_equal(got.places, wanted.places)
        assert got[:2] == wanted[:2]
    assert session.inspection is not None


def test_numbers_count_the_frames_of_the_stream_not_those_calibrated_on() -> None:
    forecaster = LiveForecaster(FIXED, method="linear", horizon="1", calibration_frames=TRAIN)
    session = LiveSession(forecaster, lambda: SPACING)
    arrivals: list[Any] = [
        StreamedFrame(f"{t}.dcm", 0.25 * t, FRAMES[t] if t > 7 else FRAMES[t][:30], 0.0) for t in range(COUNT)
    ]
    arrivals.insert(3, StreamedFault("notes.txt", "it is no DICOM image"))  # no frame of the stream
    for arrived in arrivals:
        session.follow_up(arrived, session.take(arrived))
    # The first eight frames were smaller; when the fifth of the others has come, collecting begins anew with it.
    assert session.calibration is not None
    assert session.calibration.labels[0] == (12, "12.dcm")
