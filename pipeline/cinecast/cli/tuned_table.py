"""The table of settings that `cinecast tune` chose, narrow enough for 80 columns."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from rich import box
from rich.table import Table

from cinecast.cli.tables import NO_NUMBER

if TYPE_CHECKING:
    from cinecast.tuning.tune import TuneResult

_MEANING = (
    "Error: nRMSE of the weights over the validation span; gain: how much lower it is than with the default settings "
    "and as many modes. Settings were chosen on that very span: expect less on the test span."
)


def tuned_table(result: TuneResult) -> Table:
    """Return one line for each method and horizon: modes, error and gain; the chosen settings stand below it."""
    table = Table(
        caption=_MEANING, caption_justify="left",
        box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False, padding=(0, 1, 0, 0),
    )  # fmt: skip
    table.add_column("method\n  settings", overflow="fold")
    for heading in ("horizon\n(frames)", "modes", "error", "gain\n%"):
        table.add_column(heading, justify="right")
    for chosen, errors in zip(result.chosen, result.errors, strict=True):
        horizon = f"{chosen.horizon_frames * result.frame_period_s:.2f} s ({chosen.horizon_frames})"
        gain = NO_NUMBER if math.isnan(errors.gain) else f"{100 * errors.gain:.1f}"
        table.add_row(chosen.method, horizon, str(chosen.modes), f"{errors.chosen:.3f}", gain, style="bold")
        for name, value in chosen.settings.items():
            table.add_row(f"  {name} {value:.4g}" if isinstance(value, float) else f"  {name} {value}")
    return table
