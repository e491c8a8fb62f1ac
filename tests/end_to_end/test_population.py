"""`cinecast population` from runs and files to a model, and what is forecast with it."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import numpy as np
import pytest

from cinecast.frames import read_sequence
from cinecast.phantom import PhantomSettings, make_phantom
from cinecast.phantom.files import write_phantom
from cinecast.store import artifacts as art
from cinecast.store.tables import write_table
from cinecast_models import forecast_series, method_settings
from cinecast_models.population.file import load_population
from helpers.command_line import call_cli, digests, made_at, redone, scores, succeed
from helpers.populations import waves

QUICK = [
    part
    for each in ("epochs=2", "layers=1", "head_width=2", "feedforward=4", "history_length=6", "learning_rate=0.01")
    for part in ("--set", each)
]
TRAIN = (*QUICK, "--models", "2")
SETTING = "forecast.population_transformer.model="
FEW = ("--method", "population_transformer", "--horizon", "2")


@pytest.fixture(scope="module")
def model(original_run: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model for horizons of 1 and 2 frames, trained on the finished run; for reading only."""
    out = tmp_path_factory.mktemp("models") / "breathing"
    succeed("population", original_run, "--out", out, "--horizon", "0.25s", "--horizon", "2", "--rate", "4", *TRAIN)
    return out


