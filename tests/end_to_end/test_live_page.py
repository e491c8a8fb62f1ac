"""`cinecast live --page` in a real browser: what it shows, that it ends with the stream, mistakes in one sentence."""

from __future__ import annotations

import csv
import json
import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event

import nibabel
import numpy as np
import pytest
from numpy.typing import NDArray
from playwright.sync_api import BrowserContext, Page

from cinecast.frames import read_sequence
from cinecast.pictures import Window, to_levels
from helpers.browser import pixels
from helpers.command_line import call_cli, environment
from helpers.live_page import newest
from helpers.stream_server import image, server

FRAMES, TRAIN = 60, 20
OPTIONS = ("--method", "linear", "--horizon", "2", "--page", "0")
GREEN, RED, BROWN, GREY = "rgb(28, 124, 60)", "rgb(179, 38, 30)", "rgb(138, 90, 0)", "rgb(91, 100, 112)"
LIGHT = """() => {
  const gate = document.querySelector("#gates p");
  return [gate.textContent, getComputedStyle(gate).backgroundColor];
}"""


@contextmanager
def served(source: Path | str, out: Path, *options: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """Run a live session; give the process and the address of its page."""
    command = [sys.executable, "-m", "cinecast", "live", str(source), "--out", str(out), *OPTIONS, *options]
    process = subprocess.Popen(command, env=environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        found = re.fullmatch(r"Page: (http://127\.0\.0\.1:\d+/[\w-]{22}/)\n", process.stdout.readline())
        assert found, process.communicate()
        yield process, found[1]
    finally:
        process.kill()
        process.communicate()


@pytest.fixture
def open_live(pages: BrowserContext) -> Iterator[Callable[[str], Page]]:
    """A function that opens a page; errors, and requests to anything else, fail the test."""
    page = pages.new_page()
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))

    def open_url(url: str) -> Page:
        page.on("request", lambda request: None if request.url.startswith(url) else faults.append(request.url))
        page.goto(url)
        return page

    yield open_url
    page.close()
    assert faults == []


def coloured(page: Page, limit: float) -> NDArray[np.int64]:
    """Return the colours that the report gives to the differences on show, from the answer of the server itself."""
    script = "([values, limit]) => values.map((value) => colours.ofDifference(value / limit))"
    values = newest(page.url).pictures["difference"]
    packed = np.array(page.evaluate(script, [values.ravel().tolist(), limit])).reshape(values.shape)
    return np.stack([packed & 255, (packed >> 8) & 255, (packed >> 16) & 255], axis=-1)


