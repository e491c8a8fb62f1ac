"""Words of a page can be read in light and dark: their contrast is that of WCAG 2.2, level AA, 4.5 or more."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import cinecast.report

STYLES = Path(cinecast.report.__file__).parent / "static" / "report.css"
# Colours that words are written in, and what lies behind them.
WORDS = ("text", "muted", "accent", "good", "warning", "cursor")


def colours(theme: str) -> dict[str, str]:
    """Return the colours of a theme by name; dark ones replace those of light."""
    text = STYLES.read_text(encoding="utf-8")
    blocks = [re.findall(r":root \{(.*?)\}", text, re.DOTALL)[0]]
    if theme == "dark":
        blocks += re.findall(r':root\[data-theme="dark"\] \{(.*?)\}', text, re.DOTALL)
    return {name: value for block in blocks for name, value in re.findall(r"--([\w-]+): (#[0-9a-f]{6});", block)}


def luminance(colour: str) -> float:
    shares = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [share / 12.92 if share <= 0.04045 else ((share + 0.055) / 1.055) ** 2.4 for share in shares]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def test_contrast_is_that_of_the_standard() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


@pytest.mark.parametrize("behind", ["background", "surface"])
@pytest.mark.parametrize("name", WORDS)
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_words_stand_out(theme: str, name: str, behind: str) -> None:
    of = colours(theme)
    assert contrast(of[name], of[behind]) >= 4.5


def test_badges_are_written_in_one_of_these() -> None:
    used = re.findall(r"\.badge-\w+ \{ color: var\(--([\w-]+)\);", STYLES.read_text(encoding="utf-8"))
    assert len(used) == 2
    assert set(used) <= set(WORDS)
