"""Plug-ins: the packages of the docs, built and installed, are in every command; bad ones are named and left out."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Page

from cinecast.phantom import PhantomSettings, make_phantom
from cinecast.phantom.files import write_phantom
from cinecast.store import artifacts as art
from cinecast.store.tables import read_table
from helpers.command_line import ROOT, Outcome, environment

PAGE = (ROOT / "docs" / "plugins.md").read_text(encoding="utf-8")
FORECASTER, FLOW = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
(PROJECT,) = re.findall(r"```toml\n(.*?)```", PAGE, re.DOTALL)
FLOW_POINT = '\n[project.entry-points."cinecast.flows"]\ndis = "my_flow:dis"\n'


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of packages with the forecaster and the flow of the docs, built and installed by pip."""
    source, target = tmp_path_factory.mktemp("source"), tmp_path_factory.mktemp("installed")
    (source / "my_trend.py").write_text(FORECASTER)
    (source / "my_flow.py").write_text(FLOW)
    project = PROJECT.replace('["my_trend"]', '["my_trend", "my_flow"]')
    (source / "pyproject.toml").write_text(project + FLOW_POINT)
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-build-isolation", "--no-index"]
    done = subprocess.run([*pip, "--target", target, source], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return target


LINEAR = ("--method", "linear", "--horizon", "2")


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A phantom's file."""
    out = tmp_path_factory.mktemp("phantom") / "breathing.nii.gz"
    settings = PhantomSettings(rows=64, columns=48, pixel_spacing_mm=(5, 5), frame_count=60, frame_period_s=0.25)
    write_phantom(out, make_phantom(settings))
    return out


def call(packages: Path, *arguments: str | Path, module: str = "cinecast") -> Outcome:
    own = environment()
    own["PYTHONPATH"] = os.pathsep.join([own["PYTHONPATH"], str(packages)])
    command = [sys.executable, "-m", module, *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, env=own, check=False)
    return Outcome(done.returncode, done.stdout, done.stderr)


def succeed(packages: Path, *arguments: str | Path, module: str = "cinecast") -> str:
    outcome = call(packages, *arguments, module=module)
    assert outcome.code == 0, outcome
    assert outcome.errors == "", outcome
    return outcome.output


@pytest.fixture(scope="module")
def finished(installed: Path, source: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A finished run with the forecaster of the package, for reading only."""
    out = tmp_path_factory.mktemp("own") / "run"
    printed = succeed(
        installed, "run", source, "--out", out, "--method", "trend", "--method", "linear", "--horizon", "2"
    )
    assert re.search(r"^ +trend +\d", printed, re.MULTILINE)
    return out


def test_the_template_is_short() -> None:
    lines = [line for line in FORECASTER.splitlines() if line.strip() and "import" not in line]
    assert len(lines) <= 15


def test_it_is_listed_with_its_package(installed: Path) -> None:
    printed = succeed(installed, "methods")
    assert "trend: Trend (deterministic, offline, of my-trend 0.1)" in printed
    assert "dis: flow, of my-trend 0.1 (--set flow.estimator=dis)" in printed


def test_it_keeps_the_contract(installed: Path) -> None:
    printed = succeed(installed, "trend", module="cinecast_models.check")
    assert re.search(r"^trend keeps all \d+ laws\.$", printed, re.MULTILINE)


def test_its_flow_keeps_the_laws_of_flows(installed: Path) -> None:
    printed = succeed(installed, "dis", module="cinecast_models.check")
    assert re.search(r"^dis keeps all \d+ laws\.$", printed, re.MULTILINE)


def test_it_forecasts_what_it_says(finished: Path) -> None:
    """The plain form: the slope over the history, times what it led to in the train span."""
    forecasts = art.load_forecast(finished / "forecast/trend/h002", 60)[0]
    weights = art.load_weights(finished / "motion/train_0020")[:, : forecasts.shape[1]]  # more modes are fitted
    mean, scale = weights[:20].mean(axis=0), weights[:20].std(axis=0)
    samples = (weights - mean) / scale
    ends = np.arange(11, 18)
    slopes, moves = samples[ends] - samples[ends - 11], samples[ends + 2] - samples[ends]
    gain = (slopes * moves).sum(axis=0) / (slopes**2).sum(axis=0)
    for t in range(40, 60):
        expected = samples[t - 2] + gain * (samples[t - 2] - samples[t - 13])
        np.testing.assert_allclose(forecasts[t], expected * scale + mean, rtol=1e-6, atol=1e-9)


def test_scores_and_report_have_it(finished: Path, open_page: Callable[[Path], Page]) -> None:
    protocols = {row["protocol"] for row in read_table(finished / "score/scores.csv") if row["method"] == "trend"}
    assert protocols == {"causal"}
    page = open_page(finished / "report/index.html")
    assert page.locator('tr[data-method="trend"] th').first.text_content() == "Trend"  # laid out last


def test_figure_live_and_batch_have_it(installed: Path, source: Path, finished: Path, tmp_path: Path) -> None:
    succeed(installed, "figure", finished, "--what", "horizons", "--out", tmp_path / "f.png")
    assert (tmp_path / "f.png").stat().st_size
    printed = succeed(
        installed, "live", source, "--out", tmp_path / "live", "--method", "trend", "--horizon", "2", "--rate", "max"
    )
    assert "trend" in printed
    succeed(
        installed, "batch", source, "--out", tmp_path / "runs", "--method", "trend", "--horizon", "2", "--workers", "1"
    )
    assert "trend" in {row["method"] for row in read_table(tmp_path / "runs/summary.csv")}


def test_a_run_whose_package_is_gone_says_so(source: Path, finished: Path, tmp_path: Path) -> None:
    del finished
    sentence = call(tmp_path, "run", source, "--out", tmp_path / "run", "--method", "trend").sentence
    assert "a method of forecast.methods (--method) must be one of" in sentence
    sets = ("--set", "flow.estimator=dis", "--method", "linear", "--horizon", "2")
    sentence = call(tmp_path, "run", source, "--out", tmp_path / "run", *sets).sentence
    assert "flow.estimator must be one of lucas_kanade, got 'dis'; install the package that adds it" in sentence
    sentence = call(tmp_path, "live", source, "--out", tmp_path / "live", "--rate", "max", *sets[:2]).sentence
    assert "flow.estimator must be one of lucas_kanade" in sentence


def test_a_flow_measures_the_motion_of_run_and_live(installed: Path, source: Path, tmp_path: Path) -> None:
    sets = ("--set", "flow.estimator=dis", "--method", "linear", "--horizon", "2")
    succeed(installed, "run", source, "--out", tmp_path / "run", *sets)
    dvf = art.load_array(tmp_path / "run/flow/dvf.npy")
    sequence = art.load_sequence(tmp_path / "run/frames")
    made: dict[str, Callable[..., Callable[..., object]]] = {}
    exec(FLOW, made)  # the docs' own text
    (reference,) = np.flatnonzero(~np.any(dvf, axis=(1, 2, 3)))
    np.testing.assert_array_equal(dvf[50], made["dis"](sequence.frames[reference])(sequence.frames[50]))
    errors = {
        row["method"]: float(row["value"])
        for row in read_table(tmp_path / "run/score/scores.csv")
        if row["metric"] == "dvf_error_mean_mm" and row["region"] == "image"
    }
    assert errors["oracle"] < errors["linear"]
    assert "Nothing to do" in succeed(installed, "run", source, "--out", tmp_path / "run")
    succeed(installed, "live", source, "--out", tmp_path / "live", "--rate", "max", *sets)


def add(folder: Path, name: str, code: str, points: str) -> None:
    """Put a package into a folder, as an installer leaves it."""
    (folder / f"{name}.py").write_text(code)
    facts = folder / f"{name}-1.0.dist-info"
    facts.mkdir()
    (facts / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
    (facts / "entry_points.txt").write_text(points)


def test_bad_plugins_are_named_and_the_rest_goes_on(installed: Path, source: Path, tmp_path: Path) -> None:
    for entry in installed.iterdir():
        (tmp_path / entry.name).symlink_to(entry)
    method = "[cinecast.methods]\n"
    add(tmp_path, "crashes", "raise SystemExit('no licence')", f"{method}crashes = crashes:it\n")
    add(tmp_path, "absent", "import no_such_library", f"{method}absent = absent:it\n")
    add(tmp_path, "taken", FORECASTER.replace('"trend"', '"rls"'), f"{method}rls = taken:trend\n")
    add(tmp_path, "twice", FORECASTER, f"{method}trend = twice:trend\n")
    add(tmp_path, "renamed", FORECASTER, f"{method}other = renamed:trend\n")
    add(tmp_path, "number", "it = 3", f"{method}number = number:it\n[cinecast.flows]\nthree = number:it\n")
    add(tmp_path, "spaced", "it = 3", f"{method}../up = spaced:it\n")
    lacking = FORECASTER.replace("(ArrayForecaster)", "").replace('"trend"', '"lacking"')
    add(tmp_path, "lacking", lacking, f"{method}lacking = lacking:trend\n")
    outcome = call(tmp_path, "methods")
    assert outcome.code == 0
    assert "trend: Trend (deterministic, offline, of my-trend 0.1)" in outcome.output
    for words in (
        "the plug-in crashes of crashes 1.0 (cinecast.methods) must be importable, got SystemExit: no licence",
        "the plug-in absent of absent 1.0 (cinecast.methods) must be importable, got ModuleNotFoundError",
        "the plug-in rls of taken 1.0 (cinecast.methods) must have a name of its own, got one that exists",
        "the plug-in trend of twice 1.0 (cinecast.methods) must have a name of its own, got that of my-trend 0.1",
        "the plug-in other of renamed 1.0 (cinecast.methods) must have its name as `method`",
        "the plug-in number of number 1.0 (cinecast.methods) must be a cinecast_models.Method, got int",
        "the plug-in ../up of spaced 1.0 (cinecast.methods) must have a name of small letters",
        "the plug-in lacking of lacking 1.0 (cinecast.methods) must keep the contract of Forecaster, got",
        "the plug-in three of number 1.0 (cinecast.flows) must be callable with a reference frame, got int",
    ):
        assert words in outcome.errors
    assert len(outcome.errors.splitlines()) == 9
    ran = call(tmp_path, "run", source, "--out", tmp_path / "run", "--method", "trend", "--horizon", "2")
    assert ran.code == 0, ran


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ("np.zeros(reference.shape)", "got shape (64, 48) from bad of bad_flow 1.0"),
        ("np.full((*reference.shape, 2), np.nan)", "got numbers that are not finite from bad of bad_flow 1.0"),
    ],
)
def test_a_flow_that_returns_something_else_is_named(source: Path, tmp_path: Path, body: str, words: str) -> None:
    code = f"import numpy as np\ndef bad(reference):\n    return lambda frame: {body}\n"
    add(tmp_path, "bad_flow", code, "[cinecast.flows]\nbad = bad_flow:bad\n")
    outcome = call(tmp_path, "run", source, "--out", tmp_path / "run", "--set", "flow.estimator=bad", *LINEAR)
    assert outcome.code == 2
    assert words in outcome.errors


def test_a_flow_that_fails_is_named(source: Path, tmp_path: Path) -> None:
    code = "def bad(reference):\n    return lambda frame: reference[1000, 0]\n"
    add(tmp_path, "bad_flow", code, "[cinecast.flows]\nbad = bad_flow:bad\n")
    for command in (("run",), ("live", "--rate", "max")):
        out = tmp_path / command[0]
        outcome = call(tmp_path, *command, source, "--out", out, "--set", "flow.estimator=bad", *LINEAR)
        assert outcome.code == 2
        assert "a flow must measure every frame of a sequence, got IndexError: " in outcome.sentence
        assert "(bad_flow line 2) in bad of bad_flow 1.0; choose another flow.estimator" in outcome.sentence


@pytest.fixture(scope="module")
def failing(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a package whose forecaster fails on histories of one sample, and otherwise in its shape."""
    folder = tmp_path_factory.mktemp("failing")
    slope = FORECASTER.replace('"trend"', '"slope"').replace("histories[:, 0]", "histories[:, -2]")
    shape = FORECASTER.replace('"trend"', '"shape"').replace("[np.newaxis]", "")
    for name, code in (("slope", slope), ("shape", shape)):
        add(folder, f"my_{name}", code, f"[cinecast.methods]\n{name} = my_{name}:trend\n")
    return folder


def test_a_forecaster_that_fails_is_named_and_the_rest_is_kept(failing: Path, source: Path, tmp_path: Path) -> None:
    options = ("--out", tmp_path / "run", "--method", "slope", "--horizon", "2")
    assert call(failing, "run", source, *options).code == 0
    kept = {file: file.read_bytes() for file in (tmp_path / "run/forecast").rglob("*") if file.is_file()}
    assert kept
    outcome = call(failing, "run", source, *options, "--method", "shape")
    assert outcome.code == 2
    assert "got shape (3,) from shape of my_shape 1.0; leave it out" in outcome.sentence
    assert {file: file.read_bytes() for file in kept} == kept


@pytest.mark.parametrize("command", ["run", "live", "series", "tune"])
def test_every_command_names_the_package_of_a_fault(failing: Path, source: Path, tmp_path: Path, command: str) -> None:
    short = ("--method", "slope", "--set", "slope.history_length=1", "--horizon", "2")
    if command == "series":
        source = tmp_path / "trace.csv"
        source.write_text("x\n" + "".join(f"{np.sin(t)}\n" for t in range(90)))
        short += ("--sample-rate", "10")
    if command == "live":
        short += ("--rate", "max")
    outcome = call(failing, command, source, "--out", tmp_path / "out", *short)
    assert outcome.code == 2
    words = r"got IndexError: .* \(my_slope line \d+\) in fit of slope of my_slope 1\.0; change the settings of slope, "
    assert re.fullmatch(f"cinecast: a method must .*{words}.*\n", outcome.errors)


def test_a_least_history_is_asked_for_as_the_page_says(source: Path, tmp_path: Path) -> None:
    (least,) = re.findall(r"`(history_length: Annotated\[int, Range\(2\)\] = 12)`", PAGE)
    code = FORECASTER.replace('    method: ClassVar[str] = "trend"', f'    method: ClassVar[str] = "long"\n    {least}')
    imports = "from typing import Annotated\nfrom cinecast_models.setting_rules import Range\n"
    add(tmp_path, "my_long", imports + code, "[cinecast.methods]\nlong = my_long:trend\n")
    options = ("--method", "long", "--horizon", "2", "--set", "long.history_length=1")
    outcome = call(tmp_path, "run", source, "--out", tmp_path / "run", *options)
    assert outcome.code == 2
    assert re.search(r"history_length.* must be .*2.*, got 1", outcome.sentence)


def test_the_check_prints_help(tmp_path: Path) -> None:
    printed = succeed(tmp_path, "--help", module="cinecast_models.check")
    assert "python -m cinecast_models.check NAME" in printed