@pytest.mark.browser
def test_frames_and_figures_come_to_the_browser(
    original_phantom: Path, tmp_path: Path, open_live: Callable[[str], Page]
) -> None:
    frames = read_sequence(original_phantom).frames
    own = ("--frame-period", "0.2", "--calibration", "30")  # time for a slow browser to see frames collected
    with served(original_phantom, tmp_path / "live", *own) as (process, url):
        page = open_live(url)
        seen = set()
        while "forecasting" not in (state := page.locator("#state").inner_text()):
            assert process.poll() is None, f"the session ended before it had forecast: {state}"
            seen.add(state)
            page.wait_for_timeout(20)
        assert seen & {"waiting for the first frame", "collecting frames to calibrate on", "calibrated"}
        assert page.locator("#panel-real .no-forecast").is_hidden()
        numbers = set()
        while process.poll() is None and page.locator("html[data-ended]").count() == 0:
            numbers.add(page.locator("html").get_attribute("data-number"))
            page.wait_for_timeout(50)
        assert len(numbers) > 3
        page.wait_for_selector("html[data-ended]", state="attached")
        assert process.wait(300) == 0
        # What it shows at last is the last frame, and forecasts as they lie in the folder.
        assert page.locator("#ended").is_visible()
        assert page.locator("#title").inner_text() == "breathing.nii.gz, linear 2 ahead"
        darkest, _, brightest = page.locator("#panel-real .ticks span").all_inner_texts()
        window = Window(float(darkest.removeprefix("≤ ")), float(brightest.removeprefix("≥ ")))
        stored = [predicted(tmp_path / "live", aim) for aim in (FRAMES - 1, FRAMES + 1)]
        for panel, frame in zip(("real", "forecast", "ahead"), (frames[-1], *stored), strict=True):
            shown = pixels(page, f"#panel-{panel} canvas").astype(int)
            expected = to_levels(frame, window).astype(int)
            assert np.abs(shown - expected[..., np.newaxis]).max() <= 1  # the ticks are rounded
        assert page.locator("#panel-real .when").inner_text() == "at 11.80 s"
        # On a slow machine the last forecast may have been out too late, too.
        with (tmp_path / "live" / "frames.csv").open(newline="") as file:
            newest_state = list(csv.DictReader(file))[-1]["state"]
        assert (page.locator("#reasons").text_content() == "") == (newest_state == "forecast")
        assert page.locator("#panel-forecast .when").inner_text() == "made at 11.40 s, 0.40 s ahead"
        assert page.locator("#panel-ahead .when").inner_text() == "for 12.20 s, made at 11.80 s"
        summary = json.loads((tmp_path / "live" / "summary.json").read_text())
        figures = dict(zip(*(page.locator(f"#figures {tag}").all_inner_texts() for tag in ("dt", "dd")), strict=True))
        assert figures["Newest"] == "frame 59"
        assert figures["Forecasts"] == str(summary["forecasts"])
        table = (tmp_path / "live" / "frames.csv").read_text()
        assert summary["forecasts"] == sum(table.count(f",{state},") for state in ("calibrated", "forecast", "stale"))
        assert figures["Late"] == str(summary["late"])
        assert figures["Latency, worst"] == f"{summary['latency_worst_ms']:.2f} ms"
        assert figures[f"Error so far ({summary['error_forecasts']} forecasts)"] == f"{summary['error_mm']:.3f} mm"
        assert figures["Measured from"] == f"frame {summary['reference_frame']}"
        at_landmarks = figures[f"Error at {summary['landmarks']} landmarks"]
        assert at_landmarks.endswith(
            f"so far {summary['landmark_error_mm']:.3f} and {summary['measured_landmark_error_mm']:.3f} mm"
        )
        last = (tmp_path / "live" / "frames.csv").read_text().splitlines()[-1].split(",")
        assert page.locator("#marks circle").count() == int(last[12]) > 0


def predicted(live: Path, aim: int) -> NDArray[np.generic]:
    """Return the forecast frame of an index, from the files of 32 that forecasts lie in."""
    place = aim - (FRAMES + 2)  # from the end: how many were passed over at the beginning is a matter of time
    volumes = sorted((live / "predicted").iterdir())
    data = np.concatenate([np.asarray(nibabel.load(path).dataobj) for path in volumes], axis=3)  # type: ignore[attr-defined]
    return data[:, :, 0, place].T


