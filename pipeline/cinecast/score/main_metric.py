"""What forecasts are judged by before all else: one metric, in one region, against one ruler."""

from __future__ import annotations

from collections.abc import Collection, Iterable

MAIN_METRIC = "dvf_error_mean_mm"
# The same error where landmarks were followed, against what does not come from the measured motion.
LANDMARK_METRIC = "landmark_error_mean_mm"
IMAGE, ROI, LANDMARKS = "image", "roi", "landmarks"
# How the regions of targets begin.
TARGET_REGION = "target:"
REGION_TITLES = {
    IMAGE: "Whole image",
    ROI: "ROI",
    "body": "Body",
    "textured": "Textured tissue",
    LANDMARKS: "Landmarks",
}
# Where that is, within a sentence.
REGION_PLACES = {
    IMAGE: "over the whole image",
    ROI: "in the ROI",
    "body": "in the body",
    "textured": "in textured tissue",
    LANDMARKS: "at the landmarks",
}


def metric_in(region: str) -> str:
    """Return the metric that methods are compared by in a region."""
    return LANDMARK_METRIC if region == LANDMARKS else MAIN_METRIC


def main_metric(scored: Iterable[Collection[str]]) -> str:
    """Return the metric that sequences are judged by: the error at landmarks where each of them has one.

    Parameters
    ----------
    scored
        The regions that each sequence has scores in.

    Returns
    -------
    str
        `LANDMARK_METRIC`, or `MAIN_METRIC`, the error against the measured motion, which every sequence has.
    """
    regions = list(scored)
    return LANDMARK_METRIC if regions and all(LANDMARKS in each for each in regions) else MAIN_METRIC


def main_region(scored: Iterable[Collection[str]]) -> str:
    """Return the region that sequences are judged in: the ROI where each of them has one, else the whole image.

    Parameters
    ----------
    scored
        The regions that each sequence has scores in: a set with ``image``, and ``roi`` where it has a ROI.
    """
    regions = list(scored)
    return ROI if regions and all(ROI in each for each in regions) else IMAGE
