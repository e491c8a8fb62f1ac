"""torch is an optional extra: who asks for a method that needs it without having it is told what to install."""

from __future__ import annotations

from importlib.util import find_spec

from cinecast_models.errors import ForecastingError

# By its folder and not by name: a registry may hold another package of that name.
INSTALL = "pip install --editable '.[torch]'"


def require_torch(method: str, *, package: str = "torch") -> None:
    """Check that a package of the extra can be imported.

    Parameters
    ----------
    method
        Name of the method that needs it.
    package
        ``"torch"`` or ``"safetensors"``.

    Raises
    ------
    ForecastingError
        If it is not installed.
    """
    if find_spec(package) is None:
        raise ForecastingError(
            f"{method} needs {package}, got a Python without it; in the folder of cinecast, install it with: {INSTALL}"
        )
