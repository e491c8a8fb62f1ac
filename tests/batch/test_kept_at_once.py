"""What is up to date is found without workers; anything else is left to them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from cinecast.batch import kept_at_once as module
from cinecast.batch.job import Job, Ticket
from cinecast.batch.kept_at_once import kept_at_once
from cinecast.phantom import PhantomSettings, make_phantom
from cinecast.phantom.files import write_phantom
from cinecast.run.runner import run_sequence
from cinecast.run.scope import Scope
from cinecast.settings import ForecastSettings, Settings
from cinecast.store import CohortFolder

SETTINGS = Settings(forecast=ForecastSettings(methods=("linear",), horizons=("1",)))
NAMES = ("one", "two", "three")


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> tuple[list[Job], Ticket]:
    """Three runs that are up to date, in the folder of a cohort."""
    folder = tmp_path_factory.mktemp("cohort")
    root, jobs = folder / "runs", []
    shape = PhantomSettings(rows=32, columns=40, pixel_spacing_mm=(8, 8), frame_count=40, frame_period_s=0.25)
    with CohortFolder(root) as cohort:
        token = cohort.write({})
    for seed, name in enumerate(NAMES):
        source = folder / f"{name}.nii.gz"
        write_phantom(source, make_phantom(replace(shape, seed=seed)))
        run_sequence(source, root / name, SETTINGS, workers=1)
        jobs.append(Job(name, source, SETTINGS))
    return jobs, Ticket(root, token, Scope())


def test_what_is_up_to_date_is_kept_at_once(finished: tuple[list[Job], Ticket]) -> None:
    jobs, ticket = finished
    kept, left = kept_at_once(jobs, ticket)
    assert [(each.name, each.key, each.state, each.todo) for each in kept] == [(n, "frames", "kept", ()) for n in NAMES]
    assert left == []


def test_from_the_first_sequence_on_in_which_something_is_to_be_done_all_are_left(
    finished: tuple[list[Job], Ticket],
) -> None:
    jobs, ticket = finished
    more = replace(SETTINGS, forecast=replace(SETTINGS.forecast, horizons=("1", "2")))
    asked = [jobs[0], replace(jobs[1], settings=more), jobs[2]]
    kept, left = kept_at_once(asked, ticket)
    assert [each.name for each in kept] == ["one"]
    assert left == asked[1:]


def test_what_is_missing_damaged_or_unreadable_is_left(finished: tuple[list[Job], Ticket], tmp_path: Path) -> None:
    jobs, ticket = finished
    (tmp_path / "two.nii.gz").write_bytes(b"no image")
    for bad in (replace(jobs[1], name="new"), replace(jobs[1], source=tmp_path / "two.nii.gz")):
        assert kept_at_once([jobs[0], bad], ticket)[1] == [bad]
    table = ticket.root / "three" / "score" / "linear" / "h001" / "scores.csv"
    content = table.read_bytes()
    table.write_bytes(content[:-1])
    assert kept_at_once(jobs, ticket)[1] == jobs[2:]
    table.write_bytes(content)
    assert kept_at_once(jobs, ticket)[1] == []


@pytest.mark.parametrize("scope", [Scope(start_from="score"), Scope(only="report")])
def test_what_is_redone_or_dropped_whatever_its_state_is_left(finished: tuple[list[Job], Ticket], scope: Scope) -> None:
    jobs, ticket = finished
    assert kept_at_once(jobs, replace(ticket, scope=scope)) == ([], jobs)
    assert kept_at_once(jobs, replace(ticket, drop=("linear",))) == ([], jobs)


def test_large_cohorts_are_left_to_workers_after_some_seconds(
    finished: tuple[list[Job], Ticket], monkeypatch: pytest.MonkeyPatch
) -> None:
    jobs, ticket = finished
    monkeypatch.setattr(module, "WITHOUT_WORKERS_S", 0.0)
    assert kept_at_once(jobs, ticket) == ([], jobs)


def test_a_batch_that_another_one_has_taken_over_keeps_nothing(finished: tuple[list[Job], Ticket]) -> None:
    jobs, ticket = finished
    assert kept_at_once(jobs, replace(ticket, token="another")) == ([], jobs)
