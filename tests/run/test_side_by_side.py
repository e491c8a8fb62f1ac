"""Calls side by side: in order, few of them waiting, and none left when one fails."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from cinecast.run.side_by_side import side_by_side


def test_results_come_in_the_order_of_the_arguments() -> None:
    wait = threading.Event()

    def late_first(number: int) -> int:
        if number == 0:
            wait.wait(10)
        else:
            wait.set()
        return number * number

    with ThreadPoolExecutor(2) as pool:
        assert list(side_by_side(pool, 2)(late_first, range(40))) == [number * number for number in range(40)]


def test_few_results_wait_to_be_taken() -> None:
    begun: list[int] = []

    def note(number: int) -> int:
        begun.append(number)
        return number

    with ThreadPoolExecutor(3) as pool:
        for taken, number in enumerate(side_by_side(pool, 3)(note, range(200))):
            assert number == taken
            assert len(begun) <= taken + 1 + 12 + 3


def test_a_failed_call_ends_it_and_the_waiting_ones_are_not_made() -> None:
    begun: list[int] = []

    def fail(number: int) -> int:
        begun.append(number)
        raise ArithmeticError(str(number))

    with ThreadPoolExecutor(1) as pool, pytest.raises(ArithmeticError, match="0"):
        list(side_by_side(pool, 1)(fail, range(100)))
    assert len(begun) < 10
