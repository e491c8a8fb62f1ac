"""The pages of a batch share the script of their charts, and open from disk wherever the folder lies."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import nibabel as nib
import numpy as np
import pytest
from playwright.sync_api import BrowserContext, Page

from helpers.batch_cluster import NAMES, OPTIONS, write_sequences
from helpers.browser import wait_until_idle
from helpers.command_line import made_at, owner_of, redone, succeed

Open = Callable[[Path], Page]
CHARTS = "assets/plotly.packed.js"
LIBRARY_BYTES = 0.45e6
SHARES = "This report shares the script of its charts with its batch"


@pytest.fixture(scope="module")
def sources(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_sequences(tmp_path_factory.mktemp("sequences"))


@pytest.fixture(scope="module")
def finished(sources: Path, tmp_path_factory: pytest.TempPathFactory, address: str) -> Path:
    """A finished batch, for reading only."""
    out = tmp_path_factory.mktemp("cohort") / "runs"
    succeed("batch", sources, "--out", out, "--scheduler", address, *OPTIONS)
    return out


@pytest.fixture
def cohort(finished: Path, tmp_path: Path) -> Path:
    """A copy of the finished batch, at another place, that a test may change."""
    return Path(shutil.copytree(finished, tmp_path / "moved"))


def assert_drawn(page: Page) -> None:
    wait_until_idle(page)
    page.wait_for_selector("#weights-chart.js-plotly-plot")


def test_the_script_of_the_charts_is_there_once(finished: Path) -> None:
    assert [path.relative_to(finished) for path in finished.rglob("plotly*")] == [Path(CHARTS)]
    for name in NAMES:
        whole = sum(path.stat().st_size for path in (finished / name / "report").rglob("*") if path.is_file())
        assert whole < 2 * LIBRARY_BYTES  # its frames alone take more than one
    assert (finished / CHARTS).stat().st_size > LIBRARY_BYTES


@pytest.mark.browser
def test_pages_draw_their_charts_in_a_batch_that_was_moved(cohort: Path, open_page: Open) -> None:
    page = open_page(cohort / "two" / "report" / "index.html")
    assert_drawn(page)
    page.goto((cohort / "index.html").as_uri())
    page.get_by_role("link", name="one").first.click()
    assert_drawn(page)


@pytest.mark.browser
def test_a_run_that_is_moved_alone_says_what_it_lacks_and_is_mended(
    cohort: Path, tmp_path: Path, pages: BrowserContext, open_page: Open
) -> None:
    alone = tmp_path / "elsewhere" / "one"
    shutil.move(cohort / "one", alone)
    faults: list[str] = []
    page = pages.new_page()
    page.on("console", lambda message: faults.append(message.text))
    page.goto((alone / "report" / "index.html").as_uri())
    wait_until_idle(page)
    page.close()
    assert "open this page in the folder of its batch, or make one that stands alone" in " ".join(faults)
    assert SHARES not in succeed("report", alone)
    assert (alone / "report" / CHARTS).is_file()
    assert_drawn(open_page(alone / "report" / "index.html"))


def test_a_run_that_is_moved_alone_gets_its_own_script_when_it_runs_again(
    sources: Path, cohort: Path, tmp_path: Path
) -> None:
    alone = tmp_path / "elsewhere" / "one"
    shutil.move(cohort / "one", alone)
    before = made_at(alone)
    succeed("run", sources / "one.nii.gz", "--out", alone, *OPTIONS)
    assert redone(before, alone) == {"report"}
    assert (alone / "report" / CHARTS).is_file()


def test_the_report_of_one_run_in_a_batch(cohort: Path, tmp_path: Path) -> None:
    (cohort / CHARTS).unlink()
    assert SHARES in succeed("report", cohort / "two")
    assert (cohort / CHARTS).is_file()
    assert not (cohort / "two" / "report" / CHARTS).exists()
    assert SHARES not in succeed("report", cohort / "two", "--out", tmp_path / "page")
    assert (tmp_path / "page" / CHARTS).is_file()


def test_a_batch_mends_the_script_and_sweeps_what_a_kill_left_of_it(cohort: Path, address: str) -> None:
    left = cohort / "assets" / f".tmp-{owner_of(999_999_999)}~plotly.packed.js"
    left.write_bytes(b"half")
    (cohort / CHARTS).unlink()
    before = {name: made_at(cohort / name) for name in NAMES}
    succeed("batch", "--out", cohort, "--scheduler", address)
    assert not left.exists()
    assert (cohort / CHARTS).stat().st_size > LIBRARY_BYTES
    # The first report that is made brings the script back for all.
    assert set().union(*(redone(before[name], cohort / name) for name in NAMES)) == {"report"}


def test_brightness_is_warned_of_also_where_what_was_said_is_lost(sources: Path, tmp_path: Path, address: str) -> None:
    data = tmp_path / "data"
    data.mkdir()
    for suffix in (".nii.gz", ".json"):
        shutil.copy(sources / f"one{suffix}", data)
    image: Any = nib.load(data / "one.nii.gz")
    gains = np.where(np.arange(image.shape[-1]) % 2, 0.8, 1.0)
    nib.save(nib.Nifti1Image(image.get_fdata() * gains, image.affine, image.header), data / "one.nii.gz")
    out = tmp_path / "runs"
    succeed("batch", data, "--out", out, "--scheduler", address, *OPTIONS, "--set", "flow.normalisation=0")
    said = "the brightness of whole frames varies by"
    assert "1 of 1 sequences has warnings:" in (out / "index.html").read_text()
    assert (out / "index.html").read_text().count(said) == 1
    (out / "warnings.json").unlink()
    succeed("batch", "--out", out, "--scheduler", address)
    assert said in (out / "index.html").read_text()
    succeed("batch", "--out", out, "--scheduler", address, "--set", "flow.normalisation=10")
    assert said not in (out / "index.html").read_text()
    assert "the flow of cinecast does not take that for motion by default" in (out / "index.html").read_text()
