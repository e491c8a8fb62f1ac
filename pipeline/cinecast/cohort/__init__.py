"""The summary of a cohort: methods by horizon over all sequences, compared in pairs, as one page."""

from cinecast.cohort.data import CohortData, SequenceScores, sequence_scores
from cinecast.cohort.page import render_cohort

__all__ = ["CohortData", "SequenceScores", "render_cohort", "sequence_scores"]
