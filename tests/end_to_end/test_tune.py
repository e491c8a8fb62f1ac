"""Settings chosen from the command line, and the tables of a paper made again, on a phantom."""

from __future__ import annotations

import csv
import json
import re
import shutil
import tomllib
from pathlib import Path

import numpy as np
import pytest

from cinecast.frames import read_sequence
from cinecast.reproduce.published import IRREGULAR, MarkerKey, read_markers
from cinecast.store.artifacts import load_weights
from cinecast_models import forecast_series, nrmse
from helpers.command_line import call_aloud, call_cli, made_at, scores, succeed

GRID = ("--method", "rls", "--method", "snap1", "--horizon", "1", "--horizon", "2", "--thin", "1", "--runs", "1")
FLOW = {"sigma_init": 0.5, "sigma_subspl": 1, "sigma_LK": 2, "nb_layers": 2, "nb_iter": 2}


@pytest.fixture(scope="module")
def tuned(original_phantom: Path, tmp_path_factory: pytest.TempPathFactory, address: str) -> tuple[Path, str]:
    """A finished search, and what it printed; for reading only."""
    out = tmp_path_factory.mktemp("tuned") / "run"
    return out, succeed(
        "tune", original_phantom, "--out", out, "--modes", "1", "--modes", "2", "--scheduler", address, *GRID
    )


def test_a_search_writes_settings_that_run_takes(
    tuned: tuple[Path, str], original_phantom: Path, tmp_path: Path
) -> None:
    out, printed = tuned
    assert re.search(r"4 searches done in \d+ s, 0 were up to date\.", printed)
    entries = tomllib.loads((out / "tuned.toml").read_text())["forecast"]["tuned"]
    assert {(e["method"], e["horizon_frames"]) for e in entries} == {(m, h) for m in ("rls", "snap1") for h in (1, 2)}
    succeed("run", original_phantom, "--out", tmp_path / "run", "--settings", out / "tuned.toml")
    rows = scores(tmp_path / "run")
    assert {row["method"] for row in rows} == {"measured", "oracle", "persistence", "rls", "snap1"}
    for entry in entries:
        folder = tmp_path / "run" / "forecast" / entry["method"] / f"h{entry['horizon_frames']:03d}"
        made_with = json.loads((folder / "stage.json").read_text())["settings"]
        assert {name: made_with[name] for name in entry["settings"]} == entry["settings"]
        header = (folder / "weights.csv").read_text().splitlines()[0].split(",")
        assert len([name for name in header if name.startswith("weight_")]) == entry["modes"]


def test_the_table_shows_seconds_error_and_gain(tuned: tuple[Path, str]) -> None:
    out, printed = tuned
    line = re.compile(r"^(rls|snap1) +(\d\.\d\d) s \((\d)\) +(\d) +(\d\.\d{3}) +(-?\d+\.\d)$", re.MULTILINE)
    lines = line.findall(printed)
    assert [(method, seconds, horizon) for method, seconds, horizon, *_ in lines] == [
        (method, seconds, horizon) for method in ("rls", "snap1") for seconds, horizon in (("0.25", "1"), ("0.50", "2"))
    ]
    for method, _, horizon, modes, error, gain in lines:
        choice = json.loads((out / f"tune/causal/{method}/h00{horizon}/choice.json").read_text())
        assert (int(modes), float(error)) == (choice["modes"], round(choice["validation_nrmse"], 3))
        assert float(gain) == round(100 * (1 - choice["validation_nrmse"] / choice["default_nrmse"]), 1)
    assert "expect less on the test span" in " ".join(printed.split())


def test_the_error_of_the_defaults_is_that_of_the_grid_of_the_defaults_alone(
    tuned: tuple[Path, str], original_phantom: Path
) -> None:
    choice = json.loads((tuned[0] / "tune/causal/rls/h002/choice.json").read_text())
    sequence = read_sequence(original_phantom)
    weights = load_weights(tuned[0] / "motion/train_0020")[: sequence.split.validation_end, : choice["modes"]]
    forecasts = forecast_series(weights, method="rls", horizon=2, train_end=20).forecasts[0]
    first = 20 - 1 + 2
    assert nrmse(forecasts[first:], weights[first:]) == pytest.approx(choice["default_nrmse"])