@pytest.mark.browser
def test_a_target_is_outlined_and_the_gate_is_a_word_in_a_colour(
    original_phantom: Path, tmp_path: Path, open_live: Callable[[str], Page]
) -> None:
    mask = np.zeros((48, 40), dtype=np.uint8)
    mask[26:35, 11:20] = 1
    np.save(tmp_path / "tumour.npy", mask, allow_pickle=False)
    own = ("--target", str(tmp_path / "tumour.npy"), "--target-frame", "5", "--frame-period", "0.2")
    with served(original_phantom, tmp_path / "live", *own) as (process, url):
        page = open_live(url)
        page.wait_for_selector("#gates p")
        lights: set[tuple[str, str]] = set()
        while page.locator("html[data-ended]").count() == 0:
            lights.add((*page.evaluate(LIGHT),))
            page.wait_for_timeout(50)
        lights = {(words, colour) for words, colour in lights if "no gate" not in words}
        assert process.wait(300) == 0
        with (tmp_path / "live" / "forecasts.csv").open(newline="") as file:
            last = list(csv.DictReader(file))[-1]
        beam, distance = last["target_1_beam"], float(last["target_1_distance_mm"])
        gate = page.locator("#gates p")
        # No light of the past: while the session ran it was one of these.
        assert gate.inner_text() == f"tumour: no gate; at last beam {beam}, {distance:.2f} mm from its plan"
        assert gate.evaluate("each => getComputedStyle(each).backgroundColor") == GREY
        assert lights
        for words, colour in lights:
            colours = {"stale": BROWN, "beam on": GREEN, "beam off": RED, "no forecast yet": GREY}
            assert colour == next(wanted for said, wanted in colours.items() if said in words), words
        assert page.locator("#traces h3").inner_text() == "tumour, SI in mm, gating window ±3 mm of its plan"
        assert page.locator("#traces .window").count() == 1
        _assert_trace_is_drawn_to_scale(page, tmp_path / "live")
        assert page.locator("#panel-real .outlines path").count() == 3
        assert page.locator("#panel-forecast .outlines path").count() == 1
        assert page.locator("#panel-ahead .outlines path").count() == 2
        assert page.locator("#panel-ahead .outline-plan").get_attribute("d") == (
            "M10.5 25.5H19.5M10.5 34.5H19.5M10.5 25.5V34.5M19.5 25.5V34.5"
        )
        # The middle of the drawn outline lies where the centroid is, in a picture that keeps the shape of its pixels.
        picture, path = (
            page.locator(f"#panel-ahead {part}").bounding_box() for part in ("canvas", ".outline-forecast")
        )
        assert picture is not None
        assert path is not None
        for side, length, size, name in (("x", "width", 40, "column"), ("y", "height", 48, "row")):
            middle = path[side] + path[length] / 2 - picture[side]  # type: ignore[literal-required]
            shown = middle / picture[length] * size - 0.5  # type: ignore[literal-required]
            assert abs(shown - float(last[f"target_1_{name}"])) < 1
        figures = dict(zip(*(page.locator(f"#figures {tag}").all_inner_texts() for tag in ("dt", "dd")), strict=True))
        assert figures["tumour, forecast"].startswith("SI ")
        assert f"column {float(last['target_1_column']):.1f})" in figures["tumour, forecast"]
        (target,) = json.loads((tmp_path / "live" / "summary.json").read_text())["targets"]
        so_far = figures[f"tumour, error so far ({target['centroid_error_forecasts']} forecasts)"]
        assert so_far == f"{target['centroid_error_mm']:.2f} mm"


@pytest.mark.browser
def test_no_light_of_the_past_is_lit_when_frames_or_answers_stop_coming(
    original_phantom: Path, tmp_path: Path, open_live: Callable[[str], Page]
) -> None:
    recorded = read_sequence(original_phantom)
    mask = np.zeros((48, 40), dtype=np.uint8)
    mask[26:35, 11:20] = 1
    np.save(tmp_path / "tumour.npy", mask, allow_pickle=False)
    pause, more, done = Event(), Event(), Event()

    def talk(connected: socket.socket) -> None:
        for t in range(10 * FRAMES):
            if pause.is_set():
                more.wait(300)
            number = t + 40 * more.is_set()  # their clock has gone on in the pause
            connected.sendall(image(number, recorded.frames[t % FRAMES], affine=np.diag([6.0, 6.0, 1.0, 1.0])))
            if done.wait(0.3):
                return

    own = ("--target", str(tmp_path / "tumour.npy"), "--margin", "500", "--calibration", str(TRAIN))
    with server([talk]) as port, served(f"igtl://127.0.0.1:{port}", tmp_path / "live", *own) as (process, url):
        page = open_live(url)
        page.wait_for_selector("#gates .gate-on")
        pause.set()
        page.locator("#state", has_text="no frame comes").wait_for()
        words, colour = page.evaluate(LIGHT)
        assert words.startswith("tumour: beam off: the forecast is stale")
        assert colour == BROWN
        assert page.locator("#reasons").inner_text().startswith("The newest forecast is stale: no frame has come for ")
        assert page.locator("#notes tbody tr", has_text="no frame has come for").count() >= 1
        page.set_viewport_size({"width": 360, "height": 800})
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        reason = page.locator("#notes td:last-child", has_text="no frame has come for").first.bounding_box()
        assert reason is not None
        assert reason["x"] + reason["width"] <= 360
        assert reason["height"] < 60
        more.set()
        page.wait_for_selector("#gates .gate-on")
        page.route("**/newest*", lambda route: route.abort())
        page.wait_for_selector("#ended:not([hidden])")
        assert "does not answer" in page.locator("#ended").inner_text()
        words, colour = page.evaluate(LIGHT)
        assert words.startswith("tumour: no gate; at last beam ")
        assert colour == GREY
        page.unroute("**/newest*")
        page.wait_for_selector("#ended", state="hidden")
        os.kill(process.pid, signal.SIGSTOP)
        page.wait_for_selector("#ended:not([hidden])", timeout=5000)  # a request alone may wait for longer
        words, colour = page.evaluate(LIGHT)
        assert (words.startswith("tumour: no gate; at last beam "), colour) == (True, GREY)
        os.kill(process.pid, signal.SIGCONT)
        page.wait_for_selector("#ended", state="hidden")
        assert "no gate" not in page.evaluate(LIGHT)[0]
        assert page.locator("#traces path.real").count() > 1  # no line across what nobody has seen
        done.set()


