"""A small phantom as a user's files, and one finished run of it that tests copy."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from cinecast.phantom import PhantomSettings, make_phantom
from cinecast.phantom.files import write_phantom
from cinecast.report import ReportData
from helpers.batch_cluster import Cluster
from helpers.browser import wait_for_pictures, wait_until_idle, write
from helpers.charts import Draw, draw_on
from helpers.command_line import OPTIONS, succeed
from helpers.faulty_frames import with_faults
from helpers.report_data import simulated_report
from helpers.report_targets import disc

# The train span is 20 frames long.
SHORT = ("--set", "forecast.mixture.history_length=6")
CHROMIUM = Path("/usr/bin/chromium")


@pytest.fixture(scope="session")
def original_phantom(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The phantom's file, for reading only."""
    settings = PhantomSettings(rows=48, columns=40, pixel_spacing_mm=(6, 6), frame_count=60, frame_period_s=0.25)
    out = tmp_path_factory.mktemp("phantom") / "breathing.nii.gz"
    write_phantom(out, make_phantom(settings))
    return out


@pytest.fixture(scope="session")
def faulty_phantom(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The file of a phantom with faulty frames among good ones, for reading only."""
    settings = PhantomSettings(rows=48, columns=40, pixel_spacing_mm=(6, 6), frame_count=60, frame_period_s=0.25)
    out = tmp_path_factory.mktemp("faulty") / "faulty.nii.gz"
    write_phantom(out, with_faults(make_phantom(settings)))
    return out


@pytest.fixture(scope="session")
def original_run(original_phantom: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A finished run of the phantom, for reading only."""
    out = tmp_path_factory.mktemp("finished") / "run"
    succeed("run", original_phantom, "--out", out, *OPTIONS)
    return out


@pytest.fixture(scope="session")
def target_run(original_phantom: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A finished run of the phantom with a target, a disc that breathes, for reading only."""
    folder = tmp_path_factory.mktemp("target")
    np.save(folder / "disc.npy", disc((48, 40), 30.0, 18.0))
    succeed("run", original_phantom, "--out", folder / "run", *OPTIONS, "--target", folder / "disc.npy")
    return folder / "run"


@pytest.fixture(scope="session")
def faulty_run(faulty_phantom: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A finished run of the faulty phantom, for reading only."""
    out = tmp_path_factory.mktemp("finished") / "faulty"
    methods = [part for name in ("linear", "snap1", "mixture") for part in ("--method", name)]
    succeed("run", faulty_phantom, "--out", out, *methods, "--horizon", "2", "--set", "forecast.runs=3", *SHORT)
    return out


@pytest.fixture(scope="session")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a real scheduler with one worker: a batch that starts its own takes three seconds more."""
    with Cluster(tmp_path_factory.mktemp("cluster")) as cluster:
        yield cluster.address


@pytest.fixture
def phantom(original_phantom: Path, tmp_path: Path) -> Path:
    """A copy of the phantom, with its sidecar, that a test may change."""
    for path in original_phantom.parent.iterdir():
        shutil.copy2(path, tmp_path)
    return tmp_path / original_phantom.name


@pytest.fixture
def run(original_run: Path, tmp_path: Path) -> Path:
    """A copy of the finished run that a test may change."""
    return Path(shutil.copytree(original_run, tmp_path / "run"))


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """The browser; tests are skipped without it, and fail under CI=true."""
    if not CHROMIUM.exists():
        reason = f"no browser at {CHROMIUM}; install Debian's chromium"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    arguments = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=arguments)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def pages(chromium: Browser) -> BrowserContext:
    """Where tests open a page each, with nothing kept between them; to set up this too for each costs a second."""
    context = chromium.new_context(viewport={"width": 1280, "height": 900})
    context.set_default_timeout(300_000)  # what is waited for comes, however loaded the machine is
    return context


@pytest.fixture
def open_page(pages: BrowserContext) -> Iterator[Callable[[Path], Page]]:
    """A function that opens a report from disk; errors and requests to a network fail the test."""
    page = pages.new_page()
    faults: list[str] = []
    page.on("console", lambda message: faults.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("dialog", lambda dialog: (faults.append(f"dialog {dialog.message}"), dialog.dismiss()))
    page.on(
        "request",
        lambda request: None if request.url.startswith(("file:", "data:", "blob:")) else faults.append(request.url),
    )

    def open_from_disk(path: Path) -> Page:
        page.goto(path.as_uri())
        wait_for_pictures(page)
        return page

    yield open_from_disk
    page.close()
    pages.clear_permissions()
    assert faults == []


@pytest.fixture
def open_report(open_page: Callable[[Path], Page], tmp_path: Path) -> Callable[[ReportData], Page]:
    """A function that writes a report and opens it."""
    return lambda data: open_page(write(data, tmp_path))


@pytest.fixture
def draw(rng: np.random.Generator, open_report: Callable[[ReportData], Page]) -> Draw:
    """A function that draws a chart of its own at the top of a page."""

    def draw_panels(*panels: dict[str, Any], **more: Any) -> Page:
        page = open_report(simulated_report(rng))
        wait_until_idle(page)
        return draw_on(page, *panels, **more)

    return draw_panels
