"""The summary of a cohort: methods by horizon over all sequences, compared in pairs, as one page."""

from cinecast.batch.page.data import CohortData, SequenceScores, sequence_scores
from cinecast.batch.page.page import render_cohort

__all__ = ["CohortData", "SequenceScores", "render_cohort", "sequence_scores"]