def _assert_trace_is_drawn_to_scale(page: Page, live: Path) -> None:
    """Compare the line of what was real, and the gating window, with what lies in the folder."""
    with (live / "frames.csv").open(newline="") as file:
        told = [row for row in csv.DictReader(file) if row["target_1_measured_row"]]
    planned, along_rows_mm, margin_mm = 30.0, -6.0, 3.0  # rows go down, SI goes up
    wanted = np.array(
        [(float(row["time_s"]), (float(row["target_1_measured_row"]) - planned) * along_rows_mm) for row in told]
    )
    line = page.locator("#traces path.real").last.get_attribute("d")
    assert line
    drawn = np.array([[float(part) for part in each.split()] for each in line.removeprefix("M").split("L")])
    wanted = wanted[-len(drawn) :]
    assert len(drawn) > 5
    window = page.locator("#traces .window")
    top, height = (float(window.get_attribute(name) or "nan") for name in ("y", "height"))
    per_mm, middle = height / (2 * margin_mm), top + height / 2
    np.testing.assert_allclose(drawn[:, 1], middle - per_mm * wanted[:, 1], atol=0.2)
    per_s = np.ptp(drawn[:, 0]) / np.ptp(wanted[:, 0])
    np.testing.assert_allclose(drawn[:, 0] - drawn[0, 0], per_s * (wanted[:, 0] - wanted[0, 0]), atol=0.2)


@pytest.mark.browser
@pytest.mark.parametrize("width", [360, 768, 1280, 2560])
def test_from_a_phone_to_a_screen_at_the_wall(
    original_phantom: Path, tmp_path: Path, pages: BrowserContext, width: int
) -> None:
    mask = np.zeros((48, 40), dtype=np.uint8)
    mask[26:35, 11:20] = 1
    np.save(tmp_path / "tumour.npy", mask, allow_pickle=False)
    frames, opened, seen = read_sequence(original_phantom).frames, Event(), Event()

    def talk(connected: socket.socket) -> None:
        assert opened.wait(300)
        for t in range(100 * FRAMES):  # until the page has had time to draw, however slow it is
            connected.sendall(image(t, frames[t % FRAMES], affine=np.diag([6.0, 6.0, 1.0, 1.0])))
            if seen.wait(0.25):
                return

    own = ("--target", str(tmp_path / "tumour.npy"), "--calibration", str(TRAIN))
    with server([talk]) as port, served(f"igtl://127.0.0.1:{port}", tmp_path / "live", *own) as (process, url):
        page = pages.new_page()
        page.set_viewport_size({"width": width, "height": 800})
        page.goto(url)
        opened.set()
        page.wait_for_selector("#traces path.forecast", state="attached")
        seen.set()
        process.send_signal(signal.SIGINT)
        page.wait_for_selector("html[data-ended]", state="attached")
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        for part in ("#gates p", "#traces svg", "#budget-whole", "#panel-real canvas", "#panel-ahead canvas"):
            box = page.locator(part).first.bounding_box()
            assert box is not None
            assert box["width"] > min(width, 640) / 4
            assert box["x"] + box["width"] <= width
        light = page.locator("#gates p").bounding_box()
        assert light is not None
        assert light["y"] + light["height"] < 400  # seen without scrolling
        page.close()


