"""The run folder: atomic artifacts with fingerprints, and the one registry of their names and formats."""

from cinecast.store.folder import RunFolder as RunFolder
from cinecast.store.folder import Status as Status

__all__ = ["RunFolder", "Status"]
