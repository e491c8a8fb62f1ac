"""Settings of the recurrent nets, apart from what needs numba."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, ClassVar

from cinecast_models.settings import MethodSettings, Range


@dataclass(frozen=True)
class RecurrentSettings(MethodSettings):
    """Settings of every recurrent net.

    Parameters
    ----------
    history_length
        Number L of newest samples that enter the net at each step, 1 to 100 000, default 12.
    hidden_units
        Number q of hidden units, 1 to 10 000, default 60.
    learning_rate
        Size of a step of gradient descent, above 0 to 10, default 0.01.
    weight_std
        Standard deviation of the random initial weights, from 0 to 10, default 0.02.
    clip_norm
        Largest norm of the gradient over all weights together, above 0 to 1e300 (none), default 100.

    Notes
    -----
    Sizes and rates are of the published grids. Over the validation spans (never the test spans) of six weight series
    and six marker recordings, causally, 60 units at a rate of 0.01 had the lowest or nearly the lowest nRMSE for every
    method that learns its read-in; at 110 units and 0.02, the largest of the grids, `dni` and `uoro` did worse than
    the mean of the series.
    """

    hidden_units: Annotated[int, Range(1, 10_000)] = 60
    learning_rate: Annotated[float, Range(0, 10, above=True)] = 0.01
    weight_std: Annotated[float, Range(0, 10)] = 0.02
    clip_norm: Annotated[float, Range(0, 1e300, above=True)] = 100.0


@dataclass(frozen=True)
class FixedSettings(RecurrentSettings):
    """Settings of `Fixed`: those of every recurrent net, with other defaults.

    Parameters
    ----------
    hidden_units
        Number q of hidden units, 1 to 10 000, default 110.
    learning_rate
        Size of a step of gradient descent, above 0 to 10, default 0.02.

    Notes
    -----
    With nothing but the read-out to learn, more units and a larger rate than those of the other nets do better.
    """

    method: ClassVar[str] = "fixed"
    hidden_units: Annotated[int, Range(1, 10_000)] = 110
    learning_rate: Annotated[float, Range(0, 10, above=True)] = 0.02


@dataclass(frozen=True)
class RtrlSettings(RecurrentSettings):
    """Settings of `Rtrl`: those of every recurrent net, and how far it looks back.

    Parameters
    ----------
    depth
        Number of past steps that the gradient may reach back, 1 to 10 000, default 128. Nets that forget need 16 to
        35; memory is 8 depth q^2 bytes per run, 4 MB by default.
    """

    method: ClassVar[str] = "rtrl"
    depth: Annotated[int, Range(1, 10_000)] = 128


@dataclass(frozen=True)
class Snap1Settings(RecurrentSettings):
    """Settings of `Snap1`: those of every recurrent net."""

    method: ClassVar[str] = "snap1"


@dataclass(frozen=True)
class UoroSettings(RecurrentSettings):
    """Settings of `Uoro`: those of every recurrent net."""

    method: ClassVar[str] = "uoro"


@dataclass(frozen=True)
class DniSettings(RecurrentSettings):
    """Settings of `Dni`: those of every recurrent net, and how fast the credit assignment learns.

    Parameters
    ----------
    credit_learning_rate
        Size of a step of gradient descent of the credit assignment, from 0 to 10, default 0.002.
    """

    method: ClassVar[str] = "dni"
    credit_learning_rate: Annotated[float, Range(0, 10)] = 0.002
