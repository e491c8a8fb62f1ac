"""Every forecasting method by name, with its settings and what a driver must know of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from cinecast_models.errors import ForecastingError
from cinecast_models.forecaster import Forecaster
from cinecast_models.kernel.kernel_ridge import KernelRidge, KernelRidgeSettings
from cinecast_models.kernel.svr import Svr, SvrSettings
from cinecast_models.linear.linear import Linear, LinearSettings
from cinecast_models.linear.lms import Lms, LmsSettings
from cinecast_models.linear.nlms import Nlms, NlmsSettings
from cinecast_models.linear.persistence import Persistence, PersistenceSettings
from cinecast_models.linear.rls import Rls, RlsSettings
from cinecast_models.mixture.mixture import Mixture, MixtureSettings
from cinecast_models.population.transformer import PopulationTransformer, PopulationTransformerSettings
from cinecast_models.randomness import run_generators
from cinecast_models.recurrent.dni import Dni, DniSettings
from cinecast_models.recurrent.fixed import Fixed, FixedSettings
from cinecast_models.recurrent.rtrl import Rtrl, RtrlSettings
from cinecast_models.recurrent.snap1 import Snap1, Snap1Settings
from cinecast_models.recurrent.uoro import Uoro, UoroSettings
from cinecast_models.settings import MethodSettings, setting_ranges
from cinecast_models.transformer.transformer import Transformer, TransformerSettings


@dataclass(frozen=True)
class Method:
    """One registered method.

    Parameters
    ----------
    title
        Name for people.
    settings
        Class of its settings; ``settings.method`` is the name of the method.
    factory
        Makes a forecaster from settings and number of components and, unless deterministic, one generator per run.
    deterministic
        It draws no random numbers, so it has one run.
    offline
        It is fitted once on the train span and learns nothing afterwards.
    standardised
        It wants each component scaled by mean and standard deviation of the train span.
    modes
        Number of modes of a motion model that it is made to forecast; None for as many as the user asks for.
    follows_drift
        Its forecasts of motion are made with the mean DVF as it has drifted since the train span.
    """

    title: str
    settings: type[MethodSettings]
    factory: Callable[..., Forecaster]
    deterministic: bool
    offline: bool
    standardised: bool
    modes: int | None = None
    follows_drift: bool = False

    @property
    def name(self) -> str:
        """Name in commands, files and tables."""
        return self.settings.method

    def create(self, settings: MethodSettings, *, components: int, runs: int, seed: int) -> Forecaster:
        """Return a new forecaster for samples of `components` numbers; a deterministic one has a single run."""
        generators = run_generators(seed, runs)
        if self.deterministic:
            return self.factory(settings, components)
        return self.factory(settings, components, generators)


METHODS: dict[str, Method] = {
    method.name: method
    for method in (
        Method(
            "Persistence (latest sample)",
            PersistenceSettings,
            Persistence,
            deterministic=True,
            offline=True,
            standardised=False,
        ),
        Method(
            "Linear regression",
            LinearSettings,
            Linear,
            deterministic=True,
            offline=True,
            standardised=False,
        ),
        Method(
            "Least mean squares",
            LmsSettings,
            Lms,
            deterministic=True,
            offline=False,
            standardised=True,
        ),
        Method(
            "Normalised least mean squares",
            NlmsSettings,
            Nlms,
            deterministic=True,
            offline=False,
            standardised=True,
        ),
        Method(
            "Recursive least squares",
            RlsSettings,
            Rls,
            deterministic=True,
            offline=False,
            standardised=True,
        ),
        Method(
            "Kernel ridge regression, sliding window",
            KernelRidgeSettings,
            KernelRidge,
            deterministic=True,
            offline=False,
            standardised=True,
        ),
        Method(
            "Mixture of linear and kernel experts",
            MixtureSettings,
            Mixture,
            deterministic=True,
            offline=False,
            standardised=False,
            modes=12,
            follows_drift=True,
        ),
        Method(
            "Support vector regression",
            SvrSettings,
            Svr,
            deterministic=True,
            offline=True,
            standardised=True,
        ),
        Method(
            "Transformer, trained on the sequence",
            TransformerSettings,
            Transformer,
            deterministic=False,
            offline=True,
            standardised=True,
        ),
        Method(
            "Transformer, trained on other sequences",
            PopulationTransformerSettings,
            PopulationTransformer,
            deterministic=False,
            offline=True,
            standardised=True,
        ),
        Method(
            "Recurrent net, fixed read-in",
            FixedSettings,
            Fixed,
            deterministic=False,
            offline=False,
            standardised=True,
        ),
        Method(
            "Recurrent net, RTRL",
            RtrlSettings,
            Rtrl,
            deterministic=False,
            offline=False,
            standardised=True,
        ),
        Method(
            "Recurrent net, SnAp-1",
            Snap1Settings,
            Snap1,
            deterministic=False,
            offline=False,
            standardised=True,
        ),
        Method(
            "Recurrent net, UORO",
            UoroSettings,
            Uoro,
            deterministic=False,
            offline=False,
            standardised=True,
        ),
        Method(
            "Recurrent net, DNI",
            DniSettings,
            Dni,
            deterministic=False,
            offline=False,
            standardised=True,
        ),
    )
}


def find_method(name: str) -> Method:
    """Return a registered method.

    Raises
    ------
    ForecastingError
        If no method has this name; the sentence lists those that exist.
    """
    if name not in METHODS:
        raise ForecastingError(f"a method must be one of {', '.join(METHODS)}, got {name!r}; choose one of these")
    return METHODS[name]


def method_settings(name: str, overrides: Mapping[str, object] | None = None) -> MethodSettings:
    """Return the validated settings of a method: its defaults, changed by `overrides`.

    Parameters
    ----------
    name
        Name of a registered method.
    overrides
        Values by setting name; whole numbers are welcome where real ones are wanted.

    Raises
    ------
    ForecastingError
        If the method or a setting is unknown, or a value is out of range.
    """
    settings = find_method(name).settings
    known = list(setting_ranges(settings))
    for setting in overrides or {}:
        if setting not in known:
            raise ForecastingError(
                f"a setting of {name} must be one of {', '.join(known)}, got {setting!r}; choose one of these"
            )
    values: dict[str, object] = dict(overrides or {})
    return settings(**values)  # type: ignore[arg-type]  # the class itself checks every value
