"""The second opinion on the terminal."""

from __future__ import annotations

from cinecast.cli.second_opinion_lines import second_opinion_lines

SENTENCE = "0.50 s ahead, no method is shown to be better than no forecast (persistence)."
EVIDENCE = (
    "Error less that of persistence: Linear regression +0.12 mm (95 % interval -0.30 to +0.54); Mixture of linear and "
    "kernel experts -0.02 mm (95 % interval -0.20 to +0.16)."
)


def test_evidence_stands_below_its_finding_in_80_columns() -> None:
    lines = list(second_opinion_lines(((SENTENCE, EVIDENCE), ("The test span is short.", "It has 20 frames."))))
    assert max(map(len, lines)) <= 80
    assert lines[0] == "Second opinion:"
    assert lines[1] == f"- {SENTENCE}"
    assert lines[-2:] == ["- The test span is short.", "  It has 20 frames."]
    assert " ".join(line.strip() for line in lines[2:-2]) == EVIDENCE
    assert all(line.startswith("  ") for line in lines[2:-2])


def test_where_nothing_stands_out_nothing_is_said() -> None:
    assert list(second_opinion_lines(())) == []
