"""The page of a live session: what it is given, that the stream never waits for it, and who may see it."""

from __future__ import annotations

import math
import re
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.resources import files
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from urllib.parse import urlsplit

import numpy as np
import pytest

from cinecast import LiveForecaster
from cinecast.errors import SettingsError
from cinecast.flow import choose_reference
from cinecast.frames.masks import make_target
from cinecast.frames.streamed import StreamedFault, StreamedFrame
from cinecast.live.live_forecast import LiveForecast, StepTimes
from cinecast.live.page import LivePage
from cinecast.live.page.moment import Moment, Notes, Pairing
from cinecast.live.page.newest import Newest
from cinecast.live.page.outline import outline
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
    assert [tuple(note) for note in found] == [("frame 0", "stale", "unexplained"), ("frame 3", "stale", "unexplained")]


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
        assert 0.9 < time.monotonic() - began < 5


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
        assert facts["figures"]["forecasts"] == 10
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
        session = push.session  # type: ignore[attr-defined]
        push_all = [streamed(sequence, t) for t in range(30)]
        for arrived in push_all[:CALIBRATION]:
            push(arrived)
        assert newest(page.url).facts["targets"] == []
        mask = np.zeros((48, 40), dtype=bool)
        mask[26:35, 11:20] = True
        session.forecaster.set_target(make_target("tumour", mask, 3), spacing_mm=sequence.spacing_mm, margin_mm=8)
        issued = {}
        for arrived in push_all[CALIBRATION:]:
            taken = push(arrived)
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
        assert facts["notes"][-1] == ["notes.txt", "skipped", "it is no DICOM image"]
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
        asking.sendall(f"GET /newest?after=-1 HTTP/1.0\r\nHost: {urlsplit(page.url).netloc}\r\n\r\n".encode())
        assert asking.recv(1) == b"H"  # the answer has begun, and is never taken
        began = time.monotonic()
        push(pushed[1])
        push(pushed[2])
        assert time.monotonic() - began < 5
        assert newest(page.url).facts["number"] == 2  # others are answered
        began = time.monotonic()
    assert time.monotonic() - began < 5
    asking.close()


def test_a_reader_gets_the_end() -> None:
    with phantom_session() as (page, sequence, push):
        push(streamed(sequence, 0))
        answers: list[Any] = []
        reader = threading.Thread(target=lambda: answers.append(newest(page.url, after=0)))
        reader.start()
        while page._newest._readers == 0:  # until it waits
            time.sleep(0.01)
    reader.join(timeout=10)
    assert answers[0].facts["ended"]
    assert "real" in answers[0].pictures
    with pytest.raises(ConnectionError):
        newest(page.url)


# Who may see it


def test_only_this_machine_and_pages_from_here() -> None:
    with phantom_session() as (page, _, _):
        port = urlsplit(page.url).port
        assert page.url == f"http://127.0.0.1:{port}/"
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(("127.0.0.2", port), timeout=5)
        assert get(page.url, "/newest?after=-2")[0] == 200
        assert get(page.url, "/", Host=f"localhost:{port}")[0] == 200
        assert get(page.url, "/newest?after=-2", Host=f"evil.example:{port}")[0] == 403
        for path in ("/etc/passwd", "/../../pyproject.toml", "/newest?after=x", "/static/page.js"):
            assert get(page.url, path)[0] == 404


@pytest.mark.parametrize(
    ("asked", "status"),
    [
        (b"/newest?after=" + b"9" * 5000, b"404"),
        (b"/newest?" + b"&".join([b"after=1"] * 5000), b"400"),
        (b"http://[/", b"400"),
        (b"/" + b"a" * 70_000, b"414"),
        (b"/\xff\x00", b"404"),
    ],
)
def test_an_absurd_request_is_answered_and_nothing_is_printed(
    asked: bytes, status: bytes, capfd: pytest.CaptureFixture[str]
) -> None:
    with LivePage(0, "phantom", "linear", "0.5s") as page:
        port = urlsplit(page.url).port
        assert port
        answers = [_answer(port, asked), _answer(port, b"/")]
    assert [answer.split()[1] for answer in answers] == [status, b"200"]
    assert capfd.readouterr() == ("", "")


def _answer(port: int, path: bytes) -> bytes:
    with socket.create_connection(("127.0.0.1", port), timeout=10) as browser:
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
