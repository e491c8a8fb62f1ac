"""What a report says of how a run was made."""

from __future__ import annotations

from typing import Any

import pytest

from cinecast.run.gathering import versions_of


def made_with(cinecast: str, **libraries: str) -> dict[str, Any]:
    return {"versions": {"cinecast": cinecast, **libraries}}


@pytest.mark.parametrize(
    ("records", "expected"),
    [
        ({"frames": made_with("1.0"), "score/rls/h001": made_with("1.0")}, {"cinecast": "1.0"}),
        (
            {
                "frames": made_with("1.0", numpy="2.0"),
                "flow": made_with("1.0", numpy="2.0"),
                "forecast/rls/h001": made_with("1.0", numpy="2.0"),
                "forecast/snap1/h001": made_with("1.1", numpy="2.0"),
                "forecast/snap1/h002": made_with("1.1", numpy="2.0"),
                "score/rls/h001": made_with("1.1", numpy="2.0"),
            },
            {"cinecast": "1.0 (frames, flow, forecast); 1.1 (forecast, score)", "numpy": "2.0"},
        ),
        ({"frames": {}, "flow": made_with("1.0")}, {"cinecast": "1.0"}),
    ],
    ids=["one", "several", "a record without any"],
)
def test_versions_are_those_that_made_what_is_shown(records: dict[str, Any], expected: dict[str, str]) -> None:
    assert versions_of(records) == expected
