"""The page of a live session: what it is given, that the stream never waits for it, and who may see it."""

from __future__ import annotations

import errno
import math
import re
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from importlib.resources import files
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from urllib.parse import urlsplit

import numpy as np
import pytest
from numpy.typing import NDArray

from cinecast import LiveForecaster
from cinecast.errors import SettingsError
from cinecast.flow import choose_reference
from cinecast.frames.masks import make_target
from cinecast.frames.streamed import StreamedFault, StreamedFrame
from cinecast.live.inspection import Inspected
from cinecast.live.live_forecast import LiveForecast, StepTimes
from cinecast.live.page import LivePage, server
from cinecast.live.page.model_words import ModelWords
from cinecast.live.page.moment import Moment, Notes, Pairing, budget_of
from cinecast.live.page.newest import Newest
from cinecast.live.page.outline import outline
from cinecast.live.page.server import MOST_CONNECTIONS, PageServer, refusal
from cinecast.live.page.trace import Traces, _Line
from cinecast.live.session import LiveSession, Taken
from cinecast.phantom import PhantomSettings, make_phantom
from cinecast.pictures import difference_limit, grey_window, to_levels
from cinecast.score.patient_axes import axes_of_plane
from cinecast.settings import Settings
from helpers.live_page import get, newest

CALIBRATION = 20


def forecast(time_s: float, issued_s: float = 0.0) -> LiveForecast:
    steps, nothing = StepTimes(1, 1, 1, 1, 1), np.zeros((2, 2))
    return LiveForecast("", issued_s, time_s, nothing, nothing, 0, nothing, nothing, nothing.astype("f4"), steps)


def moment(number: int) -> Moment:
    taken = Taken(f"frame {number}", 0.0, "collected")
    return Moment("title", number, taken, None, math.nan, None, (1.0, 1.0), None, 0, (), {})


# Which forecast is of which frame


def paired(ahead_s: float, period_s: float, count: int = 12) -> list[tuple[float, float | None]]:
    """Return time of frame and of its forecast on a regular stream."""
    pairing, found = Pairing(), []
    for t in range(count):
        of_frame = pairing.observe(t * period_s, period_s)
        found.append((t * period_s, of_frame and of_frame.time_s))
        pairing.add(forecast(t * period_s + ahead_s))
    return found


def test_a_frame_is_shown_with_the_forecast_of_its_time() -> None:
    found = paired(0.5, 0.25)
    assert [made for _, made in found[:2]] == [None, None]
    assert all(made == now for now, made in found[2:])


@pytest.mark.parametrize("ahead", [0.3, 0.4, 0.6, 1.1])
def test_between_frames_the_nearest_forecast_is_shown(ahead: float) -> None:
    for now, made in paired(ahead, 0.25)[5:]:
        assert made is not None
        assert abs(made - now) <= 0.125 + 1e-9


def test_of_two_equally_near_forecasts_the_one_whose_time_has_come_is_shown() -> None:
    assert all(made is not None and made < now for now, made in paired(0.5, 0.2)[4:])


def test_a_frame_that_nothing_was_forecast_for_has_no_forecast() -> None:
    pairing = Pairing()
    pairing.add(forecast(1.0))
    assert pairing.observe(3.0, 0.25) is None


def test_after_a_clock_was_set_back_old_forecasts_are_forgotten() -> None:
    pairing = Pairing()
    pairing.observe(100.0, 0.25)
    pairing.add(forecast(100.5))
    assert pairing.observe(1.0, 0.25) is None
    pairing.add(forecast(1.5))
    assert pairing.observe(1.5, 0.25) is not None


def test_what_goes_on_is_noted_once_and_noted_again_after_a_pause() -> None:
    notes = Notes()
    stale = [Taken(f"frame {t}", float(t), "stale", "unexplained") for t in range(4)]
    for taken in (stale[0], stale[1], Taken("frame 2", 2.0, "forecast"), stale[3]):
        found = notes.add(taken)
    assert [note[1:] for note in found] == [
        (0.0, "frame 0", "stale", "unexplained"),
        (3.0, "frame 3", "stale", "unexplained"),
    ]
    assert all(abs(note.noted_s - time.time()) < 60 for note in found)
    assert notes.add(Taken("notes", math.nan, "skipped", "it is no image"))[-1].time_s is None


def test_a_count_down_is_one_note() -> None:
    notes = Notes()
    for t in range(5):
        found = notes.add(
            Taken(f"frame {t}", float(t), "stale", f"there is no forecast until {5 - t} more frame(s) come")
        )
    assert [note.reason for note in found] == ["there is no forecast until 5 more frame(s) come"]


