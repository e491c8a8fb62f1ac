"""A digital phantom: a breathing sagittal chest and abdomen whose deformation vector field is known exactly.

In: `PhantomSettings`, image, breathing and image faults.
Out: `Phantom`, a sequence as a reader gives it; its true DVF, shape (T, H, W, 2), pixels, last axis (x = column,
y = row); the signals that drive it, mm.
`cinecast.phantom.files` writes it as a user's files.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from cinecast.phantom.settings import PhantomSettings as PhantomSettings

if TYPE_CHECKING:
    from cinecast.phantom.phantom import Phantom as Phantom
    from cinecast.phantom.phantom import make_phantom as make_phantom
else:

    def __getattr__(name: str) -> object:
        # Only who makes a phantom waits for the libraries that draw it; settings alone are a matter of numbers.
        if name not in ("Phantom", "make_phantom"):
            raise AttributeError(f"module 'cinecast.phantom' has no attribute {name!r}")
        from cinecast.phantom import phantom

        return getattr(phantom, name)


__all__ = ["Phantom", "PhantomSettings", "make_phantom"]
