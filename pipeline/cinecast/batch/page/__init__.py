"""The page of a batch, ``index.html`` of its folder: all its sequences together, drawn from their scores alone.

Methods by horizon with their spread over the sequences, methods compared in pairs on the same sequences, and the
sequences with the worst first. Functions of tables of numbers: what is read from and written to the disk is the matter
of `cinecast.batch.summary`.
"""

from cinecast.batch.page.data import CohortData as CohortData
from cinecast.batch.page.data import SequenceScores as SequenceScores
from cinecast.batch.page.data import sequence_scores as sequence_scores
from cinecast.batch.page.page import render_cohort as render_cohort
from cinecast.batch.page.pooling import not_pooled as not_pooled
from cinecast.batch.page.targets import gated_apart as gated_apart
