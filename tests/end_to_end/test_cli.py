"""The command line itself: help, version, quiet where nobody watches, bars where somebody does."""

from __future__ import annotations

import inspect
import re
import shutil
import subprocess
import sys
from pathlib import Path
from pkgutil import resolve_name

import pytest

from cinecast import __version__
from cinecast.cli.app import COMMANDS as REGISTERED
from helpers.command_line import OPTIONS, call_cli, environment, on_terminal, run_cli, succeed

SUMMARIES = {
    "run": "Forecast the frames of a sequence, score them in mm and write a report.",
    "batch": "Bring the runs of many sequences up to date",
    "live": "Forecast each frame before the next one arrives: calibrate on the first frames",
    "stream": "Send a recorded sequence as OpenIGTLink",
    "status": "Print each sequence and stage of a cohort: done",
    "report": "Write the report of a run again, finished or not",
    "compare": "Write one report of several runs of one sequence",
    "figure": "Draw one figure of a run for a paper",
    "tune": "Choose settings and modes for each method and horizon",
    "reproduce": "Choose settings as the papers do, forecast, and put our figures beside the published ones.",
    "export": "Write frames",
    "score-masks": "Score forecast masks against reference masks",
    "track": "Follow a target through its frames as they come",
    "info": "Print what is understood of a sequence and where each fact comes from",
    "phantom": "Write a simulated sagittal sequence of known motion",
    "series": "Forecast any multivariate trace",
    "population": "Train transformers on recorded sequences",
    "methods": "List every forecaster with its settings",
    "settings": "List every setting of every stage with its range, default and meaning.",
}
COMMANDS = tuple(SUMMARIES)
WITH_ARGUMENT = tuple(name for name in COMMANDS if name not in ("methods", "settings"))
CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")


def test_every_command_is_tested_here() -> None:
    assert set(REGISTERED) == set(COMMANDS)


def test_the_version() -> None:
    assert run_cli("--version") == (0, f"cinecast {__version__}\n", "")


def test_help_without_a_command_lists_all() -> None:
    outcome = call_cli()
    assert outcome.errors == ""
    assert all(command in outcome.output for command in COMMANDS)


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_and_option_has_help(command: str) -> None:
    printed = succeed(command, "--help")
    assert f"Usage: cinecast {command}" in printed
    documented = inspect.getdoc(resolve_name(REGISTERED[command].function)) or ""
    assert documented.splitlines()[0] == REGISTERED[command].summary
    assert REGISTERED[command].summary in " ".join(printed.split())
    for line in printed.splitlines():
        if option := re.match(r"│ \*?\s*(--[a-z-]+)\s+(\S.*)", line):
            words = re.sub(r"<\w+>|[A-Z.,\[\]=|0-9]{2,}", "", option[2]).strip(" │")
            assert words, f"{command} {option[1]} has no help"


def test_an_unknown_command() -> None:
    assert call_cli("nonsense").sentence == "cinecast: No such command 'nonsense'; see 'cinecast --help'"


@pytest.mark.parametrize("command", WITH_ARGUMENT)
def test_a_missing_argument(command: str) -> None:
    assert f"see 'cinecast {command} --help'" in call_cli(command).sentence


def test_no_control_characters_where_nobody_watches(original_phantom: Path, tmp_path: Path) -> None:
    outcome = run_cli("run", original_phantom, "--out", tmp_path / "run", "--method", "linear", "--horizon", "2")
    assert outcome.code == 0
    assert outcome.errors == ""
    assert not CONTROL.search(outcome.output)
    assert "linear" in outcome.output


def test_bars_on_a_terminal(original_phantom: Path, tmp_path: Path) -> None:
    code, shown = on_terminal("run", str(original_phantom), "--out", str(tmp_path / "run"), *OPTIONS)
    assert code == 0
    for stage, total in (("flow", 60), ("motion", 1), ("forecast", 7), ("score", 7), ("report", 1)):
        assert re.search(rf"{stage} .*{total}/{total}", shown), stage
    assert "\x1b[" in shown
    assert "results made, 0 were up to date" in shown


