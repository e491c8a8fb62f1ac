"""What other installed packages add under an entry point; one that is no good is named, and the rest goes on."""

from __future__ import annotations

import logging
from collections.abc import Callable
from importlib.metadata import EntryPoint, entry_points
from typing import NamedTuple

_LOG = logging.getLogger(__name__)


class Plugin(NamedTuple):
    """What a package adds.

    Parameters
    ----------
    value
        What its entry point names.
    source
        Name and version of the package.
    """

    value: object
    source: str


def load_plugins(group: str, fault_of: Callable[[str, object], str]) -> dict[str, Plugin]:
    """Load what all installed packages add under an entry point, and warn of what cannot be used.

    Parameters
    ----------
    group
        Name of the entry point, such as ``cinecast.methods``.
    fault_of
        Returns in words which rule a plug-in of this name breaks and what was got; empty for none.

    Returns
    -------
    dict[str, Plugin]
        By name, in the order of the names.
    """
    found: dict[str, Plugin] = {}
    for point in sorted(entry_points(group=group), key=lambda each: (each.name, each.value)):
        source = _source(point)
        value: object = None
        try:
            value = point.load()
            fault = f"have a name of its own, got that of {found[point.name].source}" if point.name in found else ""
            fault = fault or fault_of(point.name, value)
        except (Exception, SystemExit) as error:  # it is other people's code: whatever it does, the rest goes on
            fault = f"be importable, got {type(error).__name__}: {error}"
        if fault:
            _LOG.warning("the plug-in %s of %s (%s) must %s; it is left out", point.name, source, group, fault)
        else:
            found[point.name] = Plugin(value, source)
    return found


def _source(point: EntryPoint) -> str:
    return f"{point.dist.name} {point.dist.version}" if point.dist else point.value
