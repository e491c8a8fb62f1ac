"""Names of formats are known before anything heavy is loaded, and each has its writer."""

from __future__ import annotations

from pathlib import Path

from cinecast.export import FORMATS, export_format
from cinecast.export.choice import DVF_OF_FRAME
from cinecast.export.writing import WRITERS


def test_every_format_has_a_writer() -> None:
    assert set(WRITERS) == set(FORMATS)


def test_every_format_is_that_of_some_ending() -> None:
    names = [f"frames{ending}" for ending in (".nii", ".nii.gz", ".mha", ".mp4", ".gif")]
    found = {export_format(Path(name), None, "frames") for name in names}
    found |= {export_format(Path(f"field.{ending}"), None, DVF_OF_FRAME) for ending in ("nrrd", "h5")}
    assert found | {export_format(Path("places.csv"), None, "target-centroids")} == set(FORMATS)
