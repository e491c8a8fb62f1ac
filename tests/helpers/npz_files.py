"""NumPy archives with a fault inside."""

from __future__ import annotations

import zipfile
from pathlib import Path


def change_member(path: Path, name: str, old: bytes, new: bytes) -> None:
    """Write an archive again, in which bytes of one of its files are others; its checksums are right."""
    with zipfile.ZipFile(path) as archive:
        parts = {each: archive.read(each) for each in archive.namelist()}
    assert len(old) == len(new)
    assert old in parts[name], parts[name][:200]
    parts[name] = parts[name].replace(old, new)
    with zipfile.ZipFile(path, "w") as archive:
        for each, content in parts.items():
            archive.writestr(each, content)