@pytest.mark.browser
def test_without_the_token_a_browser_is_told_so(original_phantom: Path, tmp_path: Path, pages: BrowserContext) -> None:
    with served(original_phantom, tmp_path / "live") as (_, url):
        page = pages.new_page()
        answer = page.goto(url.rsplit("/", 2)[0] + "/")
        assert answer is not None
        assert answer.status == 403
        said = "this page needs its whole address, with the token, as the session printed it"
        assert page.locator("body").inner_text().strip() == said
        answer = page.goto(url.rstrip("/"))  # without the last stroke it is found all the same
        assert answer is not None
        assert (answer.status, page.url) == (200, url)
        page.close()


@pytest.mark.browser
def test_a_patient_who_moved_is_marked_and_differences_have_the_colours_of_the_report(
    original_phantom: Path, tmp_path: Path, open_live: Callable[[str], Page]
) -> None:
    frames = np.array(read_sequence(original_phantom).frames)
    frames[30:] = np.roll(frames[30:], 3, axis=1)
    np.savez(tmp_path / "moved.npz", frames=np.concatenate([frames, np.repeat(frames[-1:], 2000, axis=0)]))
    facts = ("--frame-period", "0.1", "--pixel-spacing", "6", "--calibration", "20")
    with served(tmp_path / "moved.npz", tmp_path / "live", *facts) as (process, url):
        page = open_live(url)
        # A calibration that took long makes the first forecast stale too, and is noted: only the sentence tells.
        unexplained = "the motion is not explained by the motion model"
        page.locator("#reasons", has_text=unexplained).wait_for()
        assert page.locator("#stale").is_visible()
        row = page.locator("#notes tbody tr", has_text=unexplained).last
        state = r"\d\d:\d\d:\d\d\s+(\d+\.\d\d) s\s+frame (\d+)\s+(stale|calibrated|passed over)"
        noted = re.fullmatch(rf"{state}\s+{unexplained}", row.inner_text().strip())
        assert noted is not None
        assert int(noted[2]) >= 30  # which frame it is depends on how long the calibration took
        assert float(noted[1]) == pytest.approx(int(noted[2]) / 10)
        # The picture stands still by now, and its forecast with it.
        while int(page.locator("html").get_attribute("data-number") or 0) < 90:
            page.wait_for_timeout(50)
        page.select_option("#difference-scale", "10")
        shown = pixels(page, "#panel-difference canvas").astype(int)
        np.testing.assert_array_equal(shown, coloured(page, 3276.7))
        assert (shown.max(axis=(0, 1)) > 100).any()
        process.send_signal(signal.SIGINT)
        page.wait_for_selector("html[data-ended]", state="attached")
        assert process.wait(300) == 130
        assert "the session has ended" in page.locator("#ended").inner_text().lower()
    assert json.loads((tmp_path / "live" / "summary.json").read_text())["forecasts"] > 60


def test_without_a_browser_the_session_is_the_same(original_phantom: Path, tmp_path: Path) -> None:
    with served(original_phantom, tmp_path / "shown", "--rate", "max") as (process, _):
        assert process.wait(300) == 0
    silent = call_cli("live", original_phantom, "--out", tmp_path / "silent", *OPTIONS[:-2], "--rate", "max")
    assert silent.code == 0
    for name in ("forecasts.csv", "predicted/predicted_000000.nii"):
        assert (tmp_path / "shown" / name).read_bytes() == (tmp_path / "silent" / name).read_bytes()


def test_a_port_that_cannot_be_had_is_answered_in_one_sentence(original_phantom: Path, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        for given, sentence in ((port, f"--page must be a free port, got {port}"), (70000, "--page must be a port")):
            outcome = call_cli("live", original_phantom, "--out", tmp_path / "live", "--page", str(given))
            assert sentence in outcome.sentence
    assert not (tmp_path / "live").exists()
