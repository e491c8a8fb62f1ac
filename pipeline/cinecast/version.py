"""The version, told here alone: the build, the records of a run and ``cinecast --version`` read it."""

__version__ = "0.1.0"
