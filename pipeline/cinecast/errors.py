"""The one kind of error that a user can cause and mend."""

from __future__ import annotations


class CinecastError(Exception):
    """A rule that the input broke, in one sentence: the rule, the value got, the remedy.

    The command line prints the sentence and exits with code 2; every other exception is a fault of the
    program, whose traceback goes into a file.
    """


class ReadError(CinecastError):
    """The files given are not a usable sequence."""


class SettingsError(CinecastError):
    """A setting is unknown or out of range."""


class GapsError(SettingsError):
    """A sequence misses frames, and what is asked for has no gaps."""


class StoreError(CinecastError):
    """The run folder cannot be used: not a run, not writable, or damaged."""


class ReportError(CinecastError):
    """Runs do not belong into one report, or there is nothing to draw."""
