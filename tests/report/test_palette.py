"""The looks of methods: one palette in the styles and in the figures, and none that another method changes."""

from __future__ import annotations

import re
from dataclasses import replace
from importlib.resources import files
from itertools import combinations

import numpy as np
import pytest
from matplotlib.colors import to_rgb

from cinecast.figures.style import line_style
from cinecast.references import PERSISTENCE
from cinecast.report import compare_runs
from cinecast.report.method_look import looks
from cinecast.report.palette import DARK, LIGHT, look_of
from cinecast_models.registry import METHODS
from helpers.report_data import Simulated, simulated_report

FORECASTERS = [name for name, method in METHODS.items() if name != PERSISTENCE and not method.source]


def lightness_and_hue(colour: str, matrix: list[list[float]]) -> np.ndarray:
    """Return a colour as it looks through a matrix of linear RGB, in CIELAB."""
    linear = np.array(to_rgb(colour))
    linear = np.where(linear <= 0.04045, linear / 12.92, ((linear + 0.055) / 1.055) ** 2.4)
    seen = np.clip(np.array(matrix) @ linear, 0, 1)
    to_xyz = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])
    x, y, z = (np.cbrt(value) for value in to_xyz @ seen / np.array([0.9505, 1, 1.089]))
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])


# Machado, Oliveira and Fernandes (2009), severity 1.
VISION = {
    "all colours": [[1, 0, 0], [0, 1, 0], [0, 0, 1]],
    "protanopia": [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
    "deuteranopia": [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]],
}


@pytest.mark.parametrize("vision", VISION)
@pytest.mark.parametrize("palette", [LIGHT, DARK], ids=["light", "dark"])
def test_colours_are_told_apart_by_all_readers(palette: tuple[str, ...], vision: str) -> None:
    seen = [lightness_and_hue(colour, VISION[vision]) for colour in palette]
    nearest = min(float(np.linalg.norm(a - b)) for a, b in combinations(seen, 2))
    assert nearest > 12  # about 2 is the smallest difference that people see side by side


@pytest.mark.parametrize(("theme", "palette"), [("light", LIGHT), ("dark", DARK)])
def test_the_page_has_the_colours_of_the_palette(theme: str, palette: tuple[str, ...]) -> None:
    styles = files("cinecast.report").joinpath("static/report.css").read_text(encoding="utf-8")
    start = styles.index('data-theme="dark"] {') if theme == "dark" else 0
    found = re.findall(r"--series-(\d): (#\w{6});", styles[start:])[: len(palette)]
    assert dict(found) == {str(i + 1): colour for i, colour in enumerate(palette)}


def test_every_method_has_a_look_of_its_own() -> None:
    found = [look_of(method) for method in FORECASTERS]
    assert len({(look.colour, look.dash) for look in found}) == len(FORECASTERS)


def test_the_first_methods_differ_in_colour_alone() -> None:
    assert len({look_of(method).colour for method in ("mixture", "linear", "rls", "snap1", "kernel_ridge")}) == 5


def test_a_method_of_another_package_looks_unlike_ours() -> None:
    own = {(look.colour, look.dash) for look in map(look_of, FORECASTERS)}
    for name in ("kalman", "lstm", "my_method", "prophet"):
        look = look_of(name)
        assert (look.colour, look.dash) not in own
        assert look_of(name) == look


def test_an_added_method_changes_no_look(rng: np.random.Generator) -> None:
    few = simulated_report(rng, Simulated(methods=("oracle", "persistence", "linear")))
    more = simulated_report(rng, Simulated(methods=("snap1", "oracle", "linear", "persistence")))
    assert looks(few)["linear"] == looks(more)["linear"]
    assert line_style(few, "linear") == line_style(more, "linear")


def test_page_and_figures_agree(rng: np.random.Generator) -> None:
    data = simulated_report(rng)
    for method, look in looks(data).items():
        style = line_style(data, method)
        assert style.color == LIGHT[look["series"] - 1]


def test_compared_runs_share_the_colour_and_differ_in_dashes(rng: np.random.Generator) -> None:
    data = simulated_report(rng)
    both = compare_runs(["a", "b"], [data, replace(data, settings_text="[flow]\nlevels = 2\n")])
    found = looks(both)
    first, second = (found[f"{run} · linear"] for run in "ab")
    assert first["series"] == second["series"] == looks(data)["linear"]["series"]
    assert first["dash"] != second["dash"]
    assert line_style(both, "a · linear") != line_style(both, "b · linear")
