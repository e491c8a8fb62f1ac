"""Readers: the stage `frames`."""

from cinecast.readers.dicom_stream import DicomStream
from cinecast.readers.interface import list_series, read_sequence, source_files
from cinecast.readers.sidecar import Sidecar, read_sidecar
from cinecast.readers.source import PlaneSummary, SeriesSummary

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
