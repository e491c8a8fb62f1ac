"""Texts that are wrong in ways that their parsers do not call wrong."""

from __future__ import annotations

import pytest

from cinecast.parsed_text import parse_json, parse_toml

DIGITS = "9" * 5000


@pytest.mark.parametrize("text", ["[" * 100_000, '{"a":' * 100_000, DIGITS, f'{{"a": [{DIGITS}]}}', "{", ""])
def test_what_is_wrong_with_json_is_a_value_error(text: str) -> None:
    with pytest.raises(ValueError, match=r"nested too deep|thousands of digits|Expecting|double quotes"):
        parse_json(text)


@pytest.mark.parametrize(
    "text",
    [
        "a = " + "[" * 5000,
        "a = " + "{b = " * 5000,
        f"a = {DIGITS}",
        f"a = 0x{DIGITS}",
        "a = [1, [2, {b = 9223372036854775808}]]",
        "a = -9223372036854775809",
    ],
)
def test_what_is_wrong_with_toml_is_a_value_error(text: str) -> None:
    with pytest.raises(ValueError, match=r"nested too deep|thousands of digits|64 bits"):
        parse_toml(text)


def test_what_is_right_is_read() -> None:
    assert parse_json('{"a": [1, 2.5, null]}') == {"a": [1, 2.5, None]}
    assert parse_toml("a = 9223372036854775807\n[b]\nc = [true, 'x']") == {"a": 2**63 - 1, "b": {"c": [True, "x"]}}
