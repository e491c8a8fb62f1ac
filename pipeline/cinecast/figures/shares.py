"""What figures say of the modes that they show: their share of the variance, and how many there are."""

from __future__ import annotations

from cinecast.report.data import ReportModel
from cinecast.report.few_modes import few_modes


def share_text(share: float, digits: int = 0) -> str:
    """Return a share of the variance in percent; a small one is never rounded to nothing.

    Parameters
    ----------
    share
        0 to 1.
    digits
        Decimals of the percentage.

    Returns
    -------
    str
        Such as ``80 %``, or ``<1 %`` below one unit of the last digit.
    """
    least = 10.0**-digits
    return f"<{least:.{digits}f} %" if 100 * share < least else f"{100 * share:.{digits}f} %"


def shown_of_all(model: ReportModel) -> str:
    """Return how many modes a figure shows of how many, and which share of the variance these hold; empty for all."""
    count, total = len(model.modes), float(model.explained_variance.sum())
    few = few_modes(model.explained_variance)
    if few == count:
        return ""
    share = 100 * float(model.explained_variance[:few].sum()) / total
    return f"the first {few} of {count} modes, with {share:.0f} % of the variance that all of them explain"
