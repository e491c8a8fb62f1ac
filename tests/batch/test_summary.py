"""The summary of a cohort: its numbers are computed again, by numpy and scipy, from the scores of the runs alone."""

from __future__ import annotations

import csv
import itertools
import math
import re
from html.parser import HTMLParser
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest
from scipy import stats

from cinecast.batch.job import Job
from cinecast.batch.summary import write_summary
from cinecast.batch.warnings_said import WarningsSaid
from cinecast.score.scoring import SCORE_COLUMNS
from cinecast.settings import ForecastSettings, Settings
from cinecast.store import CohortFolder

# Two rates: 0.4 s are 2 frames of the one and 4 of the other.
PERIODS = {f"p{number:02}": 0.2 if number % 2 else 0.1 for number in range(12)}
FORECASTERS = ("mixture", "rls")
COMPARED = ("persistence", *FORECASTERS)
METHODS = ("measured", "oracle", *COMPARED)
HORIZONS = {"0.4s": "0.4 s", "0.8s": "0.8 s"}
LANDMARK, IMAGE = "landmark_error_mean_mm", "dvf_error_mean_mm"
# Forecasts that a sequence lacks: their scores have an empty value.
LACKING = (("p03", "rls", "0.8 s"), ("p05", "rls", "0.8 s"), ("p05", "mixture", "0.8 s"))
FAILED, UNFINISHED = "q failed", "r unfinished"
DASH = "\N{EN DASH}"

Values = dict[tuple[str, str, str, str], float]  # by sequence, method, horizon and metric


@pytest.fixture
def values(rng: np.random.Generator) -> Values:
    own = {"measured": 1.5, "oracle": 1.8, "persistence": 9.0, "mixture": 3.6, "rls": 4.5}
    keys = itertools.product(PERIODS, METHODS, HORIZONS.values(), (LANDMARK, IMAGE, "ssim"))
    found = {key: float(own[key[1]] * rng.lognormal(0, 0.4)) for key in keys}
    for horizon, metric in itertools.product(HORIZONS.values(), (IMAGE, "ssim")):
        for name in PERIODS:
            del found[name, "measured", horizon, metric]
    return found | {(*lacking, metric): math.nan for lacking in LACKING for metric in (LANDMARK, IMAGE)}


@pytest.fixture
def written(values: Values, tmp_path: Path) -> Path:
    root = tmp_path / "cohort"
    settings = Settings(forecast=ForecastSettings(methods=FORECASTERS, horizons=tuple(HORIZONS)))
    names = [*PERIODS, FAILED, UNFINISHED]
    jobs = [Job(name, tmp_path / f"{name}.nii.gz", settings) for name in names[::-1]]
    with CohortFolder(root) as folder:
        for name in PERIODS:
            write_scores(root / name / "score/scores.csv", name, values)
        write_scores(root / FAILED / "score/scores.csv", "p00", values)  # of before it failed
        said = WarningsSaid(folder)
        assert write_summary(folder, jobs, {FAILED: {"flow": "it broke"}}, said, names) == ()
    return root


def write_scores(path: Path, name: str, values: Values) -> None:
    path.parent.mkdir(parents=True)
    with path.open("w", newline="") as file:
        table = csv.writer(file)
        table.writerow(SCORE_COLUMNS)
        for (sequence, method, horizon, metric), value in values.items():
            if sequence == name:
                seconds = float(horizon[:-2])
                frames = round(seconds / PERIODS[name])
                region = "landmarks" if metric == LANDMARK else "image"
                against = "landmarks" if metric == LANDMARK else "measured"
                protocol = method if method in ("measured", "oracle") else "causal"
                number = "" if math.isnan(value) else repr(value)
                cells = "as in the file", method, protocol, frames, seconds, region, against, metric, number
                table.writerow([*cells, "", 1])


