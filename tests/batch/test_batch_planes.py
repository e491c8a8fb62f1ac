"""Settings of a cohort whose recordings are read plane by plane."""

from __future__ import annotations

from typing import Any

import pytest

from cinecast.batch.planes import without_plane


@pytest.mark.parametrize(
    ("tables", "left"),
    [
        ({}, {}),
        ({"flow": {"levels": 2}}, {"flow": {"levels": 2}}),
        (
            {"frames": {"plane": 1, "series": "2"}, "flow": {"levels": 2}},
            {"frames": {"series": "2"}, "flow": {"levels": 2}},
        ),
        ({"frames": {"plane": 1}}, {"frames": {}}),
    ],
)
def test_the_plane_that_all_were_asked_for_goes_and_nothing_else(tables: dict[str, Any], left: dict[str, Any]) -> None:
    assert without_plane(tables) == left
