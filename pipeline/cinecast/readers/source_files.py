"""Which files a sequence is read from: their digest decides whether what was made of them is still valid."""

from __future__ import annotations

from pathlib import Path

from cinecast.readers.detect import sequence_name


def source_files(path: Path) -> list[Path]:
    """Return the files that reading ``path`` may depend on, its sidecar and side files included.

    Parameters
    ----------
    path
        File or folder of a sequence.
    """
    beside = [path.parent / f"{sequence_name(path)}.json"]
    if path.is_dir():
        inside = [file for file in path.rglob("*") if not any(part.startswith(".") for part in file.parts)]
        return [file for file in [*inside, *beside] if file.is_file()]
    # Raw data of an .mhd header, and the frame rate of the TrackRAD2025 layout beside the file or above its folder.
    beside += [file for file in path.parent.glob(f"{path.stem}.*") if path.suffix == ".mhd"]
    beside += [*path.parent.glob("*frame-rate*.json"), *path.parent.parent.glob("*frame-rate*.json")]
    return sorted({path, *(file for file in beside if file.is_file())})