class Tables(HTMLParser):
    """Gathers the rows of all tables of a page by their header, and the titles of all circles."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tables: list[list[list[str]]] = []
        self._open = False
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: object) -> None:
        del attrs
        if tag == "table":
            self.tables.append([])
        elif tag == "tr" and self.tables:
            self.tables[-1].append([])
        elif tag in ("td", "th"):
            self.tables[-1][-1].append("")
            self._open = True

    def handle_endtag(self, tag: str) -> None:
        if tag in ("td", "th"):
            self._open = False

    def handle_data(self, data: str) -> None:
        if self._open:
            self.tables[-1][-1][-1] += data

    def with_header(self, *first: str) -> list[list[str]]:
        """Return the rows of the first table whose header begins so; a horizon stands in each row."""
        table = next(each for each in self.tables if each[0][: len(first)] == list(first))
        rows = [[cell.strip() for cell in row] for row in table[1:]]
        for before, row in itertools.pairwise(rows):
            row[0] = row[0] or before[0]
        return rows


@pytest.fixture
def tables(written: Path) -> Tables:
    return Tables((written / "index.html").read_text(encoding="utf-8"))


def column(values: Values, method: str, horizon: str, metric: str) -> np.ndarray:
    return np.array([values.get((name, method, horizon, metric), math.nan) for name in PERIODS])


def number(value: float, decimals: int = 2) -> str:
    return f"{value:.{decimals}f}".replace("-", "\N{MINUS SIGN}")


def test_the_table_has_every_row_of_every_run_under_the_name_of_the_cohort(written: Path) -> None:
    expected = []
    for name in PERIODS:
        with (written / name / "score/scores.csv").open(newline="") as file:
            expected += [row | {"sequence": name} for row in csv.DictReader(file)]
    with (written / "summary.csv").open(newline="") as file:
        assert list(csv.DictReader(file)) == expected


def test_means_deviations_medians_and_ranges_are_those_of_numpy(values: Values, tables: Tables) -> None:
    rows = {(row[0], row[1]): row[2:] for row in tables.with_header("Horizon", "Method", "n")}
    assert list(rows) == list(itertools.product(HORIZONS.values(), METHODS))
    for (horizon, method), (count, landmark, median, spread, _, image, _, _, ssim, *_) in rows.items():
        own = column(values, method, horizon, LANDMARK)
        known = own[np.isfinite(own)]
        assert count == str(len(known)) == str(12 - sum(each[1:] == (method, horizon) for each in LACKING))
        assert landmark == f"{known.mean():.2f} ± {known.std(ddof=1):.2f}"
        assert median == number(float(np.median(known)))
        assert spread == f"{known.min():.2f} {DASH} {known.max():.2f}"
        others = [column(values, method, horizon, metric) for metric in (IMAGE, "ssim")]
        if method == "measured":
            assert (image, ssim) == (DASH, DASH)
            continue
        for cell, decimals, other in zip((image, ssim), (2, 3), others, strict=True):
            there = other[np.isfinite(other)]
            mean, deviation = (f"{each:.{decimals}f}" for each in (there.mean(), there.std(ddof=1)))
            assert cell.removesuffix(" n 12") == f"{mean} ± {deviation}"


def test_pairs_are_those_of_scipy_adjusted_for_all_of_a_horizon(values: Values, tables: Tables) -> None:
    rows = tables.with_header("Horizon", "First", "Second")
    assert len(rows) == 2 * 3
    assert {"< 0.001", "0.001"} <= {cell for row in rows for cell in row[6:]}
    for horizon in HORIZONS.values():
        compared = {}
        for first, second in itertools.combinations(COMPARED, 2):
            one, other = (column(values, method, horizon, LANDMARK) for method in (first, second))
            both = np.isfinite(one) & np.isfinite(other)
            off = one[both] - other[both]
            compared[first, second] = off, float(stats.wilcoxon(one[both], other[both]).pvalue)
        p_values = sorted(p for _, p in compared.values())
        for (first, second), (off, p) in compared.items():
            (cells,) = [row[3:] for row in rows if row[:3] == [horizon, first, second]]
            smaller = p_values[: p_values.index(p) + 1]
            adjusted = max(min(1.0, (len(p_values) - i) * each) for i, each in enumerate(smaller))
            shown = ["< 0.001" if each < 0.001 else f"{each:.3f}" for each in (p, adjusted)]
            assert cells == [str(len(off)), number(off.mean(), 3), number(off.mean() / off.std(ddof=1)), *shown]


def test_sequences_come_by_the_error_of_their_best_forecaster(values: Values, tables: Tables) -> None:
    rows = tables.with_header("Sequence", "Brightness", "Warnings")
    best: dict[tuple[str, str], tuple[float, str]] = {}
    for name, method, horizon in itertools.product(PERIODS, FORECASTERS, HORIZONS.values()):
        error = values[name, method, horizon, LANDMARK]
        if np.isfinite(error):
            best[name, horizon] = min(best.get((name, horizon), (math.inf, "")), (error, method))
    means = {name: np.mean([error for (of, _), (error, _) in best.items() if of == name]) for name in PERIODS}
    assert [row[0] for row in rows] == sorted(PERIODS, key=lambda name: -means[name])
    for row in rows:
        for horizon, cell in zip(HORIZONS.values(), row[3:], strict=True):
            error, method = best.get((row[0], horizon), (math.nan, ""))
            persistence = values[row[0], "persistence", horizon, LANDMARK]
            assert cell.split() == [f"{error:.2f}{method}" if method else DASH, f"({persistence:.2f})"]


def test_a_chart_has_each_sequence_mean_and_median_at_its_place_on_the_axis(values: Values, written: Path) -> None:
    page = (written / "index.html").read_text(encoding="utf-8")
    drawn = [ElementTree.fromstring(each) for each in re.findall(r"<svg class=.*?</svg>", page, flags=re.DOTALL)]
    assert len(drawn) == len(HORIZONS)
    largest = max(value for (*_, metric), value in values.items() if metric == LANDMARK and np.isfinite(value))
    for svg, horizon in zip(drawn, HORIZONS.values(), strict=True):
        width, height = (float(number) for number in svg.attrib["viewBox"].split()[2:])
        ticks = [(float(t.attrib["x"]), float(str(t.text).split()[0])) for t in svg.findall("text[@class='tick']")]
        (left, first), (right, last) = ticks[0], ticks[-1]
        steps = np.diff([value for _, value in ticks])
        assert first == 0
        assert last - steps[0] < largest <= last
        assert 5 <= len(ticks) <= 12
        np.testing.assert_allclose(steps, steps[0])
        np.testing.assert_allclose(np.diff([x for x, _ in ticks]), (right - left) / len(steps), atol=0.02)
        assert str(svg.findall("text[@class='tick']")[-1].text).endswith(" mm")
        groups = svg.findall("g")
        assert [group.findtext("text") for group in groups] == list(METHODS)
        heights = []
        for group, method in zip(groups, METHODS, strict=True):
            own = column(values, method, horizon, LANDMARK)
            places = {name: left + (right - left) * value / last for name, value in zip(PERIODS, own, strict=True)}
            dots = {str(dot.findtext("title")).split(":")[0]: dot.attrib for dot in group.findall("circle")}
            assert set(dots) == {name for name, place in places.items() if np.isfinite(place)}
            for name, dot in dots.items():
                assert float(dot["cx"]) == pytest.approx(places[name], abs=0.02)
            (row,) = {float(dot["cy"]) for dot in dots.values()}
            heights.append(row)
            known = own[np.isfinite(own)]
            for mark, value in (("mean", known.mean()), ("median", np.median(known))):
                line = group.find(f"line[@class='{mark}']")
                assert line is not None
                assert line.attrib["x1"] == line.attrib["x2"]
                assert float(line.attrib["x1"]) == pytest.approx(left + (right - left) * value / last, abs=0.02)
                assert float(line.attrib["y1"]) < row < float(line.attrib["y2"])
        assert heights[0] > 0
        assert heights[-1] < height
        assert (np.diff(heights) > 10).all()
        assert right < width


def test_what_has_no_scores_is_named_and_counts_nowhere(written: Path) -> None:
    page = (written / "index.html").read_text(encoding="utf-8")
    assert "<dt>Sequences with scores</dt><dd>12</dd>" in page
    assert '<td class="text">flow</td><td class="text reason">it broke</td>' in page
    assert f'<p class="reason">{UNFINISHED}</p>' in page
    assert "<dt>Protocol</dt><dd>causal</dd>" in page
    assert page.count("its frames cannot be read, so nothing is known of their brightness") == len(PERIODS)
