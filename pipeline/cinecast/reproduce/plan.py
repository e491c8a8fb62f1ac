"""Which cells a reproduction has, at which effort, and what it and the papers' own effort cost."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from cinecast.parsed_text import parse_json
from cinecast.reproduce.cost import MethodCost
from cinecast.reproduce.driver import ReproductionCell, Subject
from cinecast.reproduce.effort import LADDER, PAPERS, Effort, allocate
from cinecast.settings import Protocol
from cinecast.store.replacing import replacing
from cinecast.tuning.trial import Evaluation
from cinecast_models import METHODS

# The whole series over its part up to the end of the validation span.
_TEST_LENGTH = 1.5
# One test run of one frame: warp, and the scores of image and ROI, of 25 000 pixels.
_SCORE_FRAME_S = 0.008


@dataclass(frozen=True)
class ReproductionPlan:
    """Cells and what they cost.

    Parameters
    ----------
    cells
        All cells.
    efforts
        Effort of each method; its name says so where it has fewer horizons than others.
    estimate_s, papers_s
        Estimated seconds of these cells and of the papers' own grids and runs, on one processor.
    """

    cells: list[ReproductionCell]
    efforts: Mapping[str, Effort]
    estimate_s: float
    papers_s: float


@dataclass(frozen=True)
class Outline:
    """What a reproduction is about, before it is known how much of the grids fits.

    Parameters
    ----------
    subjects
        Sequences or recordings.
    methods
        Names of methods.
    horizons
        Horizons in frames by name of the subject.
    make_cell
        Makes a cell of subject, method, horizon, protocol and effort.
    protocol
        ``causal`` or ``published``.
    has_modes
        Whether numbers of modes are tried.
    scored_frames
        Test frames that are scored as images, by name of the subject.
    """

    subjects: Sequence[Subject]
    methods: tuple[str, ...]
    horizons: Mapping[str, tuple[int, ...]]
    make_cell: Callable[..., ReproductionCell]
    protocol: Protocol
    has_modes: bool
    scored_frames: Mapping[str, int]


@dataclass(frozen=True)
class MethodPlan:
    """What a budget allowed for one method.

    Parameters
    ----------
    asked
        Methods, horizons, protocol, budget and workers that it was planned with.
    effort
        How much is tried.
    estimate_s, papers_s
        Estimated processor seconds of that, and of the papers' own grids and runs.
    """

    asked: Mapping[str, Any]
    effort: Effort
    estimate_s: float
    papers_s: float


def plan_reproduction(
    outline: Outline, *, budget_s: float, workers: int, file: Path, share: float = 1.0
) -> ReproductionPlan:
    """Measure what the methods cost, spend the budget, and return the cells.

    What a budget allowed is kept in a file, so that the same command goes on with the same grids although it would
    measure other times. Methods that were reproduced before stay part of the plan.

    Parameters
    ----------
    outline
        What is reproduced.
    budget_s
        Seconds of wall time.
    workers
        Processes that share the work.
    file
        Where the efforts are kept.
    share
        Share of the whole ``--budget`` that these seconds are.

    Returns
    -------
    The cells of all methods that were ever planned in this file, with their efforts and costs.

    Raises
    ------
    SettingsError
        If the budget is too small for the thinnest grids.
    """
    asked = {
        "methods": list(outline.methods),
        "horizons": {name: list(horizons) for name, horizons in outline.horizons.items()},
        "protocol": outline.protocol,
        "budget_s": budget_s,
        "workers": workers,
    }
    kept = _read(file)
    if any(name not in kept or kept[name].asked != asked for name in outline.methods):
        kept |= _planned(outline, asked, share)
        content = {name: asdict(plan) for name, plan in kept.items()}
        with replacing(file) as temporary:
            temporary.write_text(json.dumps(content, indent=1), encoding="utf-8")
    order = [*(name for name in METHODS if name in kept)]
    cells = [
        outline.make_cell(subject, name, horizon, outline.protocol, kept[name].effort)
        for subject in outline.subjects
        for name in order
        for horizon in kept[name].asked["horizons"].get(subject.name, ())
    ]
    labels = _labels(cells)
    return ReproductionPlan(
        cells=cells,
        efforts={labels.get(name, name): kept[name].effort for name in order},
        estimate_s=sum(kept[name].estimate_s for name in order),
        papers_s=sum(kept[name].papers_s for name in order),
    )


def _labels(cells: Sequence[ReproductionCell]) -> dict[str, str]:
    """Return the methods of cells, with the number of their horizons where others have more."""
    horizons: dict[str, set[int]] = {}
    for cell in cells:
        horizons.setdefault(cell.method, set()).add(cell.horizon)
    most = max(map(len, horizons.values()), default=0)
    return {
        name: name if len(own) == most else f"{name} ({len(own)} of {most} horizons)" for name, own in horizons.items()
    }


def _planned(outline: Outline, asked: Mapping[str, Any], share: float) -> dict[str, MethodPlan]:
    costs = {name: _ladder_costs(outline, name) for name in outline.methods}
    efforts = allocate(costs, asked["budget_s"], asked["workers"], share)
    return {
        name: MethodPlan(asked, effort, costs[name][LADDER.index(effort)], costs[name][LADDER.index(PAPERS)])
        for name, effort in efforts.items()
    }


def _read(file: Path) -> dict[str, MethodPlan]:
    """Return what was planned before; nothing where that cannot be read."""
    try:
        content = parse_json(file.read_text(encoding="utf-8"))
        return {name: _method_plan(plan) for name, plan in content.items()}
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return {}


def _method_plan(plan: Mapping[str, Any]) -> MethodPlan:
    effort = Effort(**plan["effort"] | {"modes": tuple(plan["effort"]["modes"])})
    return MethodPlan(plan["asked"], effort, float(plan["estimate_s"]), float(plan["papers_s"]))


def _ladder_costs(outline: Outline, method: str) -> list[float]:
    """Return the seconds of each rung of the ladder, measured on the first subject and scaled to the others."""
    first = outline.subjects[0]
    horizons = outline.horizons[first.name]
    middle = horizons[len(horizons) // 2]
    series, grid = first.series(method, middle), first.grid(method, middle)
    cost = MethodCost(series, grid, Evaluation(outline.protocol))
    return [
        sum(
            len(outline.horizons[subject.name])
            * (
                (
                    cost.of_search(grid, effort, len(effort.modes) if outline.has_modes else 1)
                    + _TEST_LENGTH * cost.of_setting(effort.test_runs)
                )
                * (len(subject.series(method, middle).samples) / len(series.samples))
                + _scoring_s(outline, subject, method, effort)
            )
            for subject in outline.subjects
        )
        for effort in LADDER
    ]


def _scoring_s(outline: Outline, subject: Subject, method: str, effort: Effort) -> float:
    runs = 1 if METHODS[method].deterministic else effort.test_runs
    return outline.scored_frames[subject.name] * runs * _SCORE_FRAME_S
