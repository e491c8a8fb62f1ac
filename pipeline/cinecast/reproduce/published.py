"""The published figures, as they were collected into ``cine.csv`` and ``markers.json``."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from cinecast.errors import ReadError
from cinecast.parsed_text import parse_json
from cinecast.store.tables import read_table

# Names in the published tables of methods and metrics, and ours.
METHODS = {
    "no prediction (latest PCA weight)": "persistence",
    "linear regression": "linear",
    "LMS": "lms",
    "RTRL": "rtrl",
    "UORO": "uoro",
    "SnAp-1": "snap1",
    "DNI": "dni",
    "fixed W": "fixed",
    "seq-transformer": "transformer",
    "pop-transformer": "population_transformer",
    "kernel SVR": "svr",
}
CINE_METRICS = {
    "mean_DVF_error_mm": "dvf_error_mean_mm",
    "max_DVF_error_mm": "dvf_error_max_mm",
    "SSIM": "ssim",
    "nRMSE": "nrmse",
    "cross_correlation": "cross_correlation",
}
MARKER_METRICS = {
    "RMSE": "rmse",
    "MAE": "mae",
    "nRMSE": "nrmse",
    "max": "max_error",
    "max error": "max_error",
    "jitter": "jitter",
}
_MARKER_METHODS = METHODS | {"Linear regression": "linear", "Kernel SVR": "svr"}
# The recordings whose file names say talking or laughing. The table does not name them; that it means these is seen
# from LMS and linear regression, whose averages over these three are the published ones to every digit printed.
IRREGULAR = ("markers-1", "markers-3", "markers-4")


class CineKey(NamedTuple):
    """What a published figure of cine sequences is of."""

    sequence: str
    method: str
    horizon: int
    region: str
    metric: str


def read_cine(path: Path) -> dict[CineKey, float]:
    """Return the published figures of arXiv 2410.05882 per sequence, method, horizon, region and metric.

    Raises
    ------
    ReadError
        If the file is missing or is not that table.
    """
    try:
        rows = [row for row in read_table(path) if row["method"] in METHODS and row["metric"] in CINE_METRICS]
        return {_cine_key(row): float(row["value"]) for row in rows if row["horizon_frames"].isdigit()}
    except (OSError, KeyError, ValueError) as error:
        raise _unreadable(path, error) from error


class MarkerKey(NamedTuple):
    """What a published average of markers is of; the rate is in Hz, as the paper writes it (``"3.33"``)."""

    rate: str
    method: str
    metric: str


class MarkerFigures(NamedTuple):
    """Published averages of markers over all horizons.

    Parameters
    ----------
    averages
        Over nine recordings.
    irregular
        Over the recordings with irregular breathing, `IRREGULAR`.
    """

    averages: dict[MarkerKey, float]
    irregular: dict[MarkerKey, float]


def read_markers(path: Path) -> MarkerFigures:
    """Return the published averages of arXiv 2403.01607 by rate, method and metric.

    Raises
    ------
    ReadError
        If the file is missing or is not that table.
    """
    try:
        content = parse_json(path.read_text(encoding="utf-8"))["paper_B_2403.01607"]
        averages = {
            _marker_key(rate, method, metric): float(value)
            for metric, table in content["average_over_9_sequences_and_horizons"].items()
            for method, rates in table.items()
            for rate, value in rates.items()
        }
        irregular = {
            _marker_key(rate, method, metric): float(values["irregular"])
            for rate, metrics in content["regular_vs_irregular_breathing"].items()
            for metric, table in metrics.items()
            for method, values in table.items()
        }
        return MarkerFigures(averages, irregular)
    except (OSError, KeyError, ValueError, AttributeError, TypeError) as error:
        raise _unreadable(path, error) from error


def _marker_key(rate: str, method: str, metric: str) -> MarkerKey:
    return MarkerKey(rate.removesuffix(" Hz"), _MARKER_METHODS[method], MARKER_METRICS[metric])


def _cine_key(row: dict[str, str]) -> CineKey:
    method, metric = METHODS[row["method"]], CINE_METRICS[row["metric"]]
    return CineKey(row["sequence"], method, int(row["horizon_frames"]), row["region"], metric)


def _unreadable(path: Path, error: Exception) -> ReadError:
    return ReadError(f"the published figures must be readable, got {error!r} for {path}; check --published")
