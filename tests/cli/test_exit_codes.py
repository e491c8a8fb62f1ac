"""Exit codes of commands that go on where some of their work failed."""

from __future__ import annotations

import pytest

from cinecast.cli.exit_codes import INTERRUPTED, PROGRAM_FAULT, USER_ERROR, code_of_failed


@pytest.mark.parametrize(("count", "code"), [(1, 11), (2, 12), (99, 109), (100, 110), (5000, 110)])
def test_failures_are_counted_up_to_a_hundred(count: int, code: int) -> None:
    assert code_of_failed(count) == code


def test_no_number_of_failures_looks_like_anything_else() -> None:
    codes = set(map(code_of_failed, range(1, 1000)))
    assert codes.isdisjoint({0, PROGRAM_FAULT, USER_ERROR, INTERRUPTED})
    assert all(code < 126 for code in codes)  # from 126 on shells and signals have theirs
