"""Settings of a run as names with dots, so that runs can be held against each other."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cinecast.parsed_text import parse_toml


def flat_settings(text: str) -> dict[str, str]:
    """Return the settings of a TOML text as ``{"flow.levels": "3"}``."""
    return dict(_flat("", parse_toml(text)))


def _flat(prefix: str, table: Mapping[str, Any]) -> list[tuple[str, str]]:
    rows = []
    for name, value in table.items():
        own = f"{prefix}{name}"
        rows += _flat(f"{own}.", value) if isinstance(value, dict) else [(own, _text(value))]
    return rows


def _text(value: Any) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)
