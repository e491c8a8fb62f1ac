"""A digital phantom: a breathing sagittal chest and abdomen whose deformation vector field is known exactly."""

from __future__ import annotations

from cinecast.phantom.phantom import Phantom, make_phantom
from cinecast.phantom.settings import PhantomSettings

__all__ = ["Phantom", "PhantomSettings", "make_phantom"]
