"""What an error suggests for a name that does not exist."""

from __future__ import annotations

import pytest

from cinecast_models import METHODS, ForecastingError
from cinecast_models.errors import spelling_hint
from cinecast_models.registry import find_method, method_settings


@pytest.mark.parametrize(
    ("given", "meant"),
    [
        ("RLS", "rls"),
        ("SnAp-1", "snap1"),
        ("kernel ridge", "kernel_ridge"),
        ("mixtur", "mixture"),
        ("Linear", "linear"),
    ],
)
def test_case_hyphens_and_a_letter_do_not_hide_what_was_meant(given: str, meant: str) -> None:
    assert spelling_hint(given, METHODS) == f"did you mean {meant}?"


def test_what_is_like_nothing_gets_no_guess() -> None:
    assert spelling_hint("crystal_ball", METHODS) == "choose one of these"
    assert spelling_hint("", METHODS) == "choose one of these"


def test_an_unknown_method_or_setting_is_guessed_at() -> None:
    with pytest.raises(ForecastingError, match=r"got 'RLS'; did you mean rls\?"):
        find_method("RLS")
    with pytest.raises(ForecastingError, match=r"got 'Ridge'; did you mean ridge\?"):
        method_settings("rls", {"Ridge": 3})
