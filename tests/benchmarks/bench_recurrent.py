"""Time and memory of the recurrent nets beside the work that no method can avoid, and of RTRL beside its textbook form.

Also the memory of every online method, and one published run beside ours where the marker recordings are at hand
(``../shared`` or CINECAST_SHARED). Run from the repository: ``python tests/benchmarks/bench_recurrent.py``.
Everything runs on one thread but the rows that say otherwise; contestants take turns, so that a drift of the machine's
speed meets them all; figures are medians.
"""

from __future__ import annotations

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # read when numpy is loaded

import argparse
import statistics
import sys
import time
import tracemalloc
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from rich.console import Console
from rich.table import Table
from scipy.linalg.blas import dgemv, dger

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "pipeline"), str(ROOT / "models"), str(ROOT / "tests")]

from cinecast_models import (  # noqa: E402 - found through the path above
    METHODS,
    OnlineDriver,
    forecast_series,
    half_range_95,
    method_settings,
    nrmse,
    rmse,
)
from cinecast_models.forecaster import Array, Forecaster, Pair  # noqa: E402
from cinecast_models.recurrent import threads as shared_out  # noqa: E402
from cinecast_models.recurrent.settings import RecurrentSettings  # noqa: E402
from helpers.rtrl_forward import ForwardRtrl  # noqa: E402

UNITS, LENGTH, COMPONENTS = 110, 24, 3
STEPS_IN_A_TURN = 20
WIDTH = UNITS + 1 + LENGTH * COMPONENTS
NETS = ("fixed", "rtrl", "snap1", "uoro", "dni")
SHARED = Path(os.environ.get("CINECAST_SHARED", ROOT.parent / "shared"))

SERIES: Array = np.sin(np.arange(40_000)[:, None] / [7.0, 8.5, 10.0])
SERIES += 0.1 * np.random.default_rng(0).normal(size=SERIES.shape)


@dataclass
class Contestant:
    """Something timed: a step that is given the number of its frame."""

    name: str
    step: Callable[[int], object]
    threads: int = 1
    microseconds: list[float] = field(default_factory=list)

    @property
    def median(self) -> float:
        return statistics.median(self.microseconds)


def net(method: str, runs: int = 1) -> Forecaster:
    sizes = {"history_length": LENGTH} | ({"hidden_units": UNITS} if method in NETS else {})
    settings = method_settings(method, sizes)
    return METHODS[method].create(settings, components=COMPONENTS, runs=runs, seed=0)


def pair(frame: int) -> Pair:
    return Pair(SERIES[frame : frame + LENGTH], SERIES[frame + LENGTH], frame + LENGTH - 1, frame + LENGTH)


def learning(forecaster: Forecaster) -> Callable[[int], object]:
    return lambda frame: forecaster.learn(pair(frame))


def predicting_and_learning(forecaster: Forecaster) -> Callable[[int], object]:
    def step(frame: int) -> None:
        forecaster.predict(SERIES[np.newaxis, frame : frame + LENGTH])
        forecaster.learn(pair(frame))

    return step


def pushing(method: str, runs: int = 1) -> Callable[[int], object]:
    settings = method_settings(method, {"history_length": LENGTH, "hidden_units": UNITS})
    driver = OnlineDriver(method, settings, components=COMPONENTS, horizon=1, train_end=30, runs=runs)
    for sample in SERIES[:30]:
        driver.push(sample)
    return lambda frame: driver.push(SERIES[30 + frame])


def matrices() -> list[tuple[Array, Array, Array]]:
    """Return W_a, W_b and W_c, column by column as BLAS wants them, each with a vector for its columns and its rows."""
    rng = np.random.default_rng(1)
    shapes = [(UNITS, UNITS), (UNITS, WIDTH - UNITS), (COMPONENTS, UNITS)]
    return [
        (np.asfortranarray(rng.normal(size=(r, c))), rng.normal(size=c), 1e-12 * rng.normal(size=r)) for r, c in shapes
    ]


def unavoidable_blas() -> Callable[[int], object]:
    """One product with each weight matrix and one update of rank one, by BLAS called directly, in place."""
    parts = matrices()

    def step(_frame: int) -> None:
        for matrix, columns, rows in parts:
            dgemv(1.0, matrix, columns)
            dger(1.0, rows, columns, a=matrix, overwrite_a=1)

    return step


def unavoidable_numpy() -> Callable[[int], object]:
    """The same as it is written in numpy."""
    parts = [(np.ascontiguousarray(matrix), columns, rows) for matrix, columns, rows in matrices()]

    def step(_frame: int) -> None:
        for matrix, columns, rows in parts:
            matrix @ columns
            matrix -= np.outer(rows, columns)

    return step


def textbook_rtrl() -> Callable[[int], object]:
    forecaster = net("rtrl").state()
    forward = ForwardRtrl(
        forecaster["weights"][0], forecaster["readout"][0], learning_rate=RecurrentSettings.learning_rate
    )
    return lambda frame: forward.learn(SERIES[frame : frame + LENGTH], SERIES[frame + LENGTH])


def race(contestants: list[Contestant], turns: int, warm_up: int = 2) -> None:
    """Let the contestants take turns of STEPS_IN_A_TURN steps each; the first turns do not count.

    In use a net meets its own weights in the cache, so a turn is more than one step.
    """
    for turn in range(warm_up + turns):
        for contestant in contestants:
            shared_out._processors = lambda threads=contestant.threads: threads  # type: ignore[assignment]
            for frame in range(turn * STEPS_IN_A_TURN, (turn + 1) * STEPS_IN_A_TURN):
                start = time.perf_counter()
                contestant.step(frame)
                if turn >= warm_up:
                    contestant.microseconds.append(1e6 * (time.perf_counter() - start))


