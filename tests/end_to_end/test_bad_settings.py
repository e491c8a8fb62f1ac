"""Settings and output folders that cannot be used: one sentence, exit code 2, and a finished run stays as it was."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from cinecast.store import RunFolder
from helpers.command_line import OPTIONS, call_cli, digests, run_cli, succeed

NUMBER = "9" * 5000
BAD_OPTIONS = [
    (["--set", f"flow.levels={NUMBER}"], "one for flow.levels where a number has thousands of digits", "got one"),
    (["--set", f"flow.sigma_init=0x{NUMBER}"], "a whole number has more digits than 64 bits hold", "got one"),
    (["--set", "flow.levels=" + "[" * 5000], "lists or tables are nested too deep", "got one"),
    (["--set", "flow.levels=" + "[" * 300 + "]" * 300], "flow.levels must be", "... (600 characters)"),
    (["--set", f"flow.{'flow.' * 5000}levels=3"], "--set takes STAGE.NAME=VALUE", " characters)"),
    (["--set", "forecast.runs=100000000000"], "forecast.runs must be a whole number from 1 to 1000", "got 1000"),
    (["--set", f"flow.x{NUMBER}=3"], "a setting of flow must be one of", "... (5001 characters)"),
    (["--set", f'target.files=["{NUMBER}"]'], "a mask must be a file, got nothing", " characters); check the path"),
    (["--horizon", "30"], "a horizon must be at most 21 frames", "got 30"),
    (["--horizon", "abc"], "a horizon must be a number of frames", "got 'abc'"),
    (["--horizon", "0"], "at least one frame (0.25 s here)", "got '0'"),
    (["--horizon=-1"], "a horizon must be a number of frames", "got '-1'"),
    (
        ["--set", "forecast.linear.history_length=19"],
        "must fit into the train span of 20 frames",
        "got 19 + 2 frames",
    ),
    (["--method", "snap2"], "did you mean snap1?", "got 'snap2'"),
    (["--set", "flow.level=3"], "did you mean levels?", "got 'level'"),
    (["--set", "flo.levels=3"], "did you mean flow?", "got 'flo'"),
    (["--set", "forecast.snap1.hidden_unit=3"], "did you mean hidden_units?", "got 'hidden_unit'"),
    (["--set", "forecast.snap1.hidden_units=0"], "snap1.hidden_units must be", "got 0"),
    (["--set", "flow.levels"], "--set takes STAGE.NAME=VALUE", "got 'flow.levels'"),
    (["--set", "flow.levels=three"], "flow.levels must be a whole number", "got 'three'"),
    (["--set", "flow.levels=2.5"], "flow.levels must be a whole number", "got 2.5"),
    (["--set", "flow.levels=true"], "flow.levels must be a whole number", "got True"),
    (["--set", "flow.sigma_window=nan"], "flow.sigma_window must be a number of pixels above 0", "got nan"),
    (["--set", "flow.levels=8"], "flow.levels must leave", "got 8"),
    (["--set", "flow.reference=20"], "flow.reference must lie in the train span of 20 frames", "got frame 20"),
    (["--set", "motion.modes=20"], "motion.modes must be below the 20 frames", "got 20"),
    (["--set", "motion.offline_train_end=41"], "motion.offline_train_end must be 20 to 40 frames", "got 41"),
    (["--set", "frames.train_end=50"], "the split must satisfy", "got 50, 40, 60"),
    (
        ["--set", "frames.longest_gap_s=3601"],
        "frames.longest_gap_s must be a number of seconds from 0 to 3600",
        "got 3601",
    ),
    (["--set", "forecast.runs=-1"], "forecast.runs must be a whole number from 1 to 1000", "got -1"),
    (["--workers", "0"], "--workers must be 1 or more", "got 0"),
    (["--workers", "many"], "Invalid value for '--workers'", "see 'cinecast run --help'"),
    (["--frame-period", "0"], "(--frame-period) must be a number of seconds from 1e-06 to 1e+06", "got 0.0"),
    (["--pixel-spacing", "1,2,3"], "--pixel-spacing takes one number of mm, or two", "got '1,2,3'"),
    (["--from", "floww"], "--from must name one of the stages frames, flow", "got 'floww'"),
    (["--only", "flows"], "--only must name one of the stages frames, flow", "got 'flows'"),
    (["--only", "flow", "--from", "flow"], "--from and --only exclude each other", "got both"),
    (["--preset", "nonsense"], "a preset must be one of default, published", "got 'nonsense'"),
    (["--preset", "published"], "in the 'published' block of the sidecar", "got none in breathing.json"),
]

# The phantom is too short for the default method.
LINEAR = ("--method", "linear")


@pytest.mark.parametrize(("options", "rule", "value"), BAD_OPTIONS, ids=lambda value: str(value)[:40])
def test_a_bad_option_loses_nothing(
    original_phantom: Path, run: Path, options: list[str], rule: str, value: str
) -> None:
    before = digests(run)
    sentence = call_cli("run", original_phantom, "--out", run, *options).sentence
    assert rule in sentence
    assert value in sentence
    assert digests(run) == before


def test_an_unknown_option_loses_nothing(original_phantom: Path, run: Path) -> None:
    before = digests(run)
    sentence = call_cli("run", original_phantom, "--out", run, "--no-such-option").sentence
    # The typed command line quotes the name or not, by version.
    assert re.fullmatch(r"cinecast: No such option:? ('?)--no-such-option\1; see 'cinecast run --help'", sentence)
    assert digests(run) == before


def test_a_setting_that_failed_is_not_kept(original_phantom: Path, run: Path, tmp_path: Path) -> None:
    assert "flow.levels" in call_cli("run", original_phantom, "--out", run, "--set", "flow.levels=8").sentence
    assert "Nothing to do" in succeed("run", original_phantom, "--out", run)
    new = tmp_path / "new"
    assert "flow.levels" in call_cli("run", original_phantom, *LINEAR, "--out", new, "--set", "flow.levels=8").sentence
    assert not (new / "settings.toml").exists()


def test_a_divergence_of_every_run_names_the_method(original_phantom: Path, run: Path) -> None:
    wild = ["--set", "forecast.lms.learning_rate=10", "--set", "forecast.lms.clip_norm=1e300"]
    sentence = call_cli("run", original_phantom, "--out", run, "--method", "lms", *wild).sentence
    assert "forecasts of lms must stay below" in sentence
    assert "got a divergence of every run" in sentence
    assert "Nothing to do" in succeed("run", original_phantom, "--out", run, *OPTIONS)


@pytest.mark.parametrize(
    ("content", "rule"),
    [
        (None, "the settings file must be readable, got No such file or directory"),
        ("[flow\n", "the settings file must be TOML"),
        (b"\xff\xfe", "the settings file must be TOML"),
        ("flow = 3\n", "[flow] of the settings must be a table"),
        ("[flow]\nlevels = [1]\n", "flow.levels must be a whole number from 1 to 8, or auto, got [1]"),
        ("[flow]\nlevels = 2024-01-01\n", "flow.levels must be a whole number"),
        ("[forecast]\nlinear = 3\n", "forecast.linear must be a table"),
        ("[forecast]\nmethods = []\n", "forecast.methods must name at least one method"),
        (
            "[forecast]\nhorizons = [0.5]\n",
            'forecast.horizons (--horizon) must be a list of texts such as ["one", "two"], got [0.5]',
        ),
    ],
)
def test_a_bad_settings_file(
    original_phantom: Path, run: Path, tmp_path: Path, content: str | bytes | None, rule: str
) -> None:
    before = digests(run)
    file = tmp_path / "mine.toml"
    if content is not None:
        file.write_bytes(content.encode() if isinstance(content, str) else content)
    assert rule in call_cli("run", original_phantom, "--out", run, "--settings", file).sentence
    assert digests(run) == before


def test_the_output_must_not_hold_other_files(original_phantom: Path, tmp_path: Path) -> None:
    (tmp_path / "thesis").mkdir()
    (tmp_path / "thesis/chapter.tex").write_text("mine")
    before = digests(tmp_path)
    sentence = call_cli("run", original_phantom, *LINEAR, "--out", tmp_path / "thesis").sentence
    assert "must be a run or an empty folder" in sentence
    assert digests(tmp_path) == before
    assert [path.name for path in tmp_path.iterdir()] == ["thesis"]


def test_the_output_must_be_a_folder(original_phantom: Path, tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_text("mine")
    assert (
        f"must be a folder, got the file {file}" in call_cli("run", original_phantom, *LINEAR, "--out", file).sentence
    )
    below = call_cli("run", original_phantom, *LINEAR, "--out", file / "run").sentence
    assert "choose another --out" in below
    assert file.read_text() == "mine"


@pytest.mark.parametrize("place", ["/proc/run", "/sys/run"])
def test_a_place_that_takes_no_files(original_phantom: Path, place: str) -> None:
    sentence = call_cli("run", original_phantom, *LINEAR, "--out", place).sentence
    assert place in sentence
    assert "choose another --out" in sentence


def test_a_run_of_another_sequence(phantom: Path, run: Path) -> None:
    before = digests(run)
    other = phantom.rename(phantom.with_name("other.nii.gz"))
    sentence = call_cli("run", other, *LINEAR, "--out", run).sentence
    assert f"a run holds one sequence, got 'other' for {run}, which holds 'breathing'" in sentence
    assert digests(run) == before


@pytest.mark.parametrize(
    ("content", "rule"),
    [
        ("{", "run.json of a run must be readable"),
        ("[]", "run.json of a run must be readable"),
        ('{"sequence": "breathing", "format": 1e999}', "run.json of a run must be readable"),
        ("[" * 100_000, "run.json of a run must be readable"),
        ('{"sequence": "breathing"}', "run.json of a run must be readable"),
        ('{"sequence": "breathing", "format": "new"}', "run.json of a run must be readable"),
        ('{"sequence": "breathing", "format": 2}', "a run must have format 1 or older, got format 2"),
    ],
)
def test_a_run_that_cannot_be_understood(original_phantom: Path, run: Path, content: str, rule: str) -> None:
    (run / "run.json").write_text(content)
    before = digests(run)
    assert rule in call_cli("run", original_phantom, *LINEAR, "--out", run).sentence
    assert digests(run) == before


def test_two_commands_at_once(original_phantom: Path, run: Path) -> None:
    with RunFolder(run, "breathing"):
        sentence = run_cli("run", original_phantom, "--out", run).sentence
    assert "a run is worked on by one command at a time" in sentence
    assert "Nothing to do" in succeed("run", original_phantom, "--out", run)


@pytest.mark.parametrize("published", [{}, {"flow": 3}, {"flow": {"sigma_init": 1}}])
def test_the_published_preset_needs_its_settings(phantom: Path, tmp_path: Path, published: dict[str, object]) -> None:
    sidecar = phantom.with_name("breathing.json")
    sidecar.write_text(json.dumps(json.loads(sidecar.read_text()) | {"published": published}))
    sentence = call_cli("run", phantom, "--out", tmp_path / "new", "--preset", "published").sentence
    assert "needs the flow settings sigma_init, sigma_subspl, sigma_LK, nb_layers, nb_iter" in sentence
