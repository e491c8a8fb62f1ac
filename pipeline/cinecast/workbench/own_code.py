"""A digest of code of the user's own: results of another version of it must not pass for those of this one."""

from __future__ import annotations

import dis
import hashlib
import pickle
import sys
from collections.abc import Iterator
from contextlib import suppress
from functools import partial
from types import CodeType, FunctionType, MethodType, ModuleType
from typing import Any

import numpy as np

# Installed code is known by its name; what lies elsewhere may change from one call to the next.
_INSTALLED = ("site-packages", "dist-packages")
_OURS = ("cinecast", "cinecast_models")
_PLAIN = (int, float, complex, str, bytes, bool, type(None), type(Ellipsis), range)
# What Python writes into each class, and what is said of it.
_NOT_CODE = ("__dict__", "__weakref__", "__module__", "__doc__", "__annotations__", "__firstlineno__", "__qualname__")


def code_digest(code: Any) -> str:
    """Return the SHA-256 of a function or class, with what it uses of code and values of the user's own.

    Names, comments and places in a file do not count. Installed packages count by name alone.

    Parameters
    ----------
    code
        A function, a class, or anything that can be called.

    Returns
    -------
    str
        Hexadecimal; equal for equal code in any program of one version of Python.
    """
    whole = hashlib.sha256(sys.version.encode())
    for part in _parts(code, set()):
        whole.update(len(part).to_bytes(8, "little"))
        whole.update(part)
    return whole.hexdigest()


def _parts(found: Any, seen: set[int]) -> Iterator[bytes]:
    """Yield what an object is made of; one that was seen already is not looked at again."""
    if isinstance(found, _PLAIN):
        yield f"{type(found).__name__} {found!r}".encode()
        return
    if not isinstance(found, tuple | frozenset | CodeType):  # of which equal ones may be one and the same
        if id(found) in seen:
            yield b"again"
            return
        seen.add(id(found))
    yield type(found).__name__.encode()
    if isinstance(found, CodeType):
        yield from _code_parts(found, seen)
    elif isinstance(found, np.ndarray):
        yield f"{found.dtype} {found.shape}".encode()
        yield repr(found.tolist()).encode() if found.dtype.hasobject else found.tobytes()
    elif isinstance(found, ModuleType):
        yield found.__name__.encode()
    elif isinstance(found, dict):
        for key, value in found.items():
            yield from _all_parts((key, value), seen)
    elif isinstance(found, set | frozenset):
        yield from sorted(b"".join(_parts(each, seen)) for each in found)
    elif isinstance(found, list | tuple):
        yield from _all_parts(found, seen)
    else:
        yield from _own_parts(found, seen)


def _own_parts(found: Any, seen: set[int]) -> Iterator[bytes]:
    """Yield the parts of a function, a class, or an object of a class."""
    if isinstance(found, partial):
        yield from _all_parts((found.func, found.args, found.keywords), seen)
    elif isinstance(found, staticmethod | classmethod | MethodType):
        yield from _parts(found.__func__, seen)
    elif isinstance(found, property):
        yield from _all_parts((found.fget, found.fset), seen)
    elif not _is_own(found if isinstance(found, type | FunctionType) else type(found)):
        yield from _installed_parts(found)
    elif isinstance(found, FunctionType):
        yield from _all_parts((found.__code__, found.__defaults__, found.__kwdefaults__), seen)
        cells = [cell.cell_contents for cell in found.__closure__ or () if _is_filled(cell)]
        yield from _all_parts(cells, seen)
        used = [found.__globals__[name] for name in _global_names(found.__code__) if name in found.__globals__]
        yield from _all_parts(used, seen)
    elif isinstance(found, type):
        yield from _all_parts(found.__bases__, seen)
        for name, value in sorted(vars(found).items()):
            if name not in _NOT_CODE:
                yield from _all_parts((name, value), seen)
    else:
        yield from _parts(type(found), seen)
        yield from _all_parts(sorted(getattr(found, "__dict__", {}).items()), seen)


def _installed_parts(found: Any) -> Iterator[bytes]:
    """Yield name and place of installed code; of an object of such a class what it would be saved as."""
    named = found if hasattr(found, "__name__") else type(found)
    yield f"{getattr(named, '__module__', '')}.{getattr(named, '__qualname__', named.__name__)}".encode()
    if named is not found:
        with suppress(Exception):  # not everything can be saved; its class counts then
            yield pickle.dumps(found)


def _all_parts(found: Any, seen: set[int]) -> Iterator[bytes]:
    for each in found:
        yield from _parts(each, seen)


def _code_parts(code: CodeType, seen: set[int]) -> Iterator[bytes]:
    yield code.co_code
    yield from _all_parts((code.co_names, code.co_varnames, code.co_freevars, code.co_consts), seen)


def _global_names(code: CodeType) -> list[str]:
    """Return the global names that code and the functions within it look up, in order."""
    names = [str(each.argval) for each in dis.get_instructions(code) if each.opname in ("LOAD_GLOBAL", "LOAD_NAME")]
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            names += _global_names(constant)
    return list(dict.fromkeys(names))


def _is_filled(cell: Any) -> bool:
    try:
        cell.cell_contents  # noqa: B018  # it may be empty, as of a class that is still being made
    except ValueError:
        return False
    return True


def _is_own(code: Any) -> bool:
    """Return whether a function or class is of the user's own: of a notebook, a script or a module beside it."""
    name = str(getattr(code, "__module__", ""))
    if name == "__main__":  # of a notebook, say, whatever program shows it
        return True
    top = name.partition(".")[0]
    file = str(getattr(sys.modules.get(name), "__file__", None) or "")
    installed = top in _OURS or top in sys.stdlib_module_names or any(part in file for part in _INSTALLED)
    return not installed