def table(title: str, contestants: list[Contestant], baselines: list[Contestant]) -> Table:
    """Return medians and how many times those of the baselines they are."""
    result = Table(title=title)
    result.add_column("what")
    result.add_column("median µs", justify="right")
    for baseline in baselines:
        result.add_column(f"times {baseline.name}", justify="right")
    for contestant in contestants:
        ratios = [f"{contestant.median / baseline.median:.3g}" for baseline in baselines]
        result.add_row(contestant.name, f"{contestant.median:.1f}", *ratios)
    return result


def steps_of_single_runs(turns: int) -> Table:
    numpy, blas = Contestant("numpy's", unavoidable_numpy()), Contestant("BLAS's", unavoidable_blas())
    nets = [Contestant(f"{name}, learn", learning(net(name))) for name in NETS]
    nets += [Contestant(f"{name}, predict and learn", predicting_and_learning(net(name))) for name in NETS]
    nets += [Contestant(f"{name}, the driver's push", pushing(name)) for name in NETS]
    race([numpy, blas, *nets], turns)
    return table("one run beside the unavoidable work", [numpy, blas, *nets], [numpy, blas])


def rtrl_and_its_textbook_form(turns: int) -> Table:
    ours, textbook = Contestant("ours", learning(net("rtrl"))), Contestant("forward form, numpy", textbook_rtrl())
    race([ours, textbook], turns)
    return table("RTRL, learn", [ours, textbook], [ours])


def many_runs(turns: int) -> Table:
    processors = os.cpu_count() or 1
    one = Contestant("one", learning(net("snap1")))
    one_pushed = Contestant("one pushed", pushing("snap1"))
    rows = [one, one_pushed]
    for threads in sorted({1, processors}):
        rows.append(Contestant(f"250 runs, learn, {threads} threads", learning(net("snap1", 250)), threads))
        rows.append(Contestant(f"250 runs, push, {threads} threads", pushing("snap1", 250), threads))
    copied = np.ones((2, 250, UNITS, WIDTH))
    rows.append(
        Contestant("reading and writing their weights and influence once", lambda _frame: np.negative(copied, copied))
    )
    race(rows, turns)
    return table("SnAp-1, 250 runs together", rows, [one, one_pushed])


def memory() -> Table:
    """Return the bytes that each online method holds after 100 and after 10 000 steps: arrays, and all Python has."""
    result = Table(title="memory after 100 and after 10 000 steps, bytes")
    for column in ("method", "arrays", "arrays", "growth of everything allocated"):
        result.add_column(column, justify="left" if column == "method" else "right")
    for name in [name for name, method in METHODS.items() if not method.offline]:
        forecaster = net(name)
        step = learning(forecaster)
        sizes, traced = [], []
        tracemalloc.start()
        for frame in range(10_000):
            step(frame)
            if frame + 1 in (100, 10_000):
                traced.append(tracemalloc.get_traced_memory()[0])
                sizes.append(sum(array.nbytes for array in forecaster.state().values()))
        tracemalloc.stop()
        result.add_row(name, *(f"{size:,}" for size in sizes), f"{traced[1] - traced[0]:,}")
    return result


def published_run(file: Path) -> Table:
    """Return DNI on the first marker recording at 3.33 Hz, 2.1 s ahead, beside arXiv 2403.01607 (non-causal)."""
    with np.load(file, allow_pickle=False) as arrays:
        series = arrays["hz_3.33"].T
    settings = method_settings("dni", {"history_length": 12, "hidden_units": 180, "learning_rate": 0.01})
    result = forecast_series(
        series, method="dni", settings=settings, horizon=7, train_end=100, protocol="published", runs=5
    )
    truth, runs = series[200:], result.forecasts[:, 200:]
    values = {
        "RMSE, mm": (np.array([rmse(run, truth, objects=[0, 1, 2] * 3) for run in runs]), 1.498),
        "nRMSE": (np.array([nrmse(run, truth) for run in runs]), 0.406),
    }
    result_table = Table(title="DNI, markers-1, 3.33 Hz, h = 7, published protocol (non-causal), 5 runs")
    for column in ("metric", "published", "ours", "difference"):
        result_table.add_column(column)
    for name, (found, published) in values.items():
        ours = f"{found.mean():.3f} ± {half_range_95(found):.3f}"
        result_table.add_row(name, str(published), ours, f"{100 * (found.mean() / published - 1):+.1f} %")
    return result_table


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--turns", type=int, default=50, help=f"turns, of {STEPS_IN_A_TURN} steps each")
    turns = parser.parse_args().turns
    console = Console()
    console.print(f"q = {UNITS}, L = {LENGTH}, p = {COMPONENTS}; {os.cpu_count()} processors")
    console.print(steps_of_single_runs(turns))
    console.print(rtrl_and_its_textbook_form(max(3, turns // 10)))
    console.print(many_runs(max(3, turns // 10)))
    console.print(memory())
    recording = SHARED / "data" / "markers" / "markers-1.npz"
    if recording.exists():
        console.print(published_run(recording))


if __name__ == "__main__":
    main()
