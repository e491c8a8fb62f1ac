"""The table of scores on a terminal."""

from __future__ import annotations

from collections.abc import Sequence

from rich.table import Table

from cinecast.references import FLOORS
from cinecast.score.main_metric import LANDMARK_METRIC, LANDMARKS

# Columns of a table: heading, region and metric of the scores.
Columns = Sequence[tuple[str, str, str]]

RUN_COLUMNS: Columns = (
    ("landmark error, mm", LANDMARKS, LANDMARK_METRIC),
    ("error, mm", "image", "dvf_error_mean_mm"),
    ("ROI error, mm", "roi", "dvf_error_mean_mm"),
    ("SSIM", "image", "ssim"),
    ("image nRMSE", "image", "nrmse"),
    ("weights nRMSE", "image", "weights_nrmse"),
    ("inside", "image", "pixels_inside"),
    ("ms/step", "image", "step_time_ms"),
)
NO_LANDMARKS = (
    "No landmarks were followed in the test span: errors are those against the measured motion, which cannot see where "
    "it is wrong itself."
)
NO_NUMBER = "\N{EN DASH}"
SERIES_COLUMNS: Columns = (
    ("RMSE", "series", "rmse"),
    ("MAE", "series", "mae"),
    ("max error", "series", "max_error"),
    ("nRMSE", "series", "nrmse"),
    ("jitter", "series", "jitter"),
    ("ms/step", "series", "step_time_ms"),
)


def scores_table(rows: list[dict[str, str]], columns: Columns = RUN_COLUMNS) -> Table:
    """Return the main scores, one line per horizon and method, the smallest first number of a horizon in bold.

    Parameters
    ----------
    rows
        Rows of a table of scores.
    columns
        What is shown of them; a column without any number is left out, but for errors at landmarks, which are missed.

    Returns
    -------
    Table
        With a dash where there is no number.
    """
    protocols = {row["protocol"] for row in rows}
    table = Table(title=f"{rows[0]['sequence']}: test span, {_protocol_title(protocols)}", title_justify="left")
    values = {(*_identity(row), row["region"], row["metric"]): row for row in rows}
    known = [column for column in columns if any(key[2:] == column[1:] for key in values)]
    # Targets have tables of their own.
    rows = [row for row in rows if any((row["region"], row["metric"]) == column[1:] for column in known)] or rows
    shown = [column for column in columns if column in known or column[1] == LANDMARKS]
    if len(shown) > len(known):
        table.caption, table.caption_justify = NO_LANDMARKS, "left"
    table.add_column("horizon")
    table.add_column("method")
    for heading, _, _ in shown:
        table.add_column(heading, justify="right")
    lines = sorted_lines(rows)
    best = {horizon: _best(values, lines, horizon, known[0][1:]) for horizon, _ in lines} if known else {}
    last = ""
    for horizon, method in lines:
        cells = [_cell(values.get((horizon, method, region, metric))) for _, region, metric in shown]
        seconds = next(float(row["horizon_s"]) for row in rows if row["horizon_frames"] == horizon)
        if last and horizon != last:
            table.add_section()
        label = f"{seconds:.2f} s ({horizon})" if horizon != last else ""
        table.add_row(label, method, *cells, style="bold" if method == best.get(horizon) else None)
        last = horizon
    return table


def sorted_lines(rows: list[dict[str, str]], first: tuple[str, ...] = ()) -> list[tuple[str, str]]:
    """Return horizon in frames and method of each line of a table.

    Parameters
    ----------
    rows
        Rows of a table of scores.
    first
        Methods that come first at their horizon, in this order.

    Returns
    -------
    list of tuple
        By horizon, then in the order of the rows.
    """

    def place(line: tuple[str, str]) -> tuple[int, int]:
        return int(line[0]), first.index(line[1]) if line[1] in first else len(first)

    return sorted(dict.fromkeys(_identity(row) for row in rows), key=place)


def best_method(errors: dict[str, dict[str, str]]) -> str:
    """Return the method with the smallest error, of those that forecast something; empty where there is none.

    Parameters
    ----------
    errors
        Rows of one metric at one horizon, by method.
    """
    known = {m: float(row["value"]) for m, row in errors.items() if m not in FLOORS and row["value"]}
    return min(known, key=known.__getitem__, default="")


def _identity(row: dict[str, str]) -> tuple[str, str]:
    return row["horizon_frames"], row["method"]


def _protocol_title(protocols: set[str]) -> str:
    if "published" in protocols:
        return (
            "protocol published: NON-CAUSAL, learns from targets before they exist; only for comparison with the papers"
        )
    if "unknown" in protocols:
        return "causality NOT KNOWN (DVFs given with --dvf)"
    return "protocol causal"


def _best(
    values: dict[tuple[str, str, str, str], dict[str, str]],
    lines: list[tuple[str, str]],
    horizon: str,
    column: tuple[str, str],
) -> str:
    found = {method: values.get((h, method, *column)) for h, method in lines if h == horizon}
    return best_method({method: row for method, row in found.items() if row})


def _cell(row: dict[str, str] | None) -> str:
    if row is None or not row["value"]:
        return NO_NUMBER
    half_range = f" ± {float(row['half_range_95']):.3f}" if row["half_range_95"] else ""
    return f"{float(row['value']):.3f}{half_range}"
