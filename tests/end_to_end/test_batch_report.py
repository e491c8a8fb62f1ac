"""The pages of a batch open from disk wherever the folder, or a run of it, lies."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import nibabel as nib
import numpy as np
import pytest
from playwright.sync_api import BrowserContext, Page

from cinecast.batch.page import CohortData, render_cohort, sequence_scores
from cinecast.batch.page.page import COLUMNS
from helpers.batch_cluster import OPTIONS, write_sequences
from helpers.browser import set_size, wait_until_idle
from helpers.command_line import succeed

Open = Callable[[Path], Page]


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
    page.wait_for_selector("#weights-chart.drawn")


@pytest.mark.browser
def test_pages_draw_their_charts_in_a_batch_that_was_moved(cohort: Path, open_page: Open) -> None:
    page = open_page(cohort / "two" / "report" / "index.html")
    assert_drawn(page)
    page.goto((cohort / "index.html").as_uri())
    page.get_by_role("link", name="one").first.click()
    assert_drawn(page)


@pytest.mark.browser
def test_a_run_that_is_moved_out_of_its_batch_has_a_whole_report(cohort: Path, tmp_path: Path, open_page: Open) -> None:
    alone = tmp_path / "elsewhere" / "one"
    shutil.move(cohort / "one", alone)
    assert_drawn(open_page(alone / "report" / "index.html"))


def test_brightness_is_warned_of_also_where_what_was_said_is_lost(sources: Path, tmp_path: Path, address: str) -> None:
    data = tmp_path / "data"
    data.mkdir()
    shutil.copy(sources / "one.nii.gz", data)
    facts = json.loads((sources / "one.json").read_text())
    (data / "one.json").write_text(json.dumps(facts | {"name": "as its sidecar calls it"}))
    image: Any = nib.load(data / "one.nii.gz")
    gains = np.where(np.arange(image.shape[-1]) % 2, 0.8, 1.0)
    nib.save(nib.Nifti1Image(image.get_fdata() * gains, image.affine, image.header), data / "one.nii.gz")
    out = tmp_path / "runs"
    succeed("batch", data, "--out", out, "--scheduler", address, *OPTIONS, "--set", "flow.normalisation=0")
    said = "the brightness of whole frames varies by"
    assert "1 of 1 sequences has warnings:" in (out / "index.html").read_text()
    assert (out / "index.html").read_text().count(said) == 1
    assert "as its sidecar calls it: " not in (out / "index.html").read_text()
    (out / "warnings.json").unlink()
    succeed("batch", "--out", out, "--scheduler", address)
    assert said in (out / "index.html").read_text()
    succeed("batch", "--out", out, "--scheduler", address, "--set", "flow.normalisation=10")
    assert said not in (out / "index.html").read_text()
    assert "the flow of cinecast does not take that for motion by default" in (out / "index.html").read_text()


@pytest.mark.browser
def test_no_table_of_a_cohort_is_wider_than_a_page_of_1280_pixels(pages: BrowserContext, tmp_path: Path) -> None:
    """The horizon is two times, and every column has its mean and deviation."""
    metrics = [("landmarks", "landmarks", metric) for metric, *_ in COLUMNS[:2]]
    metrics += [("roi", "measured", metric) for metric, *_ in COLUMNS[2:6]]
    metrics += [("image", "measured", metric) for metric, *_ in COLUMNS[6:]]
    found = []
    for name, frames, seconds, error in (("one", 3, 0.9434, 1.5), ("two", 6, 1.005, 12.5)):
        common = {"sequence": name, "horizon_frames": f"{frames}", "horizon_s": f"{seconds}", "runs": "1"}
        rows = [
            {**common, "method": method, "protocol": "causal", "half_range_95": "", "value": f"{error}"}
            | {"region": region, "against": against, "metric": metric}
            for method in ("persistence", "kernel_tracker", "rls")
            for region, against, metric in metrics
        ]
        found.append(sequence_scores(name, rows, ["1s"]))
    file = tmp_path / "index.html"
    file.write_text(render_cohort(CohortData("cohort", tuple(found), {}, (), "1.2.3")), encoding="utf-8")
    page = pages.new_page()
    page.goto(file.as_uri())
    set_size(page, 1280, 900)
    assert page.locator("text=1 s (0.94 to 1.00 s)").count() > 0
    widths = "[...document.querySelectorAll('.scrolled')].map((each) => [each.scrollWidth, each.clientWidth])"
    assert all(content <= frame for content, frame in page.evaluate(widths))
    page.close()