# The stream and its readers


def test_a_slow_reader_misses_what_came_between() -> None:
    held = Newest()
    for number in range(5):
        held.put(moment(number))
    found, ended = held.after(0, 1)
    assert found is not None
    assert (found.number, ended) == (4, False)


def test_a_reader_is_woken_by_what_is_new_and_by_the_end() -> None:
    held = Newest()
    held.put(moment(0))
    threading.Timer(0.05, held.put, [moment(1)]).start()
    found, _ = held.after(0, 20)
    assert found is not None
    assert found.number == 1
    threading.Timer(0.05, held.end).start()
    began = time.monotonic()
    assert held.after(1, 20)[1]
    assert time.monotonic() - began < 10


def test_without_anything_new_a_reader_gets_what_there_is() -> None:
    held = Newest()
    assert held.after(-1, 0.01) == (None, False)


def test_the_end_does_not_wait_for_a_reader_who_never_finishes() -> None:
    held = Newest()
    with held.reader():
        began = time.monotonic()
        held.end()
        assert 4.9 < time.monotonic() - began < 60


def test_the_end_waits_until_a_browser_that_draws_has_asked_again_and_got_the_last_frame() -> None:
    with phantom_session() as (page, sequence, push):
        for t in range(2):
            push(streamed(sequence, t))
        found = newest(page.url, follower="tab")
        push(streamed(sequence, 2))
        answers: list[Any] = []

        def draw_and_ask() -> None:
            while not page._newest.ended:  # it asks for the next one when the session has ended
                time.sleep(0.01)
            time.sleep(0.5)
            answers.append(newest(page.url, after=found.facts["number"], follower="tab"))

        browser = threading.Thread(target=draw_and_ask)
        browser.start()
        began = time.monotonic()
    assert time.monotonic() - began < 4.9  # it has got it, and nobody else is waited for
    browser.join(300)
    assert (answers[0].facts["number"], answers[0].facts["ended"]) == (2, True)


def test_the_end_waits_neither_for_one_who_asked_once_nor_for_a_browser_that_is_gone() -> None:
    held = Newest()
    with held.reader():
        pass
    with suppress(ConnectionError), held.reader("tab"):
        raise ConnectionError
    began = time.monotonic()
    held.end()
    assert time.monotonic() - began < 4.9


@contextmanager
def phantom_session() -> Iterator[tuple[LivePage, Any, Callable[[Any], Taken]]]:
    """A page, the phantom's sequence, and a function that lets the session take an arrival and shows it."""
    settings = PhantomSettings(rows=48, columns=40, pixel_spacing_mm=(6, 5), frame_count=40, frame_period_s=0.25)
    sequence = make_phantom(settings).sequence
    axes = axes_of_plane(None, None)
    source: Any = SimpleNamespace(spacing_mm=lambda: sequence.spacing_mm, train_end=CALIBRATION, axes=lambda: axes)
    forecaster = LiveForecaster(Settings(), method="linear", horizon="2", calibration_frames=CALIBRATION)
    session = LiveSession(forecaster, source.spacing_mm)
    with LivePage(0, "phantom", "linear", "2") as page:

        def push(arrived: Any) -> Taken:
            taken = session.take(arrived)
            known = session.follow_up(arrived, taken)
            page.show(arrived, known[-1], session, source)
            return known[-1]

        push.session = session  # type: ignore[attr-defined]
        yield page, sequence, push


def streamed(sequence: Any, t: int) -> StreamedFrame:
    return StreamedFrame(f"frame {t}", float(sequence.times_s[t]), sequence.frames[t], time.perf_counter())


def calibrate(sequence: Any, push: Callable[[Any], Taken]) -> None:
    """Push the frames of the calibration."""
    for t in range(CALIBRATION):
        push(streamed(sequence, t))


def set_target(sequence: Any, push: Callable[[Any], Taken]) -> NDArray[np.bool_]:
    """Have a calibrated session follow a target; return its mask."""
    mask = np.zeros((48, 40), dtype=bool)
    mask[26:35, 11:20] = True
    session = push.session  # type: ignore[attr-defined]
    session.forecaster.set_target(make_target("tumour", mask, 3), spacing_mm=sequence.spacing_mm, margin_mm=8)
    return mask


