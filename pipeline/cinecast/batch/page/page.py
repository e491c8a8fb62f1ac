"""The page of a cohort: one HTML file that needs nothing beside it and no script."""

from __future__ import annotations

from importlib.resources import files
from urllib.parse import quote

import numpy as np
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from cinecast.batch.page import chart
from cinecast.batch.page.data import CohortData
from cinecast.batch.page.pooling import not_pooled, pooled, realised_horizons
from cinecast.batch.page.statistics import FEWEST_FOR_TEST, Spread
from cinecast.batch.page.tables import horizons_of, method_rows, pair_rows, sequence_rows
from cinecast.batch.page.targets import TARGET_METRIC, gated_apart, missing_targets, target_tables
from cinecast.frames.brightness import LARGEST_TRUSTED_SPREAD
from cinecast.report.palette import look_of
from cinecast.report.score_table import ScoreCell, format_cell
from cinecast.score.main_metric import (
    LANDMARK_METRIC,
    LANDMARKS,
    MAIN_METRIC,
    REGION_TITLES,
    main_metric,
    main_region,
)

# Metric, heading, unit, decimals.
COLUMNS = (
    (LANDMARK_METRIC, "Landmark error", "mm", 2),
    ("landmark_error_p95_mm", "95th percentile", "mm", 2),
    (MAIN_METRIC, "Geometric error", "mm", 2),
    ("dvf_error_p95_mm", "95th percentile", "mm", 2),
    ("nrmse", "Image nRMSE", "", 3),
    ("ssim", "SSIM", "", 3),
    ("weights_nrmse", "Weights nRMSE", "", 3),
    ("step_time_ms", "Time per step", "ms", 2),
)


def render_cohort(data: CohortData) -> str:
    """Return ``index.html`` of a cohort; scores at a horizon that is not one time in all sequences are left out."""
    together = pooled(data)
    region = main_region(each.regions for each in data.sequences)
    metric = main_metric(each.regions for each in data.sequences)
    rows = method_rows(together, region, metric)
    others = {other: method_rows(together, other, metric) for other in _other_regions(together, region)}
    return (
        _environment(data)
        .get_template("cohort.html")
        .render(
            data=data,
            styles=Markup(_styles()),  # our own files; what comes from inputs is escaped
            chart=chart,
            charts=chart.charts(rows),
            columns=COLUMNS,
            metric=metric,
            error=_error_in(metric, region),
            without_landmarks=[each.name for each in data.sequences if LANDMARKS not in each.regions],
            region_titles=REGION_TITLES,
            tables={region: rows} | others,
            horizons=horizons_of(together),
            pairs=pair_rows(together, region, metric),
            sequences=sequence_rows(together, region, metric),
            targets=target_tables(together),
            missing_targets=missing_targets(together),
            gated_apart=gated_apart(together),
            target_metric=TARGET_METRIC,
            fewest=FEWEST_FOR_TEST,
            protocols=_protocols(data),
            not_pooled=not_pooled(data),
            warned=[each for each in data.sequences if each.warnings or each.brightness > LARGEST_TRUSTED_SPREAD],
            known={each.name: each for each in data.sequences},
            trusted_spread=LARGEST_TRUSTED_SPREAD,
        )
    )


def _environment(data: CohortData) -> Environment:
    """Return what the template is read with: how it writes numbers, methods and horizons."""
    realised = realised_horizons(data.sequences)
    environment = Environment(
        loader=PackageLoader("cinecast.batch.page"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "number": _number,
        "spread": _spread,
        "p_value": _p_value,
        "link": _link,
        "breakable": _breakable,
        "sentence": _sentence,
        "series": lambda method: look_of(method).colour + 1,
        "realised": lambda horizon: realised[horizon].title if horizon in realised else horizon,
    }
    return environment


def _error_in(metric: str, region: str) -> str:
    """Return what methods are judged by, as it stands within a sentence."""
    return "landmark error" if metric == LANDMARK_METRIC else f"geometric error ({REGION_TITLES[region]})"


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:]


def _styles() -> str:
    report = files("cinecast.report").joinpath("static/report.css").read_text(encoding="utf-8")
    return report + files("cinecast.batch.page").joinpath("cohort.css").read_text(encoding="utf-8")


def _other_regions(data: CohortData, region: str) -> list[str]:
    found = dict.fromkeys(line.region for each in data.sequences for line in each.values if not line.against)
    return [other for other in found if other not in (region, LANDMARKS)]


def _protocols(data: CohortData) -> list[str]:
    """Return the protocols of the forecasters; persistence and the oracle are the same under each."""
    lines = [line for each in data.sequences for line in each.values if not line.method.is_reference]
    return sorted({line.method.protocol for line in lines})


def _number(value: float, decimals: int = 2) -> str:
    return f"{value:.{decimals}f}".replace("-", "\N{MINUS SIGN}") if np.isfinite(value) else "\N{EN DASH}"


def _spread(value: Spread | None, decimals: int) -> str:
    if value is None or not value.number:
        return "\N{EN DASH}"
    return format_cell(ScoreCell(value.mean, value.deviation), decimals)


def _p_value(value: float) -> str:
    if not np.isfinite(value):
        return "\N{EN DASH}"
    return "< 0.001" if value < 0.001 else f"{value:.3f}"


def _breakable(name: str) -> Markup:
    """Return a name that a line may break after its underscores, so that a column need not be as wide as it."""
    return Markup("_<wbr>").join(name.split("_"))


def _link(name: str) -> str:
    return f"{quote(name, safe='')}/report/index.html"
