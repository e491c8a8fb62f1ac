"""The errors that a caller can cause and mend."""

from __future__ import annotations


class ForecastingError(ValueError):
    """A rule that the caller broke, in one sentence: the rule, the value got, the remedy."""


class DivergenceError(ForecastingError):
    """Every run of a method has diverged."""
