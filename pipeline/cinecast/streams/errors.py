"""What may be wrong with what a stream brings."""

from __future__ import annotations


class StreamError(Exception):
    """A message breaks a rule of its protocol.

    Parameters
    ----------
    kind
        The kind of fault, by which faults are counted.
    sentence
        What is wrong with the message, as a part of a sentence about it.
    """

    def __init__(self, kind: str, sentence: str) -> None:
        super().__init__(sentence)
        self.kind = kind


class StreamBrokenError(StreamError):
    """Nothing that follows can be made sense of: the connection must be made anew."""


class StreamEndedError(Exception):
    """The other end has closed the connection between two messages."""
