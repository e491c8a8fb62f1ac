"""Budget, published figures, and the comparison with them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Literal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cinecast.errors import ReadError, SettingsError
from cinecast.reproduce.comparison import ComparisonRow, comparison_csv, comparison_rows
from cinecast.reproduce.cost import MethodCost
from cinecast.reproduce.driver import CellResult
from cinecast.reproduce.effort import LADDER, allocate
from cinecast.reproduce.markers import RATES, MarkerCell, MarkerRecording, find_recordings
from cinecast.reproduce.page import Page, _curves, write_page
from cinecast.reproduce.plan import ReproductionPlan
from cinecast.reproduce.published import IRREGULAR, CineKey, MarkerFigures, MarkerKey, read_cine, read_markers
from cinecast.series import Trace
from cinecast.store.tables import read_table
from cinecast.tuning.grid import Grid
from cinecast.tuning.trial import Evaluation, Series

CINE_HEADER = "dataset,region,horizon_frames,horizon_s,method,metric,sequence,value\n"


@given(
    st.dictionaries(
        st.sampled_from(["linear", "lms", "rtrl"]),
        st.lists(st.floats(0.1, 100), min_size=len(LADDER), max_size=len(LADDER)).map(np.cumsum),
        min_size=1,
    ),
    st.floats(0, 5000),
)
def test_a_budget_is_never_overdrawn_and_never_left_when_a_rung_fits(
    costs: dict[str, list[float]], budget: float
) -> None:
    lowest = sum(each[0] for each in costs.values())
    if lowest > budget:
        with pytest.raises(SettingsError, match="--budget must be at least"):
            allocate(costs, budget / 2, 2)
        return
    rungs = {method: LADDER.index(effort) for method, effort in allocate(costs, budget / 2, 2).items()}
    spent = sum(costs[method][rung] for method, rung in rungs.items())
    assert spent <= budget * (1 + 1e-9)
    for method, rung in rungs.items():
        if rung + 1 < len(LADDER):
            assert spent + costs[method][rung + 1] - costs[method][rung] > budget * (1 - 1e-9)


def test_a_part_of_the_budget_is_said_as_the_whole_that_was_given() -> None:
    costs = {"rls": [121.0, *range(200, 200 + len(LADDER) - 1)]}
    with pytest.raises(SettingsError, match=r"at least 3\.4 minutes for .* got 2\.0; raise it"):
        allocate(costs, 0.3 * 120, 2, share=0.3)
    assert allocate(costs, 0.3 * 3.4 * 60, 2, share=0.3)["rls"] == LADDER[0]


def test_the_cost_of_a_grid_grows_with_points_and_runs(rng: np.random.Generator) -> None:
    series = Series(rng.normal(size=(80, 2)), 50, 2)
    cost = MethodCost(series, Grid("snap1", {"history_length": (3, 5), "hidden_units": (4, 8)}), Evaluation())
    assert 0 < cost.of_setting(1) <= cost.of_setting(50)
    grid = Grid("snap1", {"history_length": (3, 5), "hidden_units": (4, 8)})
    whole, single = (cost.of_search(grid, LADDER[rung], 1) for rung in (4, 1))
    assert single == pytest.approx(cost.of_setting(1))
    assert 4 * cost.of_setting(1) <= whole * (1 + 1e-9)
    assert whole <= (4 * cost.of_setting(1) + 4 * cost.of_setting(10)) * (1 + 1e-9)


def test_published_figures_are_read_by_our_names(tmp_path: Path) -> None:
    file = tmp_path / "cine.csv"
    file.write_text(
        CINE_HEADER
        + "ETH,image,6,1.8868,linear regression,mean_DVF_error_mm,eth-1,1.258173\n"
        + "ETH,image,avg,,linear regression,mean_DVF_error_mm,eth-1,1.2\n"
        + "ETH,image,6,1.8868,previous image,SSIM,eth-1,0.9\n"
    )
    assert read_cine(file) == {CineKey("eth-1", "linear", 6, "image", "dvf_error_mean_mm"): 1.258173}


def test_the_real_tables_hold_what_the_papers_print(shared: Path) -> None:
    figures = read_cine(shared / "published" / "cine.csv")
    assert figures["eth-1", "linear", 6, "image", "dvf_error_mean_mm"] == pytest.approx(1.258173)
    assert {key.sequence for key in figures} == {f"eth-{i}" for i in range(1, 5)} | {f"ovgu-{i}" for i in range(1, 9)}
    markers = read_markers(shared / "published" / "markers.json")
    assert markers.averages[MarkerKey("10", "snap1", "nrmse")] == 0.15674
    assert markers.irregular[MarkerKey("3.33", "linear", "max_error")] == 55.589
    assert markers.irregular[MarkerKey("30", "svr", "nrmse")] == 0.94697


@pytest.mark.parametrize("content", ["", "a,b\n1,2\n", CINE_HEADER + "ETH,image,6,1,LMS,SSIM,eth-1,many\n"])
def test_a_table_of_something_else_is_refused(content: str, tmp_path: Path) -> None:
    (tmp_path / "cine.csv").write_text(content)
    if not content:
        assert read_cine(tmp_path / "cine.csv") == {}
        return
    with pytest.raises(ReadError, match="the published figures must be readable"):
        read_cine(tmp_path / "cine.csv")


def test_missing_marker_averages_are_refused(tmp_path: Path) -> None:
    (tmp_path / "markers.json").write_text(json.dumps({"other": 1}))
    with pytest.raises(ReadError, match="check --published"):
        read_markers(tmp_path / "markers.json")


def row(published: float | None, ours: float, **changes: object) -> ComparisonRow:
    values: dict[str, object] = {
        "sequence": "eth-1",
        "method": "lms",
        "protocol": "causal",
        "horizon_frames": 2,
        "horizon_s": 0.629,
        "region": "image",
        "against": "measured",
        "metric": "dvf_error_mean_mm",
        "published": published,
        "ours": ours,
        "half_range_95": float("nan"),
        "runs": 1,
        "modes": 3,
        "settings": {"history_length": 6},
    }
    return ComparisonRow(**values | changes)  # type: ignore[arg-type]


def test_differences_are_ours_less_published() -> None:
    assert row(2.0, 2.1).difference == pytest.approx(0.1)
    assert row(2.0, 2.1).difference_percent == pytest.approx(5.0)
    assert row(None, 2.1).difference is None


def test_each_score_stands_beside_the_figure_of_its_own_sequence_method_horizon_region_and_metric(
    tmp_path: Path,
) -> None:
    trace = Trace("markers-1", tuple("xyz"), np.arange(90.0).reshape(30, 3), np.arange(30) / 10, named=False)
    recording = MarkerRecording(trace, RATES["10"], tmp_path)
    cells = [MarkerCell(recording, method, 5, "causal", LADDER[0]) for method in ("lms", "linear")]
    scores = [["image", "measured", "nrmse", 0.4, 0.1, 5], ["image", "landmarks", "ssim", 0.9, 0.2, 3]]
    result = {"scores": scores, "modes": 3, "settings": {"history_length": 6}}
    named = CineKey("markers-1", "lms", 5, "image", "nrmse")
    others = (
        named._replace(sequence="markers-2"),
        named._replace(method="linear"),
        named._replace(horizon=4),
        named._replace(region="roi"),
        named._replace(metric="rmse"),
    )
    figures = {named: 0.5} | dict.fromkeys(others, 7.0)
    rows = comparison_rows([CellResult(cells[1], None, "it diverged"), CellResult(cells[0], result)], figures, "causal")
    first, second = rows
    assert first == ComparisonRow(
        *("markers-1", "lms", "causal", 5, 0.5, "image", "measured", "nrmse", 0.5, 0.4, 0.1, 5, 3),
        settings={"history_length": 6},
    )
    assert (second.against, second.metric, second.published) == ("landmarks", "ssim", None)
    assert (second.ours, second.half_range_95, second.runs) == (0.9, 0.2, 3)


def test_the_table_reads_back(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text(comparison_csv([row(2.0, 2.1), row(None, 1.0)]))
    first, second = read_table(tmp_path / "t.csv")
    assert (first["published"], first["ours"], first["difference_percent"]) == ("2.0", "2.1", "5.0")
    assert (second["published"], second["difference"], second["half_range_95"]) == ("", "", "")
    assert first["settings"] == "history_length 6"


def test_the_page_names_protocol_effort_and_what_is_missing(tmp_path: Path) -> None:
    rows = [row(2.0, 2.1), row(2.0, 2.02, horizon_frames=4, horizon_s=1.258), row(0.9, 0.91, metric="ssim")]
    plan = ReproductionPlan([], {"lms": LADDER[0]}, 60.0, 7200.0)
    path = tmp_path / "cine_causal.md"
    write_page(path, Page("cine", "causal", plan, rows, ["eth-1, dni, horizon 3: diverged"]))
    text = path.read_text()
    assert "only once it has been seen" in text
    assert LADDER[0].name in text
    assert "| lms | 2 | +3.00 % | 50 % | +5.0 % | eth-1, 0.63 s | 0.0100 |" in text
    assert "2.000 / 2.100" in text
    assert "dni, horizon 3: diverged" in text
    assert (tmp_path / "cine_causal_eth_image.svg").read_text().startswith("<?xml")


def cine_page(tmp_path: Path, rows: list[ComparisonRow]) -> str:
    path = tmp_path / "cine_causal.md"
    write_page(path, Page("cine", "causal", ReproductionPlan([], {}, 60.0, 7200.0), rows, []))
    return path.read_text()


def test_sequences_of_other_frame_periods_have_tables_of_their_own(tmp_path: Path) -> None:
    """Two frames ahead are 0.6 s in one and 1 s in the other: a mean of both is of no time."""
    rows = [row(1.0, 1.2, horizon_s=0.6), row(3.0, 3.2, sequence="eth-2", horizon_s=1.0)]
    text = cine_page(tmp_path, rows)
    first, second = text.split("## ETH at ")[1:]
    assert first.startswith("0.3 s a frame")
    assert "| method | 0.60 s |" in first
    assert "| lms | 1.000 / 1.200 |" in first
    assert second.startswith("0.5 s a frame")
    assert "| method | 1.00 s |" in second
    assert "| lms | 3.000 / 3.200 |" in second
    assert (tmp_path / "cine_causal_eth_0.5s_image.svg").is_file()


def test_a_mean_over_fewer_sequences_says_so_and_is_no_point_of_the_curve(tmp_path: Path) -> None:
    rows = [
        row(1.0, 1.2, sequence=sequence, method=method, horizon_frames=horizon, horizon_s=0.3 * horizon)
        for sequence in ("eth-1", "eth-2")
        for method in ("lms", "linear")
        for horizon in (1, 2)
        if (sequence, method, horizon) != ("eth-2", "linear", 2)
    ]
    text = cine_page(tmp_path, rows)
    assert "| lms | 1.000 / 1.200 | 1.000 / 1.200 |" in text
    assert "| linear | 1.000 / 1.200 | 1.000 / 1.200 (1 of 2) |" in text
    curves = {curve.name: curve for curve in _curves(rows)}
    assert curves["lms"].ours == pytest.approx([1.2, 1.2])
    assert curves["linear"].ours == pytest.approx([1.2, np.nan], nan_ok=True)
    assert curves["linear"].published == pytest.approx([1.0, np.nan], nan_ok=True)


def test_a_published_mean_is_over_the_same_sequences_as_ours(tmp_path: Path) -> None:
    text = cine_page(tmp_path, [row(1.0, 1.2), row(None, 1.4, sequence="eth-2")])
    assert "| method | 0.63 s |\n|---|---|\n| lms | - / 1.300 |\n" in text


def marker_rows(recordings: tuple[str, ...], horizons: tuple[int, ...]) -> list[ComparisonRow]:
    """Our figures of two methods, higher by a tenth with each recording."""
    return [
        row(
            None,
            value + 0.1 * index,
            sequence=f"{name}_hz_10",
            region="series",
            metric=metric,
            method=method,
            horizon_frames=horizon,
        )
        for index, name in enumerate(recordings)
        for method, value in (("lms", 0.4), ("snap1", 0.2))
        for horizon in horizons
        for metric in ("nrmse", "rmse", "mae", "max_error", "jitter")
    ]


def marker_page(tmp_path: Path, rows: list[ComparisonRow]) -> str:
    figures = MarkerFigures(
        {MarkerKey("10", "snap1", "nrmse"): 0.16, MarkerKey("30", "snap1", "nrmse"): 0.2},
        {MarkerKey("10", "lms", metric): 0.48 for metric in ("nrmse", "mae")},
    )
    path = tmp_path / "markers_published.md"
    plan = ReproductionPlan([], {}, 60.0, 7200.0)
    write_page(path, Page("markers", "published", plan, rows, [], figures))
    return path.read_text()


def test_the_page_of_markers_puts_methods_in_order(tmp_path: Path) -> None:
    text = marker_page(tmp_path, marker_rows(("markers-1",), RATES["10"].horizons))
    assert text.index("| snap1 | 0.160 / 0.200") < text.index("| lms | - / 0.400")
    assert "+25.0 %" in text
    assert "non-causal" in text
    assert "the same recordings" not in text
    assert "30 Hz" not in text  # none of ours is of that rate


def test_an_average_over_some_horizons_is_compared_with_none_over_all(tmp_path: Path) -> None:
    rows = marker_rows(("markers-1",), RATES["10"].horizons)
    text = marker_page(tmp_path, [row for row in rows if row.method == "lms" or row.horizon_frames > 1])
    assert "| snap1 (20 of 21 figures) | 0.160 / 0.200 | - / 0.200 | - / 0.200 | - / 0.200 | - / 0.200 | - |" in text
    assert "figures)" not in text[text.index("| lms |") :]
    assert "%" not in text[text.index("| method | nrmse") :]


def test_recordings_of_which_the_paper_gives_an_average_are_compared_with_it(tmp_path: Path) -> None:
    text = marker_page(tmp_path, marker_rows((*IRREGULAR, "markers-5"), RATES["10"].horizons))
    assert "| snap1 | 0.160 / 0.350" in text
    same = text[text.index("the same recordings") :]
    assert "| lms | 0.480 / 0.500 | - / 0.500 | 0.480 / 0.500 | - / 0.500 | +4.2 % |" in same
    assert "| snap1 | - / 0.300" in same
    assert "the same recordings" not in marker_page(tmp_path, marker_rows(IRREGULAR[:2], RATES["10"].horizons))


def test_averages_of_markers_are_means(tmp_path: Path) -> None:
    rows = marker_rows(("markers-1", "markers-2", "markers-5"), RATES["10"].horizons)
    rows = [
        each._replace(ours=0.9) if each.sequence.startswith("markers-5") else each._replace(ours=0.3) for each in rows
    ]
    assert "| snap1 | 0.160 / 0.500 | - / 0.500" in marker_page(tmp_path, rows)


@pytest.mark.parametrize("protocol", ["causal", "published"])
def test_no_test_sample_of_markers_moves_a_choice(
    rng: np.random.Generator, tmp_path: Path, protocol: Literal["causal", "published"]
) -> None:
    rate, times = RATES["3.33"], np.arange(300) / 3.33
    samples = np.sin(times[:, np.newaxis] * rng.uniform(1, 2, 9)) + 0.1 * rng.normal(size=(300, 9))
    changed = samples.copy()
    changed[200:] = 5 * rng.normal(size=(100, 9))
    found = []
    for each in (samples, changed):
        trace = Trace("markers-1", tuple(f"c{k}" for k in range(9)), each, times, named=False)
        cell = MarkerCell(MarkerRecording(trace, rate, tmp_path), "lms", 3, protocol, LADDER[2])
        found.append(cell.compute())
    assert found[0]["tried"] > 1
    for name in ("settings", "validation_nrmse", "diverged"):
        assert found[0][name] == found[1][name]
    assert found[0]["scores"] != found[1]["scores"]


class WildRecording(MarkerRecording):
    """A recording of which every setting that is tried diverges."""

    def grid(self, method: str, horizon: int) -> Grid:
        del horizon
        return Grid(method, {"history_length": (12,), "learning_rate": (10.0,), "clip_norm": (1e300,)})


def test_a_cell_of_which_every_setting_diverges_has_no_figure(shared: Path, tmp_path: Path) -> None:
    (first, *_) = find_recordings(shared / "data" / "markers", "3.33", tmp_path)
    cell = MarkerCell(WildRecording(first.trace, first.rate, first.run), "lms", 2, "published", LADDER[0])
    with pytest.raises(SettingsError, match="must keep a run from diverging, got none among 1"):
        cell.compute()
