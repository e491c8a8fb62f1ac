"""`cinecast reproduce`: prepare the data, plan within the budget, compute, and write table and page."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from cinecast.errors import ReadError
from cinecast.frames import read_sidecar
from cinecast.frames.detect import readable_name, sequence_name
from cinecast.progress import Progress
from cinecast.reproduce.cine import CineCell, CineSequence, prepare_sequence
from cinecast.reproduce.comparison import ComparisonRow, comparison_csv, comparison_rows
from cinecast.reproduce.driver import CellResult, compute_cells, read_results, stale_cells, stores
from cinecast.reproduce.markers import RATES, MarkerCell, MarkerRecording, find_recordings
from cinecast.reproduce.page import Page, write_page
from cinecast.reproduce.plan import Outline, ReproductionPlan, plan_reproduction
from cinecast.reproduce.published import CineKey, read_cine, read_markers
from cinecast.settings import Protocol

CINE_METHODS = ("persistence", "linear", "lms", "rtrl", "uoro", "snap1", "dni", "fixed", "transformer")
MARKER_METHODS = ("persistence", "linear", "lms", "svr", "rtrl", "uoro", "snap1", "dni", "fixed")


@dataclass(frozen=True)
class ReproduceRequest:
    """What is reproduced.

    Parameters
    ----------
    protocol
        ``published`` or ``causal``.
    methods
        Names of methods; empty for those of the paper.
    horizons
        Horizons in frames; empty for all of the paper.
    budget_s
        Seconds of wall time.
    workers
        Processes on this machine.
    scheduler
        Address of a running dask scheduler in their place.
    rates
        Rates of the markers in Hz, as the papers name them.
    """

    protocol: Protocol
    methods: tuple[str, ...]
    horizons: tuple[int, ...]
    budget_s: float
    workers: int
    scheduler: str | None
    rates: tuple[str, ...] = tuple(RATES)


@dataclass(frozen=True)
class Reproduction:
    """What came of it: rows of the table, reasons of cells that failed, and where table and page are."""

    rows: list[ComparisonRow]
    failures: list[str]
    table: Path
    page: Path


def reproduce_cine(
    data: Path, published: Path, out: Path, request: ReproduceRequest, progress: Progress
) -> Reproduction:
    """Reproduce the tables of arXiv 2410.05882 on every sequence of a folder that has a sidecar with its settings.

    Parameters
    ----------
    data
        Folder of sequences with their sidecars.
    published
        Folder of ``cine.csv``, the published figures by sequence.
    out
        Gets table, page, plots, plan, and a run folder for each sequence; the same command again goes on there.
    request
        Methods, horizons, protocol, budget and workers.
    progress
        Hears of the work.

    Returns
    -------
    All figures of methods that were reproduced in `out`, now or before.

    Raises
    ------
    CinecastError
        If there is no such sequence, two have one name, no figure was published of them at these horizons, or the
        budget is too small.
    """
    out.mkdir(parents=True, exist_ok=True)
    figures = read_cine(published / "cine.csv")
    sources = _cine_sources(data)
    horizons = _cine_horizons(sources, figures, request, progress)
    subjects = [
        prepare_sequence(source, out / "runs" / sequence_name(source), progress, request.workers) for source in horizons
    ]
    outline = Outline(
        subjects=subjects,
        methods=request.methods or CINE_METHODS,
        horizons={sources[source]: asked for source, asked in horizons.items()},
        make_cell=CineCell,
        protocol=request.protocol,
        has_modes=True,
        scored_frames={subject.name: len(subject.split.test_frames) for subject in subjects},
    )
    file = out / f"cine_{request.protocol}_plan.json"
    plan = plan_reproduction(outline, budget_s=request.budget_s, workers=request.workers, file=file)
    names = {subject.name: subject.name for subject in subjects}
    results, failures = _compute(plan, subjects, names, request, progress)
    rows = comparison_rows(results, figures, request.protocol)
    return _written(out, Page("cine", request.protocol, plan, rows, failures))


def reproduce_markers(
    data: Path, published: Path, out: Path, request: ReproduceRequest, progress: Progress
) -> Reproduction:
    """Reproduce the averages of arXiv 2403.01607 on every recording of a folder, at its three rates.

    Parameters
    ----------
    data
        Folder of recordings ``markers-N.npz``.
    published
        Folder of ``markers.json``, the published averages.
    out
        Gets table, page, plan, and a run folder for each recording and rate; the same command again goes on there.
    request
        Methods, horizons, rates, protocol, budget and workers.
    progress
        Hears of the work.

    Returns
    -------
    All figures of methods that were reproduced in `out`, now or before.

    Raises
    ------
    CinecastError
        If there is no recording, the paper has none of these horizons, or the budget is too small.
    """
    out.mkdir(parents=True, exist_ok=True)
    figures = read_markers(published / "markers.json")
    rows: list[ComparisonRow] = []
    failures: list[str] = []
    plans = []
    rates = _asked_rates(request, progress)
    whole = sum(_MARKER_SHARES[rate] for rate in rates)
    for rate, known in ((rate, RATES[rate]) for rate in rates):
        subjects = find_recordings(data, rate, out / "runs")
        outline = Outline(
            subjects=subjects,
            methods=request.methods or MARKER_METHODS,
            horizons={subject.name: _asked(known.horizons, request) for subject in subjects},
            make_cell=MarkerCell,
            protocol=request.protocol,
            has_modes=False,
            scored_frames={subject.name: 0 for subject in subjects},
        )
        share = _MARKER_SHARES[rate] / whole
        file = out / f"markers_{rate}_{request.protocol}_plan.json"
        budget = request.budget_s * share
        plan = plan_reproduction(outline, budget_s=budget, workers=request.workers, file=file, share=share)
        names = {subject.name: f"series {subject.name}" for subject in subjects}
        results, failed = _compute(plan, subjects, names, request, progress)
        rows += comparison_rows(results, {}, request.protocol)
        failures += failed
        plans.append(plan)
    return _written(out, Page("markers", request.protocol, _together(rates, plans), rows, failures, figures))


# Higher rates have more samples, more horizons and longer histories.
_MARKER_SHARES = {"3.33": 0.1, "10": 0.3, "30": 0.6}


def _asked_rates(request: ReproduceRequest, progress: Progress) -> tuple[str, ...]:
    """Return the rates at which the paper has some of the horizons asked for."""
    rates = tuple(rate for rate in request.rates if _asked(RATES[rate].horizons, request))
    if not rates:
        known = sorted({horizon for rate in request.rates for horizon in RATES[rate].horizons})
        raise ReadError(f"--horizon must be one of the paper's, got others; {_remedy(known)}")
    for rate in request.rates:
        if rate not in rates:
            progress.note(f"{rate} Hz is left out: the paper has none of these horizons at that rate.")
    return rates


def _together(rates: tuple[str, ...], plans: Sequence[ReproductionPlan]) -> ReproductionPlan:
    efforts = {
        f"{method}, {rate} Hz": effort
        for rate, plan in zip(rates, plans, strict=True)
        for method, effort in plan.efforts.items()
    }
    cells = [cell for plan in plans for cell in plan.cells]
    return ReproductionPlan(cells, efforts, sum(p.estimate_s for p in plans), sum(p.papers_s for p in plans))


def _cine_sources(data: Path) -> dict[Path, str]:
    """Return the sequences of a folder whose sidecars have a ``published`` block, with their names."""
    entries = sorted(path for path in data.iterdir() if path.suffix != ".json") if data.is_dir() else []
    sidecars = {path: read_sidecar(path) for path in entries}
    found = {path: sidecar.name or readable_name(path) for path, sidecar in sidecars.items() if sidecar.published}
    if not found:
        raise ReadError(
            f"--data must hold sequences whose sidecars have a 'published' block, got none in {data}; check --data"
        )
    for path, name in found.items():
        others = [other.name for other, same in found.items() if same == name and other != path]
        if others:
            raise ReadError(
                f"the sequences in --data must have different names, got {name!r} for {path.name} and {others[0]}; "
                "name each in its sidecar ('name'), or take one of them away"
            )
    return found


def _cine_horizons(
    sources: Mapping[Path, str], figures: Iterable[CineKey], request: ReproduceRequest, progress: Progress
) -> dict[Path, tuple[int, ...]]:
    """Return the horizons in frames of each sequence of which figures were published; what has none is left out."""
    known = {name: {key.horizon for key in figures if key.sequence == name} for name in sources.values()}
    horizons = {source: _asked(known[name], request) for source, name in sources.items()}
    if not any(horizons.values()):
        raise ReadError(
            f"--published must have figures of these sequences and horizons, got none of {', '.join(known)} at those "
            f"asked for; {_remedy(sorted(set().union(*known.values())))}"
        )
    for source in (source for source, asked in horizons.items() if not asked):
        progress.note(f"{source.name} is left out: --published has no figure of {sources[source]} at these horizons.")
    return {source: asked for source, asked in horizons.items() if asked}


def _remedy(known: Iterable[int]) -> str:
    frames = ", ".join(map(str, known))
    return f"--horizon takes {frames} (frames)" if frames else "sidecars name a sequence as that table does ('name')"


def _asked(known: Iterable[int], request: ReproduceRequest) -> tuple[int, ...]:
    return tuple(sorted(horizon for horizon in known if not request.horizons or horizon in request.horizons))


def _compute(
    plan: ReproductionPlan,
    subjects: Sequence[CineSequence | MarkerRecording],
    names: Mapping[str, str],
    request: ReproduceRequest,
    progress: Progress,
) -> tuple[list[CellResult], list[str]]:
    """Compute what is missing and return the results of all cells, and why some have none."""
    from cinecast.batch.cluster import connected

    failures: list[str] = []
    with ExitStack() as stack:
        folders = stores(subjects, names, stack)
        stale = stale_cells(plan.cells, folders)
        progress.note(_forecast_of_time(plan, len(stale), request.workers))
        if stale:
            logs = Path(stack.enter_context(tempfile.TemporaryDirectory()))
            client = stack.enter_context(connected(request.scheduler, request.workers, logs, progress.note))
            with progress.working("cells", len(stale)) as advance:
                for cell, result, reason in compute_cells(client, stale, folders):
                    if result is None:
                        failures.append(f"{cell.subject.name}, {cell.method}, horizon {cell.horizon}: {reason}")
                    advance()
        return read_results(plan.cells, folders), failures


def _forecast_of_time(plan: ReproductionPlan, stale: int, workers: int) -> str:
    return (
        f"{len(plan.cells)} cells, {stale} to compute; all take about {plan.estimate_s / 60 / workers:.1f} minutes on "
        f"{workers} processor(s), and with the papers' own grids and runs {plan.papers_s / 3600:.1f} hours of one."
    )


def _written(out: Path, page: Page) -> Reproduction:
    stem = f"{page.subject}_{page.protocol}"
    table, text = out / f"{stem}.csv", out / f"{stem}.md"
    table.write_text(comparison_csv(page.rows), encoding="utf-8")
    write_page(text, page)
    return Reproduction(page.rows, page.failures, table, text)


Reproduce = Callable[[Path, Path, Path, ReproduceRequest, Progress], Reproduction]
SUBJECTS: dict[str, Reproduce] = {"cine": reproduce_cine, "markers": reproduce_markers}


def describe(result: Reproduction) -> str:
    """Return one line on how far the figures are from the published ones."""
    differences = [abs(row.difference_percent) for row in result.rows if row.difference_percent is not None]
    if not differences:
        return "No figure of these has a published counterpart."
    within = sum(difference <= 3 for difference in differences)
    return f"{within} of {len(differences)} figures lie within 3 % of the published ones."