def test_pictures_are_those_of_the_report() -> None:
    with phantom_session() as (page, sequence, push):
        assert newest_at_once(page) == -1
        issued = {}
        for t in range(30):
            taken = push(streamed(sequence, t))
            if taken.forecast is not None:
                issued[t + 2] = taken.forecast.frame
        facts, pictures = newest(page.url)
        seen = sequence.frames[CALIBRATION - 17 : CALIBRATION - 1]
        chosen = choose_reference(sequence.frames[:CALIBRATION])
        window = grey_window(seen)
        assert facts["window"] == list(window)
        assert facts["limit_percent"] == difference_limit(seen, sequence.frames[chosen], window)
        np.testing.assert_array_equal(pictures["real"], to_levels(sequence.frames[29], window))
        np.testing.assert_array_equal(pictures["forecast"], to_levels(issued[29], window))
        np.testing.assert_array_equal(pictures["ahead"], to_levels(issued[31], window))
        difference = (issued[29].astype(float) - sequence.frames[29]) / (window.high - window.low)
        np.testing.assert_allclose(pictures["difference"] / 32767, np.clip(difference, -1, 1), atol=2e-5)
        assert facts["title"] == "phantom, linear 2 ahead"
        assert (facts["name"], facts["state"], facts["number"]) == ("frame 29", "forecast", 29)
        assert facts["forecast_s"] == [27 * 0.25, 29 * 0.25]
        assert facts["ahead_s"] == [29 * 0.25, 31 * 0.25]
        assert facts["spacing_mm"] == [6, 5]
        assert facts["figures"]["forecasts"] == 11
        assert facts["figures"]["error_mm"] > 0
        assert facts["figures"]["reference_frame"] == chosen
        found = taken.inspected
        assert found is not None
        assert len(facts["marks"]) == found.found > 0
        np.testing.assert_allclose(facts["marks"], found.places[np.isfinite(found.places[:, 0])], atol=0.006)
        assert facts["landmark_error_mm"] == found.landmark_error_mm
        assert facts["measured_landmark_error_mm"] == found.measured_landmark_error_mm
        assert not facts["ended"]


def test_targets_are_outlined_and_the_gate_is_a_word() -> None:
    with phantom_session() as (page, sequence, push):
        calibrate(sequence, push)
        assert newest(page.url).facts["targets"] == []
        mask = set_target(sequence, push)
        issued = {}
        for t in range(CALIBRATION, 30):
            taken = push(streamed(sequence, t))
            assert taken.forecast is not None
            issued[taken.forecast.issued_s] = taken.forecast.targets[0]
        (facts,) = newest(page.url).facts["targets"]
        ahead, of_real = issued[29 * 0.25], issued[27 * 0.25]
        (measured,) = taken.measured_targets
        masks = {"plan": mask, "real": measured.mask, "forecast": of_real.mask, "ahead": ahead.mask}
        assert facts["outlines"] == {name: outline(each) for name, each in masks.items()}
        state = "on" if ahead.beam_on else "off"
        assert facts["gate"] == {"words": f"beam {state}", "state": state}
        assert facts["distance_mm"] == ahead.distance_mm
        rows_mm, columns_mm = ahead.offset_mm
        assert facts["offsets_mm"] == {"rows": rows_mm, "columns": columns_mm}
        assert facts["centroid"] == ahead.centroid.tolist()
        assert facts["error_mm"] == pytest.approx(np.hypot(*((of_real.centroid - measured.centroid) * (6, 5))))
        push(StreamedFault("notes.txt", "it is no DICOM image"))
        (stale,) = newest(page.url, after=29).facts["targets"]
        assert stale["gate"] == {"words": "beam off: the forecast is stale", "state": "stale"}


def test_in_a_frame_that_was_passed_over_no_target_is_outlined_where_it_was_before() -> None:
    with phantom_session() as (page, sequence, push):
        calibrate(sequence, push)
        set_target(sequence, push)
        for t, passed_over in ((CALIBRATION, False), (CALIBRATION + 1, True)):
            taken = push(replace(streamed(sequence, t), passed_over=passed_over))
            (facts,) = newest(page.url, after=t).facts["targets"]
            assert (facts["outlines"]["real"] is None) == passed_over
        assert taken.state == "passed over"
        before = newest(page.url).facts["number"]
        push(StreamedFault("notes.txt", "it is no DICOM image"))  # the frame that was passed over is shown still
        (facts,) = newest(page.url, after=before).facts["targets"]
        assert facts["outlines"]["real"] is None


