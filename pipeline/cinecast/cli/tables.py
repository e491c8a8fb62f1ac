"""The table of scores on a terminal: five columns that fit 80 characters, or all of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from rich import box
from rich.table import Table

from cinecast.references import FLOORS
from cinecast.rounding import half_range_text
from cinecast.score.main_metric import LANDMARK_METRIC, LANDMARKS


class Column(NamedTuple):
    """A column: heading with its unit in the second line, region and metric of the scores, and digits shown."""

    heading: str
    region: str
    metric: str
    digits: int = 3


class Columns(NamedTuple):
    """Columns of a table, the most wanted first, what is said of them below it, and what a horizon is counted in."""

    all: Sequence[Column]
    meaning: str
    steps: str = "frames"


RUN_COLUMNS = Columns(
    (
        Column("landmarks\nmm", LANDMARKS, LANDMARK_METRIC, 2),
        Column("image\nmm", "image", "dvf_error_mean_mm", 2),
        Column("ROI\nmm", "roi", "dvf_error_mean_mm", 2),
        Column("SSIM", "image", "ssim"),
        Column("image\nnRMSE", "image", "nrmse"),
        Column("weights\nnRMSE", "image", "weights_nrmse"),
        Column("inside\nradius", "image", "pixels_inside"),
        Column("step\nms", "image", "step_time_ms"),
    ),
    "Mean distance of forecast and real place: at landmarks, and from the measured motion in image and ROI.",
)
SERIES_COLUMNS = Columns(
    (
        Column("RMSE", "series", "rmse"),
        Column("largest\nerror", "series", "max_error"),
        Column("nRMSE", "series", "nrmse"),
        Column("MAE", "series", "mae"),
        Column("jitter", "series", "jitter"),
        Column("inside\nband", "series", "inside"),
        Column("half width\nof band", "series", "radius"),
        Column("step\nms", "series", "step_time_ms"),
    ),
    "Errors in the unit of the series; nRMSE is their share of its spread: at 1 its mean does as well.",
    "samples",
)
# Of a series, those that have its unit.
_WITH_UNIT = ("rmse", "max_error", "mae", "jitter", "radius")
# Beside horizon and method.
_NARROW = 3
MORE = "All columns: --wide."
RUNS = "±: 95 % half range over random runs."
NO_LANDMARKS = (
    "No landmarks were followed in the test span: errors are those against the measured motion, which cannot see where "
    "it is wrong itself."
)
NO_NUMBER = "\N{EN DASH}"


def series_columns(unit: str) -> Columns:
    """Return the columns of a series with their unit in the headings; those without where it is empty, not known."""
    if not unit:
        return SERIES_COLUMNS
    named = [
        column._replace(heading=f"{column.heading.replace(chr(10), ' ')}\n{unit}")
        if column.metric in _WITH_UNIT
        else column
        for column in SERIES_COLUMNS.all
    ]
    return SERIES_COLUMNS._replace(all=named, meaning=SERIES_COLUMNS.meaning.replace("the unit of the series", unit))


def scores_table(rows: list[dict[str, str]], columns: Columns = RUN_COLUMNS, *, wide: bool = False) -> Table:
    """Return the main scores, one line per horizon and method, the smallest first number of a horizon in bold.

    Parameters
    ----------
    rows
        Rows of a table of scores.
    columns
        What is shown of them; a column without any number is left out, but for errors at landmarks, which are missed.
    wide
        Whether all columns are shown, and not the first ones alone, which fit a terminal of 80 characters.

    Returns
    -------
    Table
        With a dash where there is no number.
    """
    protocols = {row["protocol"] for row in rows}
    table = Table(
        title=f"{rows[0]['sequence']}: test span, {_protocol_title(protocols)}", title_justify="left",
        caption_justify="left", box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False, padding=(0, 1, 0, 0),
    )  # fmt: skip
    values = {(*_identity(row), row["region"], row["metric"]): row for row in rows}
    known = [column for column in columns.all if any(key[2:] == column[1:3] for key in values)]
    # Targets have tables of their own.
    rows = [row for row in rows if any((row["region"], row["metric"]) == column[1:3] for column in known)] or rows
    shown = [column for column in columns.all if column in known or column.region == LANDMARKS]
    shown = shown if wide else shown[:_NARROW]
    table.add_column(f"horizon\n({columns.steps})")
    table.add_column("method", overflow="fold")
    for column in shown:
        table.add_column(column.heading, justify="right")
    lines = sorted_lines(rows)
    best = {horizon: _best(values, lines, horizon, known[0]) for horizon, _ in lines} if known else {}
    last = ""
    cells: list[str] = []
    for horizon, method in lines:
        own = [_cell(values.get((horizon, method, column.region, column.metric)), column) for column in shown]
        seconds = next(float(row["horizon_s"]) for row in rows if row["horizon_frames"] == horizon)
        if last and horizon != last:
            table.add_section()
        label = f"{seconds:.2f} s ({horizon})" if horizon != last else ""
        table.add_row(label, method, *own, style="bold" if method == best.get(horizon) else None)
        cells += own
        last = horizon
    has_roi = any(column.region == "roi" for column in known)
    said = {
        columns.meaning if has_roi else columns.meaning.replace("in image and ROI", "in the image"): True,
        RUNS: any("±" in cell for cell in cells),
        MORE: len(shown) < len(known),
        NO_LANDMARKS: any(column not in known for column in shown),
    }
    table.caption = " ".join(sentence for sentence, applies in said.items() if applies)
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
    values: dict[tuple[str, str, str, str], dict[str, str]], lines: list[tuple[str, str]], horizon: str, column: Column
) -> str:
    found = {method: values.get((h, method, column.region, column.metric)) for h, method in lines if h == horizon}
    return best_method({method: row for method, row in found.items() if row})


def _cell(row: dict[str, str] | None, column: Column) -> str:
    if row is None or not row["value"]:
        return NO_NUMBER
    return f"{float(row['value']):.{column.digits}f}{half_range_of(row, column.digits)}"


def half_range_of(row: dict[str, str], digits: int) -> str:
    """Return the half range of a row of scores as it follows its value, empty where it has none."""
    return f" ±{half_range_text(float(row['half_range_95']), digits)}" if row["half_range_95"] else ""