def test_the_table_fits_a_terminal_of_80_columns(original_run: Path, original_phantom: Path, tmp_path: Path) -> None:
    run = shutil.copytree(original_run, tmp_path / "run")
    code, shown = on_terminal("run", str(original_phantom), "--out", str(run), *OPTIONS, columns=80)
    assert code == 0
    text = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", shown)
    printed = text[text.index("breathing: test span") : text.index("Nothing to do")].splitlines()
    assert max(map(len, printed)) <= 80
    table = printed[: printed.index("Second opinion:")]
    assert table[1].split() == ["horizon", "landmarks", "image", "ROI"]
    assert {len(line.split()) for line in table if "persistence" in line} == {4}
    assert "…" not in text


COMPLETIONS = [
    ("cinecast ru", 1, ["run"]),
    ("cinecast run x --method sn", 4, ["snap1"]),
    ("cinecast run x --meth", 3, ["--method"]),
    ("cinecast run x --from fo", 4, ["forecast"]),
    ("cinecast run x --only nothing", 4, []),
    ("cinecast figure x --what m", 4, ["mmode", "modes"]),
]


@pytest.mark.parametrize(("words", "place", "completed"), COMPLETIONS)
def test_the_shell_completes(words: str, place: int, completed: list[str]) -> None:
    asked = {"_CINECAST_COMPLETE": "complete_bash", "COMP_WORDS": words, "COMP_CWORD": str(place)}
    done = subprocess.run(
        [sys.executable, "-m", "cinecast"], capture_output=True, text=True, check=True, env=environment() | asked
    )
    assert done.stdout.split() == completed


@pytest.mark.parametrize("shell", ["zsh", "fish", "powershell"])
def test_the_shell_shows_defaults_beside_what_it_completes(shell: str) -> None:
    words = "cinecast run --ma"
    asked = {"_CINECAST_COMPLETE": f"complete_{shell}", "_TYPER_COMPLETE_ARGS": words}
    asked |= {"_TYPER_COMPLETE_FISH_ACTION": "get-args", "_TYPER_COMPLETE_WORD_TO_COMPLETE": "--ma"}
    done = subprocess.run(
        [sys.executable, "-m", "cinecast"], capture_output=True, text=True, check=True, env=environment() | asked
    )
    assert "is within this distance. [default: 3]" in done.stdout.replace("\\", "")  # zsh escapes colons


def test_info_tells_what_was_understood(original_phantom: Path) -> None:
    printed = succeed("info", original_phantom)
    assert "60 of 48 x 40 pixels, uint16" in printed
    assert "0.2500 s (4.00 Hz), intervals 0.2500 to 0.2500 s, 14.8 s in all" in printed
    assert "6.0000 x 6.0000 mm (rows x columns)" in printed
    assert "train 0 to 19, validation 20 to 39, test 40 to 59 frames" in printed
    assert "sagittal" in printed
    assert "sidecar breathing.json" in printed


def test_options_of_info_win_over_the_file(original_phantom: Path) -> None:
    printed = succeed("info", original_phantom, "--frame-period", "0.5", "--pixel-spacing", "1.5,2.5")
    assert "0.5000 s (2.00 Hz)" in printed
    assert "1.5000 x 2.5000 mm (rows x columns)" in printed


def test_phantom_writes_what_run_reads(tmp_path: Path) -> None:
    out = tmp_path / "new" / "made.nii.gz"
    options = ["--rows", 48, "--columns", 40, "--pixel-spacing", 6, "--frames", 30, "--amplitude", 12, "--dvf"]
    printed = succeed("phantom", out, *map(str, options))
    assert printed.splitlines() == [
        f"Wrote {out.parent / name}" for name in ("made.nii.gz", "made.json", "made_dvf.npy")
    ]
    assert "30 of 48 x 40 pixels" in succeed("info", out)


def test_phantom_explains_what_does_not_fit(tmp_path: Path) -> None:
    sentence = call_cli("phantom", tmp_path / "made.nii.gz", "--rows", "48").sentence
    assert "lower it, or widen the field" in sentence
    assert list(tmp_path.iterdir()) == []