def test_modes_are_chosen_by_the_frame_that_motion_is_measured_from(
    original_phantom: Path, tmp_path: Path, address: str
) -> None:
    mask = np.zeros(read_sequence(original_phantom).frames.shape[1:], dtype=np.uint8)
    mask[20:26, 14:20] = 1
    np.save(tmp_path / "target.npy", mask)
    target = ("--set", f'target.files=["{tmp_path / "target.npy"}"]', "--set", "target.frame=3")
    options = ("--method", "rls", "--horizon", "1", "--thin", "1", "--modes", "1", "--modes", "2")
    errors = []
    for name, given in (("own", ()), ("given", ("--set", "flow.reference=3"))):
        out = tmp_path / name
        succeed("tune", original_phantom, "--out", out, *options, *target, *given, "--scheduler", address)
        assert json.loads((out / "flow/stage.json").read_text())["settings"]["reference"] == 3
        errors.append(json.loads((out / "tune/causal/rls/h001/choice.json").read_text())["registration_nrmse"])
    assert errors[0] == errors[1]
    succeed("export", tmp_path / "own", "--what", "dvf", "--out", tmp_path / "dvf.mha")


def test_what_has_nothing_to_tune_is_named_and_left_as_it_is(
    tuned: tuple[Path, str], original_phantom: Path, tmp_path: Path, address: str
) -> None:
    out = Path(shutil.copytree(tuned[0], tmp_path / "run"))
    others = [part for name in ("mixture", "population_transformer", "persistence") for part in ("--method", name)]
    modes = ("--modes", "1", "--modes", "2", "--scheduler", address)
    printed = succeed("tune", original_phantom, "--out", out, *modes, *GRID, *others)
    assert "mixture is left as it is: it weighs several settings itself." in printed
    assert "population_transformer is left as it is: its settings come with the file" in printed
    assert "persistence is left as it is: it learns nothing." in printed
    assert re.search("0 searches done in .*, 4 were up to date", printed)
    forecast = tomllib.loads((out / "tuned.toml").read_text())["forecast"]
    assert forecast["methods"] == ["rls", "snap1", "mixture", "population_transformer", "persistence"]
    assert {entry["method"] for entry in forecast["tuned"]} == {"rls", "snap1"}


def test_a_horizon_that_was_not_tuned_is_said(
    tuned: tuple[Path, str], original_phantom: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    chosen = ("--settings", tuned[0] / "tuned.toml", "--method", "rls")
    succeed("run", original_phantom, "--out", tmp_path / "run", *chosen, "--horizon", "1", "--horizon", "3")
    assert [message for message in caplog.messages if "tuned" in message] == [
        "rls was not tuned for a horizon of 3 frame(s): it is run there with its settings for all horizons"
    ]


def test_a_search_in_the_folder_of_a_run_changes_nothing_of_the_run(
    original_phantom: Path, tmp_path: Path, address: str
) -> None:
    out = tmp_path / "run"
    succeed("run", original_phantom, "--out", out, "--method", "linear", "--method", "lms", "--horizon", "0.5s")
    settings, before = (out / "settings.toml").read_text(), scores(out)
    search = ("--method", "rls", "--horizon", "1", "--thin", "1", "--runs", "1", "--scheduler", address)
    succeed("tune", original_phantom, "--out", out, *search)
    assert (out / "settings.toml").read_text() == settings
    # The motion model alone, which had to show as many modes as were searched, is fitted again, with the same result.
    assert "1 result made, " in succeed("run", original_phantom, "--out", out)
    assert scores(out) == before


def test_a_search_alone_leaves_as_many_modes_as_without_it(tuned: tuple[Path, str]) -> None:
    assert tomllib.loads((tuned[0] / "settings.toml").read_text())["motion"]["modes"] == 3
    assert tomllib.loads((tuned[0] / "tuned.toml").read_text())["motion"]["modes"] == 2


@pytest.mark.parametrize("searched", [("--thin", "2"), ("--trials", "3")])
def test_a_setting_that_is_given_is_not_searched_for(
    searched: tuple[str, ...], original_phantom: Path, tmp_path: Path, address: str
) -> None:
    options = ("--method", "rls", "--horizon", "1", "--modes", "1", "--runs", "1", *searched, "--scheduler", address)
    succeed("tune", original_phantom, "--out", tmp_path / "run", *options, "--set", "forecast.rls.ridge=0.7")
    (entry,) = tomllib.loads((tmp_path / "run/tuned.toml").read_text())["forecast"]["tuned"]
    assert entry["settings"]["ridge"] == 0.7
    rows = list(csv.DictReader((tmp_path / "run/tune/causal/rls/h001/trials.csv").open()))
    assert {row["ridge"] for row in rows} == {"0.7"}
    assert len({row["history_length"] for row in rows}) > 1


def test_the_same_search_again_does_nothing(tuned: tuple[Path, str], original_phantom: Path, address: str) -> None:
    out, _ = tuned
    before = made_at(out)
    printed = succeed(
        "tune", original_phantom, "--out", out, "--modes", "1", "--modes", "2", "--scheduler", address, *GRID
    )
    assert re.search(r"0 searches done in \d+ s, 4 were up to date\.", printed)
    assert made_at(out) == before


def test_no_test_frame_moves_a_choice(
    tuned: tuple[Path, str], original_phantom: Path, tmp_path: Path, address: str
) -> None:
    """The flow of a frame depends on that frame and the reference alone, so all that is tuned must stay as it was."""
    sequence = read_sequence(original_phantom)
    frames = np.array(sequence.frames)
    split = sequence.split
    frames[split.validation_end :] = frames[split.validation_end :][:, ::-1]
    np.savez(
        tmp_path / "breathing.npz",
        frames=frames,
        times_s=sequence.times_s,
        pixel_spacing_mm=np.array(sequence.spacing_mm),
        split=np.array([split.train_end, split.validation_end, split.test_end]),
    )
    out = tmp_path / "run"
    succeed(
        "tune", tmp_path / "breathing.npz", "--out", out, "--modes", "1", "--modes", "2", "--scheduler", address, *GRID
    )
    for path in tuned[0].glob("tune/causal/*/*/*.*"):
        if path.name != "stage.json":
            assert (out / path.relative_to(tuned[0])).read_bytes() == path.read_bytes(), path


def test_optuna_searches_in_place_of_a_grid(original_phantom: Path, tmp_path: Path, address: str) -> None:
    options = ("--method", "nlms", "--horizon", "1", "--trials", "3", "--modes", "2", "--scheduler", address)
    succeed("tune", original_phantom, "--out", tmp_path / "run", *options)
    trials = (tmp_path / "run" / "tune" / "causal" / "nlms" / "h001" / "trials.csv").read_text().splitlines()
    assert len(trials) == 4


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (("--modes", "0"), "--modes must be 1 or more, got [0]"),
        (("--runs", "0"), "--runs must be 1 or more, got 0"),
        (("--trials", "0"), "--trials must be 1 or more, got 0"),
        (("--trials", "3", "--thin", "2"), "--trials and --thin exclude each other"),
        (("--workers", "2", "--scheduler", "tcp://x:1"), "--workers and --scheduler exclude each other"),
        (("--method", "population_transformer"), "tune needs a method with settings to choose, got population_"),
    ],
)
def test_a_search_that_makes_no_sense_is_refused(
    options: tuple[str, ...], sentence: str, original_phantom: Path, tmp_path: Path
) -> None:
    assert sentence in call_cli("tune", original_phantom, "--out", tmp_path / "run", *options).sentence


