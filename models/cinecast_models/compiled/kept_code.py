"""The files that compiled code is kept in: one for each function and kind of arguments, for several processes at once.

numba itself numbers the files of a function, and has a list of which number is whose. Two processes that compile it for
other arguments at the same time then write one number, and the list has it for one of them: from then on each process
runs code that was made for arguments of another kind. Likewise after a kill between the list and the file, where an
older file has that number. So a file is named after what is in it, and there is no list.
"""

from __future__ import annotations

import hashlib
from contextlib import suppress
from pickle import UnpicklingError
from typing import Any, cast

from numba.core.caching import FunctionCache, IndexDataCacheFile


class KeptCode(IndexDataCacheFile):
    """The files of one function, by what they were compiled from and for."""

    @classmethod
    def of(cls, files: Any) -> KeptCode:
        """Return what takes the place of numba's own files of a function."""
        kept = cls.__new__(cls)
        kept.__dict__.update(vars(files))
        return kept

    def save(self, key: object, data: object) -> None:
        """Keep compiled code, at once.

        Parameters
        ----------
        key
            Kinds of the arguments, the processor, and the function's own digest.
        data
            What `load` gives back.
        """
        cast(Any, self)._save_data(self._name(key), data)

    def load(self, key: object) -> Any:
        """Return the code that is kept for a key; None where there is none, or no whole file."""
        try:
            return cast(Any, self)._load_data(self._name(key))
        except (OSError, EOFError, UnpicklingError):
            return None

    def _name(self, key: object) -> str:
        made_from = repr((self._version, self._source_stamp, key))
        return str(self._data_name_pattern).format(number=int(hashlib.sha256(made_from.encode()).hexdigest()[:16], 16))


class Keeping(FunctionCache):
    """Keeps the code of one function in files; where there is no room for them any more, it is compiled again.

    Parameters
    ----------
    function
        The plain function.

    Raises
    ------
    RuntimeError
        If there is no folder that numba may write to.
    """

    def __init__(self, function: object) -> None:
        cast(Any, super()).__init__(function)
        self._cache_file = KeptCode.of(self._cache_file)

    def save_overload(self, sig: Any, data: Any) -> None:
        """Keep code as numba does, which also tries whether its folder can be written to.

        Parameters
        ----------
        sig
            Kinds of the arguments, as numba has them.
        data
            What was compiled for them.
        """
        with suppress(OSError):
            cast(Any, super()).save_overload(sig, data)