@pytest.fixture(scope="module")
def other_phantom(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Another phantom than the one that the model has seen."""
    settings = PhantomSettings(
        rows=48, columns=40, pixel_spacing_mm=(6, 6), frame_count=60, frame_period_s=0.25, seed=77
    )
    out = tmp_path_factory.mktemp("other") / "other.nii.gz"
    write_phantom(out, make_phantom(settings))
    return out


@pytest.fixture(scope="module")
def forecast_run(other_phantom: Path, model: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A finished run of the other phantom with the model; for reading only."""
    out = tmp_path_factory.mktemp("forecast") / "run"
    succeed("run", other_phantom, "--out", out, *FEW, "--horizon", "1", "--set", f"{SETTING}{model}")
    return out


def trace(path: Path, seed: int, *, columns: int = 3, samples: int = 120, rate: float = 4.0) -> Path:
    names = [f"c{k}" for k in range(columns)]
    rows = np.column_stack([np.arange(samples) / rate, waves(samples, columns, seed)])
    write_table(path, ("time_s", *names), rows.tolist())
    return path


# Training


def test_what_is_printed_and_saved(original_run: Path, tmp_path: Path) -> None:
    beside = trace(tmp_path / "belt.csv", 1, rate=5.0)
    out = tmp_path / "models" / "h2.safetensors"
    printed = succeed("population", original_run, beside, "--out", out, "--horizon", "0.5s", "--rate", "4", *TRAIN)
    lines = printed.splitlines()
    assert lines[0] == "breathing: 60 samples of 3 component(s) at 4 Hz"
    assert lines[1] == "belt: 120 samples of 3 component(s) at 5 Hz"
    assert lines[2].startswith("horizon 2 (0.50 s), 2 model(s): RMSE over the held-out fifths ")
    assert lines[3] == f"Model: {out}"
    population = load_population(out)
    assert f" {np.sqrt(population.errors).mean():.3f} (" in lines[2]
    assert f"persistence {np.sqrt(population.persistence_error):.3f}, in standard deviations; " in lines[2]
    assert (population.settings.horizon, population.components, population.target_rate) == (2, 3, 4.0)
    assert [(each.name, each.samples, each.rate_hz) for each in population.trained_on] == [
        ("breathing", 60, 4.0),
        ("belt", 120, pytest.approx(5.0)),
    ]
    assert len(population.parameters) == 2


def test_several_horizons_are_a_folder_and_the_same_command_gives_the_same_bytes(
    original_run: Path, model: Path, tmp_path: Path
) -> None:
    assert sorted(path.name for path in model.iterdir()) == ["h001.safetensors", "h002.safetensors"]
    assert [load_population(path).settings.horizon for path in sorted(model.iterdir())] == [1, 2]
    succeed("population", original_run, "--out", tmp_path / "m", "--horizon", "2", "--rate", "4", *TRAIN)
    assert digests(tmp_path / "m")["h002.safetensors"] == digests(model)["h002.safetensors"]
    other = tmp_path / "seed.safetensors"
    succeed("population", original_run, "--out", other, "--horizon", "2", "--rate", "4", *TRAIN, "--seed", "1")
    assert load_population(other).digest != load_population(model / "h002.safetensors").digest


def test_runs_give_their_first_weights_and_files_the_columns_chosen(original_run: Path, tmp_path: Path) -> None:
    belt, out = trace(tmp_path / "belt.csv", 1), tmp_path / "m.safetensors"
    options = ["--components", "2", "--column", "c2", "--column", "c0", "--horizon", "1", "--rate", "4", *TRAIN]
    succeed("population", original_run, belt, "--out", out, *options)
    assert load_population(out).components == 2


# Forecasting


def test_a_run_holds_the_librarys_forecasts(forecast_run: Path, model: Path) -> None:
    weights = art.load_weights(forecast_run / art.motion_key(20))[:, :3]
    own = method_settings("population_transformer", {"model": model}).loaded()
    for horizon in (1, 2):
        expected = forecast_series(
            weights, method="population_transformer", settings=own, horizon=horizon, train_end=20, runs=5
        )
        assert expected.runs == 2
        folder = forecast_run / art.method_key("forecast", "population_transformer", horizon)
        np.testing.assert_array_equal(art.load_forecast(folder, 60), expected.forecasts)
    assert {row["runs"] for row in scores(forecast_run) if row["method"] == "population_transformer"} == {"2"}


def test_a_model_that_lies_elsewhere_changes_nothing_and_one_trained_anew_all_that_follows(
    other_phantom: Path, forecast_run: Path, model: Path, original_run: Path, tmp_path: Path
) -> None:
    run, moved = tmp_path / "run", tmp_path / "moved"
    shutil.copytree(forecast_run, run)
    shutil.copytree(model, moved)
    before = made_at(run)
    succeed("run", other_phantom, "--out", run, "--set", f"{SETTING}{moved}")
    assert redone(before, run) == {"report"}  # it shows the settings
    again = moved / "h002.safetensors"
    succeed("population", original_run, "--out", again, "--horizon", "2", "--rate", "4", *TRAIN, "--seed", "9")
    before = made_at(run)
    succeed("run", other_phantom, "--out", run)
    stages = {f"{stage}/population_transformer/h002" for stage in ("forecast", "score")}
    assert redone(before, run) == {*stages, "report"}
    before = made_at(run)
    succeed("run", other_phantom, "--out", run, "--set", "forecast.population_transformer.fine_tune_epochs=1")
    assert "forecast/population_transformer/h001" in redone(before, run)


def test_a_run_keeps_the_path_whatever_the_folder_of_the_command(
    other_phantom: Path, forecast_run: Path, model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(forecast_run, tmp_path / "run")
    monkeypatch.chdir(model.parent)
    succeed("run", other_phantom, "--out", tmp_path / "run", "--set", f"{SETTING}{model.name}/*.safetensors")
    monkeypatch.chdir(tmp_path)
    assert "Nothing to do" in succeed("run", other_phantom, "--out", tmp_path / "run")


def test_a_path_in_a_settings_file_is_relative_to_that_file(
    other_phantom: Path, forecast_run: Path, model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(forecast_run, tmp_path / "run")
    own = tmp_path / "study"
    shutil.copytree(model, own / model.name)
    settings = (tmp_path / "run" / "settings.toml").read_text()
    (line,) = [line for line in settings.splitlines() if line.startswith("model = ")]
    (own / "settings.toml").write_text(settings.replace(line, f'model = "{model.name}"'))
    monkeypatch.chdir(tmp_path)
    succeed("run", other_phantom, "--out", tmp_path / "run", "--settings", own / "settings.toml")
    assert f'model = "{own / model.name}"' in (tmp_path / "run" / "settings.toml").read_text()


def test_the_sequence_of_the_training_is_refused_under_another_name(
    original_phantom: Path, model: Path, tmp_path: Path
) -> None:
    # Without its sidecar, which has its name.
    copy = Path(shutil.copy2(original_phantom, tmp_path / "unknown.nii.gz"))
    options = ("--out", tmp_path / "run", *FEW, "--set", f"{SETTING}{model}")
    sentence = call_cli("run", copy, *options).sentence
    assert "must forecast what its model has never seen, got unknown, which is breathing of the training" in sentence
    sequence = read_sequence(original_phantom)
    frames, times_s = sequence.frames[3:], sequence.times_s[3:]
    np.savez(tmp_path / "part.npz", frames=frames, times_s=times_s, pixel_spacing_mm=sequence.spacing_mm)
    sentence = call_cli("run", tmp_path / "part.npz", *options[:1], tmp_path / "other", *options[2:]).sentence
    assert "got part, which is breathing of the training" in sentence


def test_a_series_is_forecast_and_a_series_of_the_training_refused(tmp_path: Path) -> None:
    seen, new, out = trace(tmp_path / "a.csv", 1), trace(tmp_path / "b.csv", 2), tmp_path / "m.safetensors"
    succeed("population", seen, "--out", out, "--horizon", "1", "--rate", "2", *TRAIN)
    options = ("--method", "population_transformer", "--horizon", "1", "--set", f"population_transformer.model={out}")
    succeed("series", new, "--out", tmp_path / "out", *options, "--every", "2")
    text = (tmp_path / "out" / "settings.toml").read_text()
    assert f'model = "{out}"' in text
    assert (tmp_path / "out" / "forecast" / "population_transformer" / "h001" / "mean.csv").is_file()
    before = made_at(tmp_path / "out")
    succeed("population", seen, "--out", out, "--horizon", "1", "--rate", "2", *TRAIN, "--seed", "3")
    succeed("series", new, "--out", tmp_path / "out", *options, "--every", "2")
    assert redone(before, tmp_path / "out") == {"forecast/population_transformer/h001", "report"}
    shutil.copy(seen, tmp_path / "copy.csv")
    columns = [part for name in ("c2", "c0", "c1") for part in ("--column", name)]
    sentence = call_cli(
        "series", tmp_path / "copy.csv", "--out", tmp_path / "no", *options, "--rate", "2", *columns
    ).sentence
    assert "must forecast what its model has never seen, got copy, which is a of the training" in sentence


def test_a_series_with_a_lost_sample_and_one_that_was_cut_are_known_again(tmp_path: Path) -> None:
    # The one was known by its gap when it was forecast, and by what fills the gap when it was trained on.
    seen, out = trace(tmp_path / "a.csv", 1), tmp_path / "m.safetensors"
    lines = seen.read_text().splitlines()
    lines[40] = ",".join([*lines[40].split(",")[:-1], ""])
    seen.write_text("\n".join(lines))
    succeed("population", seen, "--out", out, "--horizon", "1", "--rate", "4", *TRAIN)
    options = ("--method", "population_transformer", "--horizon", "1", "--set", f"population_transformer.model={out}")
    for name, rows in (("copy", slice(None)), ("cut", slice(30, None))):
        copy = tmp_path / f"{name}.csv"
        copy.write_text("\n".join([lines[0], *lines[1:][rows]]))
        sentence = call_cli("series", copy, "--out", tmp_path / "no", *options).sentence
        assert f"must forecast what its model has never seen, got {name}, which is a of the training" in sentence


# What is drawn of a run that has it


def test_a_run_with_it_is_reported_compared_and_drawn(other_phantom: Path, forecast_run: Path, tmp_path: Path) -> None:
    printed = succeed("report", forecast_run, "--out", tmp_path / "page")
    assert "Left out" not in printed
    assert 'data-method="population_transformer"' in (tmp_path / "page" / "index.html").read_text()
    beside = tmp_path / "linear"
    succeed("run", other_phantom, "--out", beside, "--method", "linear", "--horizon", "1")
    assert "Left out" not in succeed("compare", forecast_run, beside, "--out", tmp_path / "both")
    options = ("--what", "weights", "--method", "population_transformer")
    succeed("figure", forecast_run, "--out", tmp_path / "weights.svg", *options)


def test_a_model_that_is_gone_hides_its_own_method_alone(other_phantom: Path, model: Path, tmp_path: Path) -> None:
    moved = Path(shutil.copytree(model, tmp_path / "moved"))
    run = tmp_path / "run"
    succeed("run", other_phantom, "--out", run, *FEW, "--method", "linear", "--set", f"{SETTING}{moved}")
    shutil.rmtree(moved)
    (said,) = (line for line in succeed("report", run).splitlines() if line.startswith("Left out: "))
    assert said.startswith("Left out: population_transformer: population_transformer.model must name a model file")
    page = (run / "report" / "index.html").read_text()
    assert said.removeprefix("Left out: ").partition(",")[0] in page
    assert 'data-method="linear"' in page
    assert 'data-method="population_transformer"' not in page
    succeed("figure", run, "--what", "weights", "--out", tmp_path / "weights.svg")
    shutil.copytree(model, moved)
    succeed("run", other_phantom, "--out", run)  # the report of what could be read is not taken for a whole one
    assert 'data-method="population_transformer"' in (run / "report" / "index.html").read_text()


# Guards

GIVEN = "--horizon 1 --rate 4"
BAD = [
    ("{csv} {run} --components 0", "--components must be 1 or more, got 0"),
    ("{csv} --rate 0", "--rate must be a positive number of Hz, got 0.0"),
    ("{csv} --rate inf", "--rate must be a positive number of Hz, got inf"),
    ("{csv} --horizon 0", "a horizon must be at least one frame (0.25 s here), got '0'"),
    ("{csv} --horizon 0.1s", "a horizon must be at least one frame"),
    ("{csv} --models 0", "runs must be 1 or more, got 0"),
    ("{csv} --seed -1", "seed must be 0 or more, got -1"),
    ("{csv} --horizon 2", "--out must be a folder for several horizons, got the file"),
    ("{csv} --set epochs", "--set takes NAME=VALUE, such as epochs=100, got 'epochs'"),
    ("{csv} --set population.epochs=1", "--set takes NAME=VALUE"),
    ("{csv} --set epoch=3", "a setting of the training must be one of history_length, learning_rate"),
    ("{csv} --set horizon=3", "a setting of the training must be one of history_length, learning_rate"),
    ("{csv} --set epochs=0", "population.epochs must be a whole number from 1 to 100000, got 0"),
    ("{csv} --set history_length=60", "history_length + horizon must fit into a fifth of some sequence, got 61 frames"),
    ("nowhere", "there is no file nowhere"),
    ("{folder}", "a folder to learn from must be a run, got"),
    ("{series}", "a run to learn from must be finished, got frames missing"),
    ("{unfinished}", "a run to learn from must be finished, got motion/train_0020 missing"),
    ("{damaged}", "a run to learn from must be finished, got motion/train_0020 damaged"),
    ("{run} --components 13", "as many modes as the model has components, 13, got 12"),
    ("{csv} {narrow}", "the same number of components, got 3 in belt, 2 in narrow; choose with"),
    ("{run} {narrow}", "the same number of components, got 3 in breathing, 2 in narrow; choose with"),
    ("{csv} --components 2", "a file must have --components 2 columns besides its times, got 3 in belt.csv"),
    ("{csv} {csv}", "a sequence must be given once, got belt, which holds the same as belt"),
    ("{csv} --column c9", "--column must name a column of belt.csv, got 'c9'"),
]


@pytest.fixture(scope="module")
def inputs(original_run: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Files and folders by the names that `BAD` has for them."""
    root = tmp_path_factory.mktemp("inputs")
    (root / "folder").mkdir()
    csv = trace(root / "belt.csv", 1)
    succeed("series", csv, "--out", root / "series", "--method", "linear", "--horizon", "1")
    for name in ("unfinished", "damaged"):
        shutil.copytree(original_run, root / name)
    shutil.rmtree(root / "unfinished" / "motion")
    with (root / "damaged" / "motion" / "train_0020" / "weights.csv").open("a") as file:
        file.write("60,15.0,1,1,1\n")
    made = {name: root / name for name in ("folder", "series", "unfinished", "damaged")}
    return made | {"csv": csv, "narrow": trace(root / "narrow.csv", 2, columns=2), "run": original_run}


@pytest.mark.parametrize(("given", "rule"), BAD, ids=[given for given, _ in BAD])
def test_a_bad_input_is_one_sentence(inputs: dict[str, Path], tmp_path: Path, given: str, rule: str) -> None:
    out = tmp_path / "m.safetensors"
    options = given.format(**inputs).split()
    outcome = call_cli("population", *GIVEN.split(), *options, "--out", out)
    assert outcome.code == 2, outcome
    (sentence,) = outcome.errors.splitlines()[-1:]
    assert rule in sentence
    assert "Traceback" not in outcome.errors
    assert not out.exists()


def test_an_output_that_cannot_be_written(inputs: dict[str, Path], tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    out = tmp_path / "file" / "m.safetensors"
    outcome = call_cli("population", inputs["csv"], *GIVEN.split(), "--out", out, *QUICK)
    assert outcome.code == 2
    assert "a model needs a usable folder, got" in outcome.errors


def test_without_torch_it_says_what_to_install(
    inputs: dict[str, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "torch", None)
    sentence = call_cli("population", inputs["csv"], *GIVEN.split(), "--out", tmp_path / "m").sentence
    assert (
        "population needs torch, got a Python without it; in the folder of cinecast, install it with: pip install"
        in sentence
    )


@pytest.mark.parametrize(
    ("options", "rule"),
    [
        (["--horizon", "3"], "needs a model for the horizon, got 3 frames for models of 1, 2 frames"),
        (["--set", "motion.modes=2"], "as many components as its model was trained on, got 2 in other for 3"),
        (["--frame-period", "0.3"], "within 5 %, got 3.333 Hz in other for 4 Hz"),
        (["--set", f"{SETTING}nowhere"], "must name a model file, a folder of them or a pattern, got"),
        (["--set", f"{SETTING}3"], "population_transformer.model must be a model file, a folder of them or a pattern"),
        (["--set", f'{SETTING}""'], "population_transformer needs a trained model, got none"),
        (["--set", "forecast.population_transformer.history_length=7"], "must be that of a model, got 7 for 6"),
    ],
    ids=lambda value: str(value)[:40],
)
def test_a_model_that_does_not_serve_is_one_sentence_and_loses_nothing(
    other_phantom: Path, forecast_run: Path, tmp_path: Path, options: list[str], rule: str
) -> None:
    run = tmp_path / "run"
    shutil.copytree(forecast_run, run)
    before = digests(run)
    assert rule in call_cli("run", other_phantom, "--out", run, *options).sentence
    assert digests(run) == before
