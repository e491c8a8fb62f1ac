"""Stage 1, frames: a file or folder, its sidecar and the user's settings become one validated sequence.

In: a DICOM folder or file (classic or multi-frame), NIfTI, MHA or MHD in the layout of TrackRAD2025, or NPZ.
Out: `cinecast.sequence.Sequence` with the frames, shape (T, H, W), in the type and unit of the source; times in s from
the first frame, shape (T,); the distance of pixel centres in mm along (rows, columns); where they are known the ROI and
the affine, (4, 4), from (column, row, plane, 1) to patient RAS+ mm; the split into train, validation and test span.
Each fact comes from the settings, else from the file, else from the sidecar. What cannot be one cine (several planes,
frames of unlike size, no frame period) is an error that says what to give; nothing is guessed.

A folder that a scanner still writes into is a stream, `cinecast.frames.dicom.stream.DicomStream`.
"""

from cinecast.frames.headers_once import headers_once as headers_once
from cinecast.frames.interface import list_planes as list_planes
from cinecast.frames.interface import list_series as list_series
from cinecast.frames.interface import read_sequence as read_sequence
from cinecast.frames.interface import source_files as source_files
from cinecast.frames.sidecar import Sidecar as Sidecar
from cinecast.frames.sidecar import read_sidecar as read_sidecar
from cinecast.frames.source import PlaneSummary as PlaneSummary
from cinecast.frames.source import SeriesSummary as SeriesSummary