@pytest.fixture(scope="module")
def published(original_phantom: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A phantom with the flow settings of a paper, and a table as if one had been printed of it."""
    folder = tmp_path_factory.mktemp("published")
    sequence = read_sequence(original_phantom)
    split = sequence.split
    np.savez(
        folder / "phantom-1.npz",
        frames=sequence.frames,
        times_s=sequence.times_s,
        pixel_spacing_mm=np.array(sequence.spacing_mm),
        split=np.array([split.train_end, split.validation_end, split.test_end]),
    )
    block = {"flow": FLOW | {"epsilon_detG": 0.001, "grad_meth": 2}, "offline_train_end": split.train_end + 10}
    (folder / "phantom-1.json").write_text(json.dumps({"published": block}))
    lines = [
        f"PHANTOM,image,{horizon},{horizon / 4},{method},mean_DVF_error_mm,phantom-1,1.0"
        for horizon in (1, 2)
        for method in ("linear regression", "SnAp-1")
    ]
    header = "dataset,region,horizon_frames,horizon_s,method,metric,sequence,value"
    (folder / "tables").mkdir()
    (folder / "tables" / "cine.csv").write_text("\n".join([header, *lines]) + "\n")
    return folder


def test_a_table_is_made_again_beside_the_published_figures(published: Path, tmp_path: Path, address: str) -> None:
    def reproduce() -> str:
        return call_aloud(
            *("reproduce", "cine", "--data", published, "--published", published / "tables", "--out", tmp_path / "out"),
            *("--method", "linear", "--method", "snap1", "--horizon", "2", "--budget", "0.1m", "--scheduler", address),
        ).output

    first = reproduce()
    assert "of 2 figures lie within 3 % of the published ones." in first
    table = (tmp_path / "out" / "cine_published.csv").read_text().splitlines()
    assert [line for line in table if ",dvf_error_mean_mm,1.0," in line]
    page = (tmp_path / "out" / "cine_published.md").read_text()
    assert "non-causal" in page
    assert "| snap1 | 1 |" in page
    before = made_at(tmp_path / "out" / "runs")
    again = reproduce()
    assert "2 cells, 0 to compute" in again
    assert again.splitlines()[1:] == first.splitlines()[1:]
    assert made_at(tmp_path / "out" / "runs") == before


def test_figures_in_mm_are_made_again_when_the_spacing_is_mended(published: Path, tmp_path: Path, address: str) -> None:
    data = tmp_path / "data"
    shutil.copytree(published, data)

    def errors() -> list[float]:
        call_aloud(
            *("reproduce", "cine", "--data", data, "--published", data / "tables", "--out", tmp_path / "out"),
            *("--method", "linear", "--budget", "0.1m", "--scheduler", address),
        )
        with (tmp_path / "out" / "cine_published.csv").open(newline="") as file:
            return [float(row["ours"]) for row in csv.DictReader(file) if row["metric"] == "dvf_error_mean_mm"]

    before = errors()
    with np.load(data / "phantom-1.npz") as file:
        arrays = dict(file)
    np.savez(data / "phantom-1.npz", **arrays | {"pixel_spacing_mm": 2 * arrays["pixel_spacing_mm"]})
    assert errors() == pytest.approx([2 * error for error in before])


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("lungs",), "reproduce takes one of cine, markers, got 'lungs'"),
        (("cine", "--protocol", "best"), "--protocol must be one of causal, published, got 'best'"),
        (("cine", "--budget", "soon"), "--budget must be minutes such as 90m or hours such as 4h, got 'soon'"),
        (("cine", "--method", "magic"), "got 'magic'"),
        (("markers", "--rate", "5"), "--rate must be one of 3.33, 10, 30, got '5'"),
        (("cine",), "must be readable"),
        (("markers",), "must be readable"),
    ],
)
def test_a_reproduction_that_cannot_be_is_refused(arguments: tuple[str, ...], sentence: str, tmp_path: Path) -> None:
    folders = ("--data", tmp_path, "--published", tmp_path, "--out", tmp_path / "out")
    assert sentence in call_cli("reproduce", *arguments, *folders).sentence


def test_what_has_no_published_figure_is_refused_before_any_work(published: Path, tmp_path: Path) -> None:
    def sentence(data: Path, *arguments: object) -> str:
        folders = ("--data", data, "--published", published / "tables", "--out", tmp_path / "out")
        return call_cli("reproduce", "cine", *folders, *arguments).sentence

    assert "at those asked for; --horizon takes 1, 2 (frames)" in sentence(published, "--horizon", 7)
    data = tmp_path / "data"
    data.mkdir()
    for name in ("other.npz", "other.json"):
        shutil.copy(published / f"phantom-1{Path(name).suffix}", data / name)
    assert "got none of other at those asked for; sidecars name a sequence" in sentence(data)
    assert not (tmp_path / "out" / "runs").exists()


@pytest.mark.parametrize("protocol", ["published", "causal"])
def test_a_sequence_with_gaps_is_refused_in_either_protocol(protocol: str, published: Path, tmp_path: Path) -> None:
    """With ``--protocol causal`` the sentence asked for that protocol."""
    data = tmp_path / "data"
    shutil.copytree(published, data)
    with np.load(data / "phantom-1.npz") as file:
        arrays = dict(file)
    kept = np.r_[:30, 33 : len(arrays["frames"])]
    split = arrays.pop("split")
    gaps = {"frames": arrays["frames"][kept], "times_s": arrays["times_s"][kept], "split": split - 3}
    np.savez(data / "phantom-1.npz", **arrays | gaps)
    folders = ("--data", data, "--published", published / "tables", "--out", tmp_path / "out")
    found = call_cli("reproduce", "cine", *folders, "--protocol", protocol, "--method", "linear").sentence
    assert "sequences without gaps, as those of the papers are, got phantom-1.npz, which misses frames" in found


def test_two_sequences_of_one_name_are_refused(published: Path, tmp_path: Path) -> None:
    """The figures of the second stood in the table as those of both."""
    data = tmp_path / "data"
    shutil.copytree(published, data)
    shutil.copy(data / "phantom-1.npz", data / "phantom-2.npz")
    block = json.loads((data / "phantom-1.json").read_text())
    (data / "phantom-2.json").write_text(json.dumps(block | {"name": "phantom-1"}))
    folders = ("--data", data, "--published", published / "tables", "--out", tmp_path / "out")
    found = call_cli("reproduce", "cine", *folders).sentence
    assert "must have different names, got 'phantom-1' for phantom-1.npz and phantom-2.npz" in found


def test_a_rate_without_the_horizons_asked_for_is_left_out(shared: Path, tmp_path: Path) -> None:
    folders = ("--data", tmp_path, "--published", shared / "published", "--out", tmp_path / "out")
    found = call_cli("reproduce", "markers", *folders, "--horizon", "1", "--rate", "30").sentence
    assert "--horizon must be one of the paper's, got others; --horizon takes 3, 6, 9, " in found
    rates = ("--rate", "30", "--rate", "10")
    said = call_cli("reproduce", "markers", *folders, "--horizon", "1", *rates).output
    assert said == "30 Hz is left out: the paper has none of these horizons at that rate.\n"


def test_averages_over_the_same_marker_recordings_are_the_published_ones(shared: Path, tmp_path: Path) -> None:
    """LMS and linear regression, at the settings that grid and validation choose: equal to every digit printed."""
    data = tmp_path / "data"
    data.mkdir()
    for name in IRREGULAR:
        (data / f"{name}.npz").symlink_to(shared / "data" / "markers" / f"{name}.npz")
    succeed(
        *("reproduce", "markers", "--data", data, "--published", shared / "published", "--out", tmp_path / "out"),
        *("--method", "lms", "--method", "linear", "--rate", "3.33", "--workers", "2"),
    )
    page = (tmp_path / "out" / "markers_published.md").read_text()
    assert "| lms | 0.490 / " in page[: page.index("the same recordings")]
    assert "| lms | 0.552 / 0.552 | " in page[page.index("the same recordings") :]
    table = (tmp_path / "out" / "markers_published.csv").read_text().splitlines()
    columns = table[0].split(",")
    rows = [dict(zip(columns, line.split(","), strict=True)) for line in table[1:]]
    assert {row["metric"] for row in rows} >= {"rmse", "nrmse", "mae", "max_error", "jitter"}
    irregular = read_markers(shared / "published" / "markers.json").irregular
    for method in ("lms", "linear"):
        for metric, digit in (("nrmse", 1e-5), ("rmse", 1e-4), ("mae", 1e-4), ("max_error", 1e-3)):
            ours = [float(row["ours"]) for row in rows if (row["method"], row["metric"]) == (method, metric)]
            assert len(ours) == 3 * 7
            expected = irregular[MarkerKey("3.33", method, metric)]
            assert np.mean(ours) == pytest.approx(expected, abs=0.51 * digit), (method, metric)


def test_what_was_reproduced_before_stays_in_the_table(shared: Path, tmp_path: Path, address: str) -> None:
    data = tmp_path / "data"
    data.mkdir()
    (data / "markers-2.npz").symlink_to(shared / "data" / "markers" / "markers-2.npz")
    folders = ("--data", data, "--published", shared / "published", "--out", tmp_path / "out")
    rates = ("--rate", "3.33", "--scheduler", address)
    succeed("reproduce", "markers", *folders, *rates, "--method", "lms")
    succeed("reproduce", "markers", *folders, *rates, "--method", "persistence", "--horizon", "7")
    page = (tmp_path / "out" / "markers_published.md").read_text()
    assert "| persistence (1 of 7 horizons), 3.33 Hz |" in page
    assert "| lms, 3.33 Hz |" in page
    assert "| lms | 0.490 / " in page


def test_data_without_sequences_of_a_paper_are_refused(published: Path, tmp_path: Path) -> None:
    folders = ("--data", tmp_path, "--published", published / "tables", "--out", tmp_path / "out")
    assert "sidecars have a 'published' block" in call_cli("reproduce", "cine", *folders).sentence


def test_one_published_run_of_each_kind_on_real_data(shared: Path, tmp_path: Path, address: str) -> None:
    """Linear regression on eth-1: the modes and the history that the paper chose, and its error to 0.01 %."""
    data = tmp_path / "data"
    data.mkdir()
    (data / "eth-1").symlink_to(shared / "data" / "cine" / "eth-1")
    (data / "eth-1.json").symlink_to(shared / "data" / "cine" / "eth-1.json")
    succeed(
        *("reproduce", "cine", "--data", data, "--published", shared / "published", "--out", tmp_path / "out"),
        *("--method", "linear", "--horizon", "2", "--scheduler", address),
    )
    table = (tmp_path / "out" / "cine_published.csv").read_text().splitlines()
    columns = table[0].split(",")
    rows = [dict(zip(columns, line.split(","), strict=True)) for line in table[1:]]
    assert len(rows) > 5
    for row in rows:
        if row["published"]:
            assert float(row["ours"]) == pytest.approx(float(row["published"]), rel=1e-4), row
