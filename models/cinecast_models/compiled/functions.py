"""Inner loops compiled by numba and kept on disk, with nothing stale in what is kept.

Where there is no place to keep them, each process compiles them anew.

numba compiles a function again when its own file has changed. It does not notice a change of a file whose functions or
numbers the compiled code has taken in. So a digest of these is part of the name that the code is kept under.
"""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any, TypeVar, cast

from numba import njit
from numba.extending import is_jitted

from cinecast_models.compiled.kept_code import Keeping

Function = TypeVar("Function", bound=Callable[..., Any])


def compiled(**options: Any) -> Callable[[Function], Function]:
    """Return a decorator that compiles a function, without the interpreter's lock, and keeps the code on disk.

    Compiled functions must be imported by name, at the top of the file.

    Parameters
    ----------
    **options
        Those of ``numba.njit``, apart from ``cache`` and ``nogil``.
    """

    def decorate(function: Function) -> Function:
        # numba names the files of its cache after the qualified name.
        function.__qualname__ += f"_{_digest(function)}"
        return _compiled(function, options)

    return decorate


def _compiled(function: Function, options: dict[str, Any]) -> Function:
    # Where sums may be reordered, a function that is called by another is taken into it. Else the process that compiles
    # them calls the one made first, and all later ones one that was made for its caller, with another rounding.
    options = {"nogil": True, "forceinline": "fastmath" in options, **options}
    as_compiled: Any = njit(**options)(function)
    if is_jitted(as_compiled):  # else numba is told to compile nothing
        with suppress(RuntimeError):  # it finds no folder that it may write to: a container without a writable disk
            vars(as_compiled)["_cache"] = Keeping(function)
    return cast(Function, as_compiled)


def _digest(function: Any) -> str:
    """Return a digest of all that a function may take in from other files, and of this one, which says how."""
    taken_in = {(Path(__file__).name, _content(__file__)), *_taken_in(function, {function.__code__.co_filename})}
    return hashlib.sha256(repr(sorted(taken_in)).encode()).hexdigest()[:16]


def _taken_in(function: Any, known: set[str]) -> Iterator[tuple[str, str]]:
    """Yield the content of each file whose compiled functions are imported, by these in turn too, and all numbers.

    Looked at are all names of the file so far, not those of the function alone: it may call functions that follow. A
    module that says ``WRITES_CODE`` of itself has plain functions that compiled ones are written by.
    """
    for name, value in function.__globals__.items():
        if isinstance(value, int | float):
            yield name, repr(value)
        elif is_jitted(value) and value.py_func.__code__.co_filename not in known:
            file = value.py_func.__code__.co_filename
            known.add(file)
            yield Path(file).name, _content(file)
            yield from _taken_in(value.py_func, known)
        elif (file := _writer(value)) not in ("", *known):
            known.add(file)
            yield Path(file).name, _content(file)


def _writer(value: Any) -> str:
    """Return the file of a plain function or class of a module that writes compiled code; empty for any other."""
    module = sys.modules.get(str(getattr(value, "__module__", "")))
    return str(module.__file__) if getattr(module, "WRITES_CODE", False) and module is not None else ""


def _content(file: str) -> str:
    try:
        return hashlib.sha256(Path(file).read_bytes()).hexdigest()
    except OSError:  # in an archive, where nobody edits it
        return ""


# Sums may be reordered, which vectorises them; NaN and infinity keep their meaning, by which divergence is noticed.
# No result may depend on where arrays lie: the compiler makes a loop twice, for arrays that overlap and for others, and
# may take either. So products and sums are not fused into one rounding, and no loop that sums also stores.
compiled_loop: Callable[[Any], Any] = compiled(error_model="numpy", fastmath={"reassoc", "nsz"})


# The functions of rows are functions for the sake of speed: a loop over the rows of an array of runs is not vectorised
# where the elements are written as ``array[run, i, j]``, and runs three times as fast on rows handed over.


@compiled_loop
def add(row, factor, other):  # type: ignore[no-untyped-def]  # pragma: no cover - compiled
    """Add ``factor * other`` to a row.

    Parameters
    ----------
    row
        Changed in place, shape (n,).
    factor
        A number.
    other
        Shape (n,).
    """
    for j in range(len(row)):
        row[j] += factor * other[j]


@compiled_loop
def copy(row, other):  # type: ignore[no-untyped-def]  # pragma: no cover - compiled
    """Write another row over a row.

    Parameters
    ----------
    row
        Written, shape (n,).
    other
        Shape (n,).
    """
    # An array assigned to a slice has numba compile the message that it would not fit with, which takes it seconds.
    for j in range(len(row)):
        row[j] = other[j]


@compiled_loop
def dot(first, second):  # type: ignore[no-untyped-def]  # pragma: no cover - compiled
    """Return the inner product.

    Parameters
    ----------
    first, second
        Shape (n,).

    Returns
    -------
    float
        Summed in any order.
    """
    total = 0.0
    for i in range(len(first)):
        total += first[i] * second[i]
    return total