def test_of_a_session_that_is_held_up_the_gate_is_stale_and_what_comes_then_is_shown() -> None:
    with phantom_session() as (page, sequence, push):
        calibrate(sequence, push)
        set_target(sequence, push)
        forecast = push(streamed(sequence, CALIBRATION)).forecast
        assert forecast is not None
        page.hold(replace(forecast, stale=True, reasons=("it hangs",)), "it hangs")
        facts = newest(page.url, after=CALIBRATION).facts
        assert (facts["state"], facts["reason"], facts["targets"][0]["gate"]["state"]) == (
            "overdue",
            "it hangs",
            "stale",
        )
        push(streamed(sequence, CALIBRATION + 1))
        facts = newest(page.url, after=CALIBRATION + 1).facts
        assert (facts["state"], facts["stale"]) == ("forecast", False)


def request_for(url: str, path: str) -> bytes:
    """Return the bytes of a request for a path below an address."""
    return f"GET {urlsplit(url).path}{path} HTTP/1.0\r\nHost: {urlsplit(url).netloc}\r\n\r\n".encode()


def test_the_trace_of_a_target_has_what_was_measured_and_forecast_and_how_far_that_may_be_off() -> None:
    with phantom_session() as (page, sequence, push):
        calibrate(sequence, push)
        set_target(sequence, push)
        taken = [push(streamed(sequence, t)) for t in range(CALIBRATION, 40)]
        (trace,) = newest(page.url).facts["traces"]
        assert (trace["name"], trace["axis"], trace["margin_mm"]) == ("tumour", "rows", 8)
        real = [[each.time_s, each.measured_targets[0].offset_mm[0]] for each in taken]
        np.testing.assert_allclose(trace["real"], real, atol=6e-4)
        made = [each.forecast for each in taken if each.forecast is not None]
        ahead = [[each.time_s, each.targets[0].offset_mm[0]] for each in made]
        np.testing.assert_allclose([point[:2] for point in trace["forecast"]], ahead, atol=6e-4)
        # The first radius that there is: of the only error that is known when the third forecast is made.
        radii = [point[2] for point in trace["forecast"]]
        assert radii[:2] == [None, None]
        assert radii[2] == pytest.approx(1.5 * abs(ahead[0][1] - real[2][1]), abs=2e-3)
        assert all(radius > 0 for radius in radii[3:])
        push(StreamedFault("notes.txt", "it is no DICOM image"))
        assert newest(page.url, after=39).facts["traces"] == [trace]


def test_the_trace_of_a_target_that_is_drawn_anew_begins_anew_and_a_new_model_begins_its_band_anew() -> None:
    with phantom_session() as (page, sequence, push):
        calibrate(sequence, push)
        set_target(sequence, push)
        for t in range(CALIBRATION, 30):
            push(streamed(sequence, t))
        session, axes = push.session, axes_of_plane(None, None)  # type: ignore[attr-defined]
        (old,) = session.forecaster.targets
        lower = replace(old.target, mask=np.roll(old.target.mask, 6, axis=0))
        session.forecaster.set_target(lower, spacing_mm=sequence.spacing_mm, margin_mm=8)
        for t in range(30, 34):  # forecasts that are pending are of places from the old plan, 36 mm away
            taken = push(streamed(sequence, t))
            (trace,) = newest(page.url, after=t - 1).facts["traces"]
        assert [point[0] for point in trace["real"]] == [sequence.times_s[t] for t in range(30, 34)]
        assert [point[2] for point in trace["forecast"][:2]] == [None, None]
        assert all(point[2] < 30 for point in trace["forecast"][2:])
        lines = page._traces
        (made,) = lines.observe(taken, session, axes, sequence.spacing_mm)
        assert math.isfinite(made.forecast[-1].radius_mm)
        (anew,) = lines.observe(replace(taken, state="recalibrated"), session, axes, sequence.spacing_mm)
        assert math.isnan(anew.forecast[-1].radius_mm)
        assert anew.real[:-1] == made.real  # what was measured stands


def test_after_a_pause_the_newest_motion_is_shown_as_no_forecast_until_there_is_a_history() -> None:
    """Six frames are missing, and histories have 12. The band learned from how far that motion was off."""
    for targeted in (True, False):
        with phantom_session() as (page, sequence, push):
            calibrate(sequence, push)
            if targeted:
                set_target(sequence, push)
            before = [push(streamed(sequence, t)) for t in range(CALIBRATION, 24)]
            after = [push(streamed(sequence, t)) for t in range(30, 40)]
            assert all(taken.forecast is not None and taken.forecast.without_history for taken in after)
            facts, pictures = newest(page.url)
            (trace,) = facts["traces"]
            made = before[-1].forecast
            assert made is not None
            assert trace["forecast"][-1][0] == made.time_s
            assert [point[0] for point in trace["real"]][-len(after) :] == [taken.time_s for taken in after]
            assert "forecast" not in pictures


