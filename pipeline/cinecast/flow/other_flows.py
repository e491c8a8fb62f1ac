"""Flows of other packages, which add them under the entry point ``cinecast.flows``."""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cinecast.errors import CinecastError, ReadError, SettingsError
from cinecast.settings import FlowSettings
from cinecast.settings.flow_settings import OWN_FLOW
from cinecast_models.check.plugins import Plugin, load_plugins
from cinecast_models.other_code import faults_as

GROUP = "cinecast.flows"
Estimate = Callable[[NDArray[Any]], NDArray[Any]]


@cache
def other_flows() -> dict[str, Plugin]:
    """Return the flows of other packages by name; each makes, from a reference frame, what returns a frame's DVF."""
    return load_plugins(GROUP, _fault_of)


def flow_source(settings: FlowSettings) -> str:
    """Return name and version of the package whose flow the settings ask for; empty for that of cinecast.

    Raises
    ------
    SettingsError
        If no package adds such a flow.
    """
    if settings.estimator == OWN_FLOW:
        return ""
    known = other_flows()
    if settings.estimator not in known:
        raise SettingsError(
            f"flow.estimator must be one of {', '.join((OWN_FLOW, *known))}, got {settings.estimator!r}; install the "
            "package that adds it, or choose one of these"
        )
    return known[settings.estimator].source


def other_flow(reference: NDArray[Any], settings: FlowSettings) -> Estimate:
    """Return what measures the motion of frames against a reference frame with another package's flow.

    Parameters
    ----------
    reference
        Shape (H, W).
    settings
        Which flow.

    Returns
    -------
    Estimate
        Returns the DVF of a frame, shape (H, W, 2), pixels, last axis (x = column, y = row). It raises ReadError where
        the package fails or returns something else.

    Raises
    ------
    SettingsError
        If no package adds such a flow.
    ReadError
        If the package fails at once.
    """
    source = flow_source(settings)
    make: Any = other_flows()[settings.estimator].value
    with _named_fault(settings.estimator, source):
        estimate = make(reference)

    def checked(frame: NDArray[Any]) -> NDArray[Any]:
        with _named_fault(settings.estimator, source):
            dvf = np.asarray(estimate(frame))
        if dvf.shape != (*reference.shape, 2) or not np.isfinite(dvf).all():
            got = "numbers that are not finite" if dvf.shape == (*reference.shape, 2) else f"shape {dvf.shape}"
            raise ReadError(
                f"a flow must return vectors of shape {(*reference.shape, 2)} that are finite, got {got} from "
                f"{settings.estimator} of {source}; mend that package, or choose another flow.estimator"
            )
        return dvf

    return checked


def _named_fault(name: str, source: str) -> AbstractContextManager[None]:
    """Return what turns a fault of a block into a sentence that names the flow and the package it is of."""
    return faults_as(
        lambda words: ReadError(
            f"a flow must measure every frame of a sequence, got {words} in {name} of {source}; choose "
            "another flow.estimator, or have that package mended"
        ),
        CinecastError,
    )


def _fault_of(name: str, value: object) -> str:
    if name == OWN_FLOW:
        return "have a name of its own, got one that exists"
    if not re.fullmatch(r"[a-z][a-z0-9_]*", name):
        return "have a name of small letters, digits and underscores"
    return "" if callable(value) else f"be callable with a reference frame, got {type(value).__name__}"
