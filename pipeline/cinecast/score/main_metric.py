"""What forecasts are judged by before all else: one metric, in one region."""

from __future__ import annotations

from collections.abc import Collection, Iterable

MAIN_METRIC = "dvf_error_mean_mm"
IMAGE, ROI = "image", "roi"
REGION_TITLES = {IMAGE: "Whole image", ROI: "ROI"}


def main_region(scored: Iterable[Collection[str]]) -> str:
    """Return the region that sequences are judged in: the ROI where each of them has one, else the whole image.

    Parameters
    ----------
    scored
        The regions that each sequence has scores in: a set with ``image``, and ``roi`` where it has a ROI.
    """
    regions = list(scored)
    return ROI if regions and all(ROI in each for each in regions) else IMAGE