def test_without_a_target_the_trace_is_that_of_the_landmark_that_is_found_and_moves_most() -> None:
    with phantom_session() as (page, sequence, push):
        taken = [push(streamed(sequence, t)) for t in range(40)][CALIBRATION:]
        inspection = push.session.inspection  # type: ignore[attr-defined]
        best = int(np.argmax(inspection.summary.kept * inspection.summary.amplitude_mm))
        (trace,) = newest(page.url).facts["traces"]
        assert trace["name"] == f"landmark {inspection.landmarks.names[best]}"
        assert trace["margin_mm"] is None
        position = inspection.landmarks.positions[best]
        for each, (time_s, mm) in zip(taken[::-1], trace["real"][::-1], strict=False):
            assert time_s == each.time_s
            assert each.inspected is not None
            found = 6 * (each.inspected.places[best] - position)[1]  # 6 mm along the rows
            assert mm is None if np.isnan(found) else mm == pytest.approx(found, abs=6e-4)
        assert np.ptp([mm for _, mm in trace["real"] if mm is not None]) > 5


def test_a_landmark_is_traced_in_mm_along_the_axis_where_pixels_are_longer_than_wide() -> None:
    dvf = np.zeros((4, 5, 2))
    dvf[..., 0], dvf[..., 1] = np.arange(5), 10 * np.arange(4)[:, np.newaxis]
    places = np.array([(1.0, 2.0), (3.0, 0.5), (0.0, 0.0)])
    summary = SimpleNamespace(kept=np.array([True, True, False]), amplitude_mm=np.array([math.nan, 3.0, 9.0]))
    session: Any = SimpleNamespace(
        forecaster=SimpleNamespace(targets=(), period_s=0.5, settings=Settings()),
        inspection=SimpleNamespace(summary=summary, landmarks=SimpleNamespace(names="abc", positions=places)),
    )
    made = replace(forecast(1.0, 0.5), dvf=dvf)
    taken = Taken("frame 3", 0.5, "forecast", forecast=made)
    found = Inspected(math.nan, math.nan, places + np.array([(9, 9), (2.0, -1.0), (7, 7)]), 0.0, False)
    traces, axes = Traces(), {"si": np.array([0.6, 0.8]), "lr": np.array([0.8, -0.6])}
    for each in (replace(taken, inspected=found), replace(taken, time_s=1.0), replace(taken, state="skipped")):
        (trace,) = traces.observe(each, session, axes, (3.0, 2.0))  # rows 3 mm apart, columns 2 mm
    assert (trace.name, trace.axis) == ("landmark b", "si")
    np.testing.assert_allclose(trace.real, [(0.5, 0.6 * 2 * 2.0 + 0.8 * 3 * -1.0), (1.0, math.nan)])
    # The forecast motion there is (3, 5) pixels.
    np.testing.assert_allclose([point[:2] for point in trace.forecast], [(1.0, 0.6 * 2 * 3 + 0.8 * 3 * 5)] * 2)


def test_a_trace_keeps_30_s_and_begins_anew_where_the_clock_was_set_back() -> None:
    line = _Line("a", "rows", 3.0, 0.25, 2, 0.9)
    for t in range(400):
        line.observe(0.25 * t, float(t % 7))
        line.forecast(0.25 * t, 0.25 * (t + 2), float((t + 2) % 7), None)
    trace = line.trace()
    assert (trace.real[0].time_s, trace.real[-1].time_s) == (69.75, 99.75)
    assert trace.forecast[0].time_s >= 69.75
    assert trace.forecast[-1].time_s == 100.25
    line.observe(3.0, 1.0)
    assert line.trace().real == ((3.0, 1.0),)
    assert line.trace().forecast == ()


def test_a_trace_does_not_grow_with_the_rate_of_a_stream() -> None:
    line = _Line("a", "rows", math.nan, 1e-3, 2, 0.9)
    for t in range(5000):
        line.observe(1e-3 * t, 0.0)
        line.forecast(1e-3 * t, 1e-3 * (t + 2), math.nan, None)
    assert len(line.trace().real) == len(line.trace().forecast) == 1200
    assert len(line._pending._waiting) == 0


