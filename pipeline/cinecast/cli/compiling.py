"""A word while functions are compiled: the first commands after an installation wait for it."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from time import monotonic
from typing import Any

from numba.core.event import Listener, register

# One function now and then is worth no word.
_WORTH_A_WORD_S = 1.0
_WORD = "functions are compiled, once after an installation; this may take a minute"


@cache
def tell_of_compiling(tell: Callable[[str], None]) -> None:
    """Have a sentence said, once, when numba compiles functions; what it finds in its cache is not compiled.

    Parameters
    ----------
    tell
        Gets the sentence, in any thread.
    """
    register("numba:compile", _Waiting(tell))


class _Waiting(Listener):
    """Counts the time that functions take, and speaks when it has become long."""

    def __init__(self, tell: Callable[[str], None]) -> None:
        self._tell, self._told = tell, False
        self._depth, self._began, self._taken_s = 0, 0.0, 0.0

    def on_start(self, event: Any) -> None:
        """Say so before the next function if those before it have taken long."""
        if not self._told and self._taken_s > _WORTH_A_WORD_S:
            self._told = True
            self._tell(_WORD)
        if self._depth == 0:
            self._began = monotonic()
        self._depth += 1  # a function that is called is compiled within the one that calls it

    def on_end(self, event: Any) -> None:
        """Count the time of a function with all that it calls."""
        self._depth -= 1
        if self._depth == 0:
            self._taken_s += monotonic() - self._began
