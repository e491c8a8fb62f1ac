"""What a batch was warned of stays on its page as long as the result is there."""

from __future__ import annotations

from pathlib import Path

from cinecast.batch.job import LogLine, Outcome, State
from cinecast.batch.warnings_said import WarningsSaid
from cinecast.store import CohortFolder


def outcome(state: State, *texts: str, key: str = "flow") -> Outcome:
    lines = [LogLine(0.0, "WARNING", text) for text in texts]
    return Outcome("one", key, key, state, log=(*lines, LogLine(0.0, "INFO", "nothing to worry about")))


def test_sentences_of_an_artifact_last_until_it_is_made_again(tmp_path: Path) -> None:
    with CohortFolder(tmp_path / "runs") as folder:
        said = WarningsSaid(folder)
        said.note(outcome("made", "one: the flow does not explain 3 frames", "/lib/x.py:12: FutureWarning: old"))
        said.note(outcome("made", "2 runs diverged", key="forecast/snap1/h002"))
        said.note(outcome("kept"))
        expected = {"flow": ("the flow does not explain 3 frames",), "forecast/snap1/h002": ("2 runs diverged",)}
        assert WarningsSaid(folder).of("one") == expected
        said.note(outcome("failed", "it begins anew"))
        assert WarningsSaid(folder).of("one") == expected
        said.note(outcome("made"))
        assert WarningsSaid(folder).of("one") == {"forecast/snap1/h002": ("2 runs diverged",)}
        assert WarningsSaid(folder).of("two") == {}


def test_a_damaged_file_says_nothing(tmp_path: Path) -> None:
    with CohortFolder(tmp_path / "runs") as folder:
        for text in ("", "[1]", '{"one": 3}', '{"one": {"flow": 3}}'):
            (folder.root / "warnings.json").write_text(text)
            assert WarningsSaid(folder).of("one") == {}