def test_the_parts_of_a_budget_are_the_latency() -> None:
    taken = Taken("", 0.0, "forecast", forecast=forecast(0.5), latency_ms=7.5)
    budget = budget_of(taken, 0.125)
    assert budget is not None
    assert sum(ms for _, ms in budget.parts) == pytest.approx(7.5)
    assert budget.parts[0] == ("receiving and checks", 2.5)
    assert (budget.next_ms, budget.horizon_ms, budget.begins) == (125, 500, "arrival")
    assert budget_of(Taken("", 0.0, "skipped", forecast=forecast(0.5)), 0.125) is None


def test_a_budget_begins_with_acquisition_where_a_clock_tells_how_long_the_frame_was_on_its_way() -> None:
    taken = Taken("", 0.0, "forecast", forecast=forecast(0.5), latency_ms=7.5)
    budget = budget_of(taken, 0.125, 0.0625, "message")
    assert budget is not None
    assert budget.parts[:2] == (("way", 62.5), ("receiving and checks", 2.5))
    assert sum(ms for _, ms in budget.parts) == pytest.approx(70)
    assert (budget.next_ms, budget.horizon_ms, budget.begins) == (187.5, 500, "message")


def test_the_page_shows_where_the_budget_begins() -> None:
    with phantom_session() as (page, sequence, push):
        for t in range(CALIBRATION + 2):
            push(replace(streamed(sequence, t), way_s=0.03 if t == CALIBRATION else None))
            budget = newest(page.url, after=t - 1).facts["budget"]
            if t >= CALIBRATION:
                assert budget["begins"] == ("acquisition" if t == CALIBRATION else "arrival")
                assert [name for name, _ in budget["parts"]][-5:] == list(StepTimes._fields)


def test_the_state_of_the_model_is_a_sentence() -> None:
    with phantom_session() as (page, sequence, push):
        push(streamed(sequence, 0))
        assert newest(page.url).facts["model"] == "1 of 20 frames collected"
        for t in range(1, 25):
            push(streamed(sequence, t))
        assert re.fullmatch(r"fitted to 20 frames in \d+\.\d s", newest(page.url, after=0).facts["model"])
    session: Any = SimpleNamespace(
        passed_over=4,
        forecaster=SimpleNamespace(calibrating=True, calibration=None, calibration_s=2.5, refitting=True),
    )
    words = ModelWords()
    said = words.after(Taken("frame 9", 0.0, "passed over"), session, 90)
    assert said == "being fitted to 90 frames; 4 passed over so far"
    session.forecaster.calibrating, session.forecaster.calibration = False, object()
    assert words.after(Taken("frame 30", 0.0, "recalibrated"), session, 90) == (
        "fitted to 90 frames in 2.5 s; 4 passed over meanwhile; fitted anew 1 time(s), last at frame 30; "
        "being fitted anew now"
    )
    session.passed_over, session.forecaster.refitting = 7, False  # a frame waited behind a newer one
    assert words.after(Taken("frame 80", 0.0, "forecast"), session, 90) == (
        "fitted to 90 frames in 2.5 s; 4 passed over meanwhile; fitted anew 1 time(s), last at frame 30"
    )


def newest_at_once(page: LivePage) -> int:
    """Return the number of the newest moment, also where there is none: -2 is older than nothing."""
    return int(newest(page.url, after=-2).facts["number"])


def test_what_cannot_be_used_is_said_and_the_last_frame_stays() -> None:
    with phantom_session() as (page, sequence, push):
        for t in range(CALIBRATION + 2):
            push(streamed(sequence, t))
        before = newest(page.url)
        push(StreamedFault("notes.txt", "it is no DICOM image"))
        facts, pictures = newest(page.url, after=before.facts["number"])
        assert (facts["name"], facts["state"]) == ("notes.txt", "skipped")
        assert facts["stale"]
        assert facts["reasons"] == ["notes.txt was skipped: it is no DICOM image"]
        assert facts["notes"][-1][1:] == [None, "notes.txt", "skipped", "it is no DICOM image"]
        np.testing.assert_array_equal(pictures["real"], before.pictures["real"])


def test_frames_are_shown_before_calibration_too() -> None:
    with phantom_session() as (page, sequence, push):
        push(StreamedFault("notes.txt", "it is no DICOM image"))  # before the spacing is known
        assert newest(page.url).pictures == {}
        push(streamed(sequence, 0))
        window = grey_window(sequence.frames[0])
        np.testing.assert_array_equal(newest(page.url, after=0).pictures["real"], to_levels(sequence.frames[0], window))
        push(streamed(sequence, 1))
        facts, pictures = newest(page.url, after=1)
        assert pictures.keys() == {"real"}
        np.testing.assert_array_equal(pictures["real"], to_levels(sequence.frames[1], window))
        assert (facts["state"], facts["collected"], facts["figures"]["calibration_frames"]) == ("collected", 2, 20)


