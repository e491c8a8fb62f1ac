"""Whether forecasts are causal, and what outputs say of those that are not known to be."""

from __future__ import annotations

from cinecast.references import ORACLE, REFERENCES
from cinecast.settings.stages import Settings

# By the protocol.
NOT_CAUSAL = {
    "published": "non-causal: of the published protocol, to compare with published tables",
    "unknown": "causality not known: made from DVFs of your own",
}


def flagged(name: str, protocol: str) -> str:
    """Return a name with a flag for protocols that are not known to be causal.

    Parameters
    ----------
    name
        What a legend or a layer calls the method.
    protocol
        ``causal``, ``published``, ``unknown`` or ``oracle``.

    Returns
    -------
    str
        The name itself for the others.
    """
    said = {"published": " (non-causal)", "unknown": " (causality not known)"}
    return f"{name}{said.get(protocol, '')}"


def protocol_of_method(method: str, settings: Settings) -> str:
    """Return the protocol of a method's forecasts.

    Parameters
    ----------
    method
        Its name.
    settings
        Settings of the run.

    Returns
    -------
    str
        ``oracle`` for the oracle, ``causal`` for persistence, which learns nothing. Else that of the run: ``causal``
        or ``published`` (non-causal). Where DVFs of the user's own are taken, nothing is known to be ``causal``: it is
        ``unknown``.
    """
    if method == ORACLE:
        return ORACLE
    protocol = "causal" if method in REFERENCES else settings.forecast.protocol
    return "unknown" if protocol == "causal" and settings.flow.dvf else protocol
