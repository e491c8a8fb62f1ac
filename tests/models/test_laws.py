"""The shipped laws are broken by what breaks them, and the check of a method says so."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import pytest

from cinecast_models import METHODS, Method, MethodSettings, Pair
from cinecast_models.check import laws
from cinecast_models.check.__main__ import main
from cinecast_models.check.laws import LAWS, Case
from cinecast_models.forecaster import Array, ArrayForecaster

CASE = Case("broken", {})


@dataclass(frozen=True)
class BrokenSettings(MethodSettings):
    """Settings of what is wrong."""

    method: ClassVar[str] = "broken"


class Sound(ArrayForecaster):
    """Persistence that counts what it has learned."""

    learned = ("count",)

    def __init__(self, settings: MethodSettings, components: int) -> None:
        self.count = np.zeros(1)

    def learn(self, pair: Pair) -> None:
        self.count += 1

    def predict(self, pending: Array) -> Array:
        return pending[-1, -1:].copy()


class LearnsWhenAsked(Sound):
    def predict(self, pending: Array) -> Array:
        self.count += 1
        return pending[-1, -1:] + self.count * (pending[-1, -1:] - pending[-1, -2:-1])


class HandsOutItsOwn(Sound):
    def __init__(self, settings: MethodSettings, components: int) -> None:
        super().__init__(settings, components)
        self.own = np.zeros((1, components))

    def predict(self, pending: Array) -> Array:
        if not self.own.any():
            self.own[:] = pending[-1, -1:]
        return self.own


class WritesIntoHistories(Sound):
    def predict(self, pending: Array) -> Array:
        pending[-1, -1] += 1
        return pending[-1, -1:].copy()


class ForgetsItsState(Sound):
    learned = ()

    def predict(self, pending: Array) -> Array:
        return pending[-1, -1:] * (1 + self.count / 1000)


class HasAUnit(Sound):
    def predict(self, pending: Array) -> Array:
        return np.minimum(pending[-1, -1:], 50.0)


class Unseeded(Sound):
    def predict(self, pending: Array) -> Array:
        return pending[-1, -1:] + np.random.default_rng().normal(size=pending.shape[-1])


class SeesNothing(Sound):
    def predict(self, pending: Array) -> Array:
        return np.zeros((1, pending.shape[-1]))


class HasTwoRuns(Sound):
    runs = 2

    def predict(self, pending: Array) -> Array:
        return np.repeat(pending[-1, -1:], 2, axis=0)


class TakesAnyState(Sound):
    def restore(self, state: Any) -> None:
        self.count[:] = state.get("count", 0)


class RemembersOthers(Sound):
    """What one forecaster has learned changes what the next one forecasts."""

    seen: ClassVar[int] = 0

    def learn(self, pair: Pair) -> None:
        RemembersOthers.seen += 1

    def predict(self, pending: Array) -> Array:
        return pending[-1, -1:] * (1 + RemembersOthers.seen / 1e6)


class IsOfOneSize(Sound):
    def predict(self, pending: Array) -> Array:
        return np.full((1, 2), pending[-1, -1, 0])


def register(monkeypatch: pytest.MonkeyPatch, factory: Callable[..., Any]) -> None:
    method = Method("Broken", BrokenSettings, factory, deterministic=True, offline=False, standardised=False)
    monkeypatch.setitem(METHODS, "broken", method)


def test_a_sound_method_keeps_all(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    register(monkeypatch, Sound)
    assert main(["broken"]) == 0
    printed = capsys.readouterr().out.splitlines()
    assert printed[-1] == f"broken keeps all {len(LAWS)} laws."
    assert len(printed) == len(LAWS) + 1


@pytest.mark.parametrize(
    ("factory", "law"),
    [
        (LearnsWhenAsked, laws.predicting_changes_nothing),
        (HandsOutItsOwn, laws.predicting_changes_nothing),
        (WritesIntoHistories, laws.arrays_need_not_be_writable),
        (ForgetsItsState, laws.a_restored_forecaster_continues_to_the_bit),
        (ForgetsItsState, laws.a_restored_driver_continues_to_the_bit),
        (HasAUnit, laws.forecasts_are_finite_and_do_not_depend_on_the_unit),
        (Unseeded, laws.equal_seeds_give_equal_forecasts),
        (Unseeded, laws.a_constant_is_forecast_as_itself),
        (Unseeded, laws.a_stream_gives_what_a_batch_gives),
        (SeesNothing, laws.forecasts_depend_on_what_has_arrived),
        (HasTwoRuns, laws.runs_are_as_many_as_it_says_and_independent),
        (TakesAnyState, laws.the_state_of_another_method_is_refused),
        (RemembersOthers, laws.the_future_cannot_change_the_past),
        (IsOfOneSize, laws.any_number_of_components_is_forecast),
    ],
)
def test_a_law_is_tripped_by_what_breaks_it(
    monkeypatch: pytest.MonkeyPatch, factory: Callable[..., Any], law: Callable[[Case], None]
) -> None:
    register(monkeypatch, factory)
    with pytest.raises((AssertionError, ValueError)):
        law(CASE)


def test_the_check_names_each_broken_law(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    register(monkeypatch, Unseeded)
    assert main(["broken", "history_length=4"]) == 1
    printed = capsys.readouterr().out
    assert "BROKEN  equal seeds give equal forecasts: AssertionError: arrays that must be the same" in printed
    assert "kept    the series is not changed" in printed
    assert printed.splitlines()[-1] == f"broken breaks {printed.count('BROKEN')} of {len(LAWS)} laws."


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ([], "a check needs the name of a method or flow"),
        (["lineer"], "got 'lineer'; did you mean linear?"),
        (["lucas"], "or of a flow, lucas_kanade"),
        (["lucas_kanade", "levels=3"], "a flow is checked without settings, got levels=3; leave them out"),
        (["linear", "history_length"], "a setting is given as NAME=VALUE"),
        (["linear", "history_length=0"], "linear.history_length must be a whole number"),
    ],
)
def test_mistakes_are_one_sentence(arguments: list[str], words: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(arguments) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert words in line


def test_the_check_is_a_program() -> None:
    command = [sys.executable, "-O", "-m", "cinecast_models.check", "linear"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env={"PYTHONPATH": ":".join(sys.path)})
    assert (done.returncode, done.stdout) == (2, "")
    assert "check without -O" in done.stderr