def test_the_stream_does_not_wait_for_a_browser_that_does_not_read() -> None:
    with phantom_session() as (page, sequence, push):
        large = np.tile(sequence.frames, (1, 30, 30))  # more than the buffers of a connection hold
        pushed = [StreamedFrame(f"frame {t}", t * 0.25, large[t], time.perf_counter()) for t in range(3)]
        asking = socket.create_connection((urlsplit(page.url).hostname, urlsplit(page.url).port))
        push(pushed[0])
        asking.sendall(request_for(page.url, "newest?after=-1"))
        assert asking.recv(1) == b"H"  # the answer has begun, and is never taken
        began = time.monotonic()
        push(pushed[1])
        push(pushed[2])
        assert time.monotonic() - began < server._PATIENCE_S
        assert newest(page.url).facts["number"] == 2  # others are answered
        began = time.monotonic()
    assert time.monotonic() - began < server._PATIENCE_S
    asking.close()


def test_a_reader_gets_the_end() -> None:
    with phantom_session() as (page, sequence, push):
        push(streamed(sequence, 0))
        answers: list[Any] = []
        reader = threading.Thread(target=lambda: answers.append(newest(page.url, after=0)))
        reader.start()
        while page._newest._readers == 0:  # until it waits
            time.sleep(0.01)
    reader.join(300)
    assert answers[0].facts["ended"]
    assert "real" in answers[0].pictures
    with pytest.raises(ConnectionError):
        newest(page.url)


# Who may see it


def test_only_this_machine_and_pages_from_here() -> None:
    with phantom_session() as (page, _, _):
        port = urlsplit(page.url).port
        assert re.fullmatch(rf"http://127\.0\.0\.1:{port}/[\w-]{{22}}/", page.url)
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(("127.0.0.2", port), timeout=5)
        assert get(page.url, "/newest?after=-2")[0] == 200
        assert get(page.url, "/", Host=f"localhost:{port}")[0] == 200
        assert get(page.url, "/newest?after=-2", Host=f"evil.example:{port}")[0] == 403
        assert get(page.url, "/newest?after=-2", Host="127.0.0.1")[0] == 403  # which is port 80
        for path in ("/etc/passwd", "/../../pyproject.toml", "/newest?after=x", "/static/page.js"):
            assert get(page.url, path)[0] == 404


def test_without_the_token_nothing_is_shown() -> None:
    with phantom_session() as (page, sequence, push):
        push(streamed(sequence, 0))
        port, token = urlsplit(page.url).port, urlsplit(page.url).path.strip("/")
        assert port
        sentence = b"this page needs its whole address, with the token, as the session printed it\n"
        wrong = token[:-1] + ("A" if token[-1] != "A" else "B")
        own = f"http://127.0.0.1:{port}"
        asked = ["", "/", "/newest?after=-1", "/page.js", f"/{wrong}/", f"/{token[:-1]}/newest?after=-1"]
        for path in [*asked, f"/{token}A/", f"/{token.lower()}/" if token != token.lower() else "/"]:
            assert get(own, path) == (403, sentence)
        assert get(own, f"/{token}/newest?after=-1")[0] == 200
        assert get(own, f"/{token}") == (308, b"")
    with phantom_session() as (other, _, _):
        assert urlsplit(other.url).path.strip("/") != token


def test_port_80_is_asked_for_without_a_number() -> None:
    page = SimpleNamespace(server_port=80)
    assert PageServer.hosts.fget(page)[2:] == ["127.0.0.1", "localhost"]  # type: ignore[attr-defined]
    page.server_port = 81
    assert PageServer.hosts.fget(page) == ["127.0.0.1:81", "localhost:81"]  # type: ignore[attr-defined]


def test_a_port_that_is_for_root_is_refused_with_a_way_out() -> None:
    said = refusal(80, PermissionError(errno.EACCES, "Permission denied"))
    assert said.startswith("--page must be a port that this account may open, got 80 (permission denied): ports below")
    assert "root and for programs with the capability CAP_NET_BIND_SERVICE; choose 1024 or more" in said


def test_more_connections_than_enough_are_turned_away_and_places_come_back() -> None:
    with LivePage(0, "phantom", "linear", "0.5s") as page:
        at = (urlsplit(page.url).hostname, urlsplit(page.url).port)
        waiting = [socket.create_connection(at, timeout=300) for _ in range(MOST_CONNECTIONS)]
        with socket.create_connection(at, timeout=300) as one_more:
            assert one_more.recv(100).startswith(b"HTTP/1.0 503 ")
        for each in waiting[:5]:
            each.sendall(request_for(page.url, ""))
            assert each.makefile("rb").read().startswith(b"HTTP/1.0 200 ")
        until_answered(lambda: get(page.url, "/")[0] == 200)
        for each in waiting:
            each.close()


