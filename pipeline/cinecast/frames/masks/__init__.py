"""Targets and organs at risk: masks of single frames, and reference masks of many frames for scoring.

In: a label map (NIfTI, MHA, NRRD, Slicer's .seg.nrrd, PNG, NPY) or an RTSTRUCT, and the `cinecast.sequence.Sequence`
that it was drawn on. Out: `Target`, a mask of shape (H, W) with the index of its frame, or `LabelSeries`, masks of
shape (T, H, W) with the frames that have a label. A mask in another geometry than that of the frames is an error that
names both. So are several structures in one file of which none is chosen. Nothing is resampled.
"""

from cinecast.frames.masks.first_label import find_first_label as find_first_label
from cinecast.frames.masks.interface import has_place as has_place
from cinecast.frames.masks.interface import read_label_series as read_label_series
from cinecast.frames.masks.interface import read_targets as read_targets
from cinecast.frames.masks.target import LabelSeries as LabelSeries
from cinecast.frames.masks.target import Target as Target
from cinecast.frames.masks.target import make_target as make_target
from cinecast.frames.masks.target_file import settings_of_files as settings_of_files
from cinecast.frames.masks.target_file import targets_of_file as targets_of_file
