"""The readable page of the fair table."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

import numpy as np

BEST, FLOOR = "mixture", "oracle"
FEW, MANY = 3, 12
SPANS = ("validation", "test")
SETS = {"eth": "ETH", "ovgu": "OvGU"}
# What was asked for; each sequence has the nearest number of frames.
HORIZONS = ("0.33 s", "1 s", "2 s")
# Number of modes, and whether the drift is followed.
MOTIONS = ((FEW, False), (MANY, False), (FEW, True), (MANY, True))


class FairRow(NamedTuple):
    """Mean error at the landmarks of one method on one sequence, horizon and span, with the spread over random runs."""

    sequence: str
    horizon_frames: int
    horizon_s: float
    method: str
    modes: int
    drift: bool
    span: str
    error_mm: float
    spread_mm: float


class Place(NamedTuple):
    """Where an error stands, apart from sequence and horizon; horizons are numbered from the shortest."""

    method: str
    modes: int
    drift: bool
    span: str


class Table:
    """All errors by where they stand."""

    def __init__(self, rows: Sequence[FairRow]) -> None:
        self.methods = list(dict.fromkeys(row.method for row in rows))
        self.sequences = sorted({row.sequence for row in rows})
        self.modes = sorted({row.modes for row in rows})
        seconds = {name: sorted({r.horizon_s for r in rows if r.sequence == name}) for name in self.sequences}
        self.horizons = range(len(HORIZONS))
        self.seconds = {
            prefix: [f"{np.mean([seconds[name][h] for name in self.named(prefix)]):.2f}" for h in self.horizons]
            for prefix in SETS
        }
        self._errors = {
            (Place(r.method, r.modes, r.drift, r.span), r.sequence, seconds[r.sequence].index(r.horizon_s)): r.error_mm
            for r in rows
        }

    def named(self, prefix: str) -> list[str]:
        """Return the sequences whose names begin so."""
        return [name for name in self.sequences if name.startswith(prefix)]

    def has(self, method: str, modes: int) -> bool:
        """Return whether a method was measured with so many modes."""
        return any(place.method == method and place.modes == modes for place, _, _ in self._errors)

    def mean(self, place: Place, horizons: Iterable[int] | None = None, prefix: str = "") -> float:
        """Return the mean error in mm over horizons, all by default, and the sequences whose names begin so."""
        kept = self.horizons if horizons is None else tuple(horizons)
        found = [self._errors[place, name, h] for name in self.named(prefix) for h in kept]
        return float(np.mean(found))

    def change(self, new: Place, old: Place, horizons: Iterable[int] | None = None, prefix: str = "") -> float:
        """Return by how many percent the mean error of one place is above that of another."""
        kept = None if horizons is None else tuple(horizons)
        return 100 * (self.mean(new, kept, prefix) / self.mean(old, kept, prefix) - 1)

    def lower(self, new: Place, old: Place) -> int:
        """Return at how many sequences and horizons the error of one place is below that of another."""
        pairs = [(name, h) for name in self.sequences for h in self.horizons]
        return sum(self._errors[new, *pair] < self._errors[old, *pair] for pair in pairs)


def page(rows: Sequence[FairRow]) -> Iterator[str]:
    """Yield the lines of the page."""
    table = Table(rows)
    yield from _head(table)
    for span in SPANS:
        yield from _errors(table, span)
    yield from _parts(table)
    yield from _numbers_of_modes(table)
    yield from _same_motion(table)


def _head(table: Table) -> Iterator[str]:
    yield "# Every method on the same motion"
    yield ""
    yield (
        "Written by `python reports/make/table_fair.py`: mean error at landmarks in mm, six sequences, default flow, "
        "causal, default settings of every method. All methods get the same motion: so many modes of one model, and "
        "the drift followed or not. So what the number of modes, the drift and the forecaster bring is told apart. "
        "Recurrent nets have five random runs, the transformer has one. Horizons are the nearest numbers of frames: "
        + " and ".join(f"{', '.join(table.seconds[prefix])} s ({title})" for prefix, title in SETS.items())
        + ". `fair.csv` has every sequence, span and number of modes."
    )
    yield ""
    yield "What was chosen, by the validation spans; the test spans stand beside, and nothing was chosen by them:"
    yield ""
    yield from _choices(table)
    yield ""


def _choices(table: Table) -> Iterator[str]:
    """Yield what the validation spans say of modes and drift, in figures."""
    others = [m for m in table.methods if m not in (FLOOR, BEST, "persistence")]
    worse = [m for m in others if _of_modes(table, m, "validation") > 0]
    lower = [m for m in others if m not in worse]
    still = [m for m in lower if _of_modes(table, m, "test") <= 0]
    yield (
        f"- `motion.modes` stays {FEW}. With {MANY} the mean over horizons is higher for {len(worse)} of {len(others)} "
        f"methods ({_named(worse)}), by {_range(_of_modes(table, m, 'validation') for m in worse)} %. It is lower for "
        f"{_named(lower)}. In the test span, of these it is lower for {_named(still) or 'none'} alone."
    )
    yield (
        f"- `{BEST}` stays at {MANY}: {_of_modes(table, BEST, 'validation'):+.1f} % in the validation span, "
        f"{_of_modes(table, BEST, 'test'):+.1f} % in the test span."
    )
    changes = {m: _of_drift(table, m, "validation") for m in (*others, BEST)}
    tested = [_of_drift(table, m, "test") for m in (*others, BEST)]
    first = {m: _of_drift(table, m, "validation", [0]) for m in changes}
    yield (
        f"- `motion.drift` is followed for all methods, as it was for `{BEST}` alone. In the validation span that "
        f"changes the mean over horizons by {_range(changes.values())} %, at the shortest horizon by "
        f"{_range(first.values())} %. It is higher for {_named([m for m in changes if changes[m] > 0]) or 'none'}. "
        f"The floor (`{FLOOR}`, {MANY} modes) falls by {-_of_drift(table, FLOOR, 'validation'):.1f} %. A drift grows "
        f"with time: in the test span, which is farther from the train span, the change is {_range(tested)} %. ETH's "
        f"sequences hardly drift: {_range(_of_drift(table, m, 'validation', None, 'eth') for m in changes)} %."
    )


def _of_modes(table: Table, method: str, span: str) -> float:
    return table.change(Place(method, MANY, True, span), Place(method, FEW, True, span))


def _of_drift(table: Table, method: str, span: str, horizons: Sequence[int] | None = None, prefix: str = "") -> float:
    modes = own_modes(method)
    return table.change(Place(method, modes, True, span), Place(method, modes, False, span), horizons, prefix)


def own_modes(method: str) -> int:
    """Return how many modes a method forecasts by default."""
    return MANY if method in (BEST, FLOOR) else FEW


def _range(values: Iterable[float]) -> str:
    found = list(values)
    return f"{min(found):+.1f} to {max(found):+.1f}"


def _named(methods: Sequence[str]) -> str:
    return ", ".join(f"`{method}`" for method in methods)


def _errors(table: Table, span: str) -> Iterator[str]:
    yield f"## {span.capitalize()} span"
    yield ""
    yield (
        "Mean of six sequences, mm. Modes | modes, drift followed. `oracle` has the true weights: what the motion "
        "model leaves."
    )
    yield ""
    titles = [f"{modes}{', drift' if drift else ''}" for modes, drift in MOTIONS]
    yield "| method | " + " | ".join(f"{s}: {titles[0]} | " + " | ".join(titles[1:]) for s in HORIZONS) + " |"
    yield "|---" * (1 + len(HORIZONS) * len(MOTIONS)) + "|"
    for method in table.methods:
        cells = [
            f"{table.mean(Place(method, modes, drift, span), [h]):.2f}"
            for h in table.horizons
            for modes, drift in MOTIONS
        ]
        yield f"| {_marked(method)} | " + " | ".join(cells) + " |"
    yield ""


def _marked(method: str) -> str:
    return f"**{method}**" if method == BEST else method


def _parts(table: Table) -> Iterator[str]:
    yield "## What modes and drift bring"
    yield ""
    yield (
        f"Change of the mean error over horizons and sequences in %. Modes: {MANY} instead of {FEW}, both with the "
        f"drift. Drift: followed or not, {FEW} modes (`{BEST}` and `{FLOOR}` {MANY}); in brackets, at how many of the "
        f"{len(table.sequences) * len(table.horizons)} sequences and horizons it lowers the error."
    )
    yield ""
    titles = [f"{part}: {title}, {span}" for part in ("modes", "drift") for span in SPANS for title in SETS.values()]
    yield "| method | " + " | ".join(titles) + " |"
    yield "|---" * (1 + len(titles)) + "|"
    for method in table.methods:
        cells = []
        for span in SPANS:
            many, few = (Place(method, number, True, span) for number in (MANY, FEW))
            cells += [f"{table.change(many, few, None, prefix):+.1f}" for prefix in SETS]
        for span in SPANS:
            new, old = (Place(method, own_modes(method), drift, span) for drift in (True, False))
            counted = f" ({table.lower(new, old)})"
            cells += [
                f"{table.change(new, old, None, prefix):+.1f}{counted if prefix == 'ovgu' else ''}" for prefix in SETS
            ]
        yield f"| {_marked(method)} | " + " | ".join(cells) + " |"
    yield ""


def _numbers_of_modes(table: Table) -> Iterator[str]:
    yield "## How many modes"
    yield ""
    yield (
        "Validation span, drift followed, mean over horizons and sequences, mm; the lowest number is bold. Beside it, "
        f"the test span with that many modes and with {FEW}."
    )
    yield ""
    yield "| method | " + " | ".join(map(str, table.modes)) + f" | test, with the bold | test, with {FEW} |"
    yield "|---" * (3 + len(table.modes)) + "|"
    for method in table.methods:
        known = [modes for modes in table.modes if table.has(method, modes)]
        errors = {modes: table.mean(Place(method, modes, True, "validation")) for modes in known}
        best = min(errors, key=lambda modes: errors[modes])
        cells = [_number(errors.get(modes), modes == best) for modes in table.modes]
        tested = [f"{table.mean(Place(method, modes, True, 'test')):.2f}" for modes in (best, FEW)]
        yield f"| {_marked(method)} | " + " | ".join([*cells, *tested]) + " |"
    yield ""


def _number(value: float | None, best: bool) -> str:
    if value is None:
        return ""
    return f"**{value:.2f}**" if best else f"{value:.2f}"


def _same_motion(table: Table) -> Iterator[str]:
    yield "## What the forecaster brings"
    yield ""
    yield (
        f"`{BEST}` beside the best other method of each column, both with {FEW} modes and the drift: the same motion. "
        f"Then with the {MANY} modes that it is made for, beside the best other with as many as it likes best in the "
        "validation span (the table above). The experts of the mixture were chosen by the errors at the landmarks of "
        "these very sequences, in both spans, so these differences flatter it; [mixture.md](mixture.md) says by how "
        "much."
    )
    yield ""
    titles = [
        f"{BEST}, {FEW}",
        f"best other, {FEW}",
        "",
        "difference",
        f"{BEST}, {MANY}",
        "best other",
        "",
        "difference",
    ]
    yield "| span, horizon | " + " | ".join(titles) + " |"
    yield "|---" * 9 + "|"
    for span in SPANS:
        for h in table.horizons:
            alike = {m: table.mean(Place(m, FEW, True, span), [h]) for m in table.methods}
            own = {m: table.mean(Place(m, _liked(table, m), True, span), [h]) for m in table.methods}
            own[BEST] = table.mean(Place(BEST, MANY, True, span), [h])
            cells = [cell for errors in (alike, own) for cell in _beside_best(errors)]
            yield f"| {span}, {HORIZONS[h]} | " + " | ".join(cells) + " |"
    yield ""


def _liked(table: Table, method: str) -> int:
    known = [modes for modes in table.modes if table.has(method, modes)]
    return min(known, key=lambda modes: table.mean(Place(method, modes, True, "validation")))


def _beside_best(errors: dict[str, float]) -> list[str]:
    other = min((m for m in errors if m not in (BEST, FLOOR)), key=lambda m: errors[m])
    difference = 100 * (errors[BEST] / errors[other] - 1)
    return [f"{errors[BEST]:.2f}", f"{errors[other]:.2f}", f"`{other}`", f"{difference:+.1f} %"]