def until_answered(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 300
    while True:
        try:
            if condition():
                return
        except ConnectionError:
            pass
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_who_says_nothing_or_a_byte_now_and_then_is_let_go(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server, "_PATIENCE_S", 0.5)
    with LivePage(0, "phantom", "linear", "0.5s") as page:
        at = (urlsplit(page.url).hostname, urlsplit(page.url).port)
        with socket.create_connection(at, timeout=300) as slow:
            slow.settimeout(0.05)
            began, ended = time.monotonic(), False
            while not ended:
                assert time.monotonic() - began < 300
                try:
                    slow.sendall(b"G")
                    ended = slow.recv(1) == b""
                except TimeoutError:
                    continue
                except ConnectionError:
                    ended = True
        assert get(page.url, "/")[0] == 200


@pytest.mark.parametrize(
    ("asked", "status"),
    [
        (b"newest?after=" + b"9" * 5000, b"404"),
        (b"newest?" + b"&".join([b"after=1"] * 5000), b"400"),
        (b"/[/", b"400"),
        (b"a" * 70_000, b"414"),
        (b"\xff\x00", b"404"),
        (b"newest?after=%D9%A1", b"200"),  # a digit all the same
        (b"newest?after=--1", b"404"),
    ],
)
def test_an_absurd_request_is_answered_and_nothing_is_printed(
    asked: bytes, status: bytes, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    with phantom_session() as (page, sequence, push):
        for t in range(3):
            push(streamed(sequence, t))
        port, below = urlsplit(page.url).port, urlsplit(page.url).path.encode()
        assert port
        answers = [_answer(port, below + asked), _answer(port, b"/" + asked), _answer(port, below)]
    denied = status if status == b"414" else b"403"
    assert [answer.split()[1] for answer in answers] == [status, denied, b"200"]
    assert capfd.readouterr() == ("", "")
    assert caplog.records == []


@pytest.mark.parametrize(
    "sent",
    [
        b"",
        b"\r\n\r\n",
        b"GET\r\n\r\n",
        b"GET /\r\n\r\n",
        b"POST / HTTP/1.1\r\nContent-Length: 99999999\r\n\r\n",
        b"GET / HTTP/9.9\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",  # a browser that speaks TLS
        b"GET / HTTP/1.1\r\n" + b"a: b\r\n" * 500 + b"\r\n",
        b"GET / HTTP/1.1\r\nHost: " + b"\xff" * 70_000,
    ],
)
def test_what_is_no_request_is_borne_and_nothing_is_printed(
    sent: bytes, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    with LivePage(0, "phantom", "linear", "0.5s") as page:
        with socket.create_connection((urlsplit(page.url).hostname, urlsplit(page.url).port), timeout=300) as browser:
            browser.sendall(sent)
            browser.shutdown(socket.SHUT_WR)
            with suppress(ConnectionError):
                answer = browser.makefile("rb").read()
                assert b"200 OK" not in answer
                assert b"Traceback" not in answer
        assert get(page.url, "/")[0] == 200
    assert capfd.readouterr() == ("", "")
    assert caplog.records == []


def _answer(port: int, path: bytes) -> bytes:
    with socket.create_connection(("127.0.0.1", port), timeout=300) as browser:
        browser.sendall(b"GET " + path + b" HTTP/1.0\r\nHost: 127.0.0.1:%d\r\n\r\n" % port)
        received = b""
        while len(received) < 64:
            part = browser.recv(4096)
            if not part:
                break
            received += part
        return received


def test_nothing_comes_from_elsewhere() -> None:
    for file in files("cinecast.live.page").joinpath("static").iterdir():
        assert not re.search(r"https?:|@import|//[a-z]", file.read_text().replace("// ", ""))


@pytest.mark.parametrize("port", [-1, 65536])
def test_what_is_no_port_is_refused(port: int) -> None:
    with pytest.raises(SettingsError, match=f"--page must be a port from 1 to 65535, or 0 .* got {port}"):
        LivePage(port, "a", "rls", "1")


def test_a_port_in_use_is_refused(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        with pytest.raises(SettingsError, match=rf"--page must be a free port, got {port} \(address already in use\)"):
            LivePage(port, "a", "rls", "1")
