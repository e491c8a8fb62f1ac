"""Readers: the stage `frames`."""

from cinecast.frames.dicom.stream import DicomStream
from cinecast.frames.interface import list_series, read_sequence, source_files
from cinecast.frames.sidecar import Sidecar, read_sidecar
from cinecast.frames.source import PlaneSummary, SeriesSummary

__all__ = [
    "DicomStream",
    "PlaneSummary",
    "SeriesSummary",
    "Sidecar",
    "list_series",
    "read_sequence",
    "read_sidecar",
    "source_files",
]
