"""Every forecasting method by name, with its settings and what a driver must know of it."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from pkgutil import resolve_name

from cinecast_models.analogue.analogue import AnalogueSettings
from cinecast_models.check.plugins import load_plugins
from cinecast_models.errors import ForecastingError, spelling_hint
from cinecast_models.forecaster import Forecaster
from cinecast_models.kernel.kernel_ridge import KernelRidgeSettings
from cinecast_models.kernel.kernel_tracker import KernelTrackerSettings
from cinecast_models.kernel.svr import SvrSettings
from cinecast_models.linear.linear import LinearSettings
from cinecast_models.linear.lms import LmsSettings
from cinecast_models.linear.nlms import NlmsSettings
from cinecast_models.linear.persistence import PersistenceSettings
from cinecast_models.linear.rls import RlsSettings
from cinecast_models.mixture.mixture import MixtureSettings
from cinecast_models.other_code import ForecasterOfPackage
from cinecast_models.population.transformer import PopulationTransformerSettings
from cinecast_models.randomness import run_generators
from cinecast_models.recurrent.settings import DniSettings, FixedSettings, RtrlSettings, Snap1Settings, UoroSettings
from cinecast_models.settings import MethodSettings, setting_ranges
from cinecast_models.transformer.transformer import TransformerSettings


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
        What makes a forecaster from settings and number of components and, unless deterministic, one generator per run:
        the class itself, or where it stands as in an entry point, ``"package.module:Class"``. Named, it is not imported
        before the first forecaster is made.
    deterministic
        It draws no random numbers, so it has one run.
    offline
        It is fitted once on the train span and learns nothing afterwards.
    standardised
        It wants each component scaled by mean and standard deviation of the train span.
    modes
        Number of modes of a motion model that it is made to forecast; None for as many as the user asks for.
    follows_drift
        It is made to have its DVFs follow the drift of the mean DVF since the train span, also where those of others do
        not.
    repeats_newest
        It forecasts the newest sample as it is: of one that could not be measured it has nothing better to say.
    source
        Name and version of the package that adds it; empty for those of cinecast.
    code
        Digest of its code where no version says when it changes; empty elsewhere.
    """

    title: str
    settings: type[MethodSettings]
    factory: Callable[..., Forecaster] | str
    deterministic: bool
    offline: bool
    standardised: bool
    modes: int | None = None
    follows_drift: bool = False
    repeats_newest: bool = False
    source: str = ""
    code: str = ""

    @property
    def origin(self) -> dict[str, str]:
        """What its forecasts depend on beside its settings, by name: another version may forecast otherwise."""
        return {name: said for name, said in (("plugin", self.source), ("code", self.code)) if said}

    @property
    def name(self) -> str:
        """Name in commands, files and tables."""
        return self.settings.method

    @property
    def forecaster(self) -> Callable[..., Forecaster]:
        """What `factory` names, imported when it is first asked for."""
        if not isinstance(self.factory, str):
            return self.factory
        named: Callable[..., Forecaster] = resolve_name(self.factory)
        return named

    def create(self, settings: MethodSettings, *, components: int, runs: int, seed: int) -> Forecaster:
        """Return a new forecaster.

        Parameters
        ----------
        settings
            Of the class of this method, for one series and horizon (`MethodSettings.at`).
        components
            Number K of components of a sample.
        runs
            Random runs R; a deterministic method has one whatever is asked for.
        seed
            Seed of the random runs, 0 or more.

        Returns
        -------
        Forecaster
            It has learned nothing.

        Raises
        ------
        ForecastingError
            If `runs` or `seed` is out of range, a package that the method needs is not installed, or another package
            whose method it is fails.
        """
        generators = run_generators(seed, runs)
        given = () if self.deterministic else (generators,)

        def make() -> Forecaster:
            return self.forecaster(settings, components, *given)

        return ForecasterOfPackage(make, self.name, self.source, components) if self.source else make()


METHODS: dict[str, Method] = {
    method.name: method
    for method in (
        Method(
            "Persistence (latest sample)",
            PersistenceSettings,
            "cinecast_models.linear.persistence:Persistence",
            deterministic=True,
            offline=True,
            standardised=False,
            repeats_newest=True,
        ),
        Method(
            "Linear regression",
            LinearSettings,
            "cinecast_models.linear.linear:Linear",
            deterministic=True,
            offline=True,
            standardised=False,
        ),
        Method(
            "Least mean squares",
            LmsSettings,
            "cinecast_models.linear.lms:Lms",
            deterministic=True,
            offline=False,
            standardised=True,
        ),
        Method(
            "Normalised least mean squares",
            NlmsSettings,
            "cinecast_models.linear.nlms:Nlms",
            deterministic=True,
            offline=False,
            standardised=True,
        ),
        Method(
            "Recursive least squares",
            RlsSettings,
            "cinecast_models.linear.rls:Rls",
            deterministic=True,
            offline=False,
            standardised=True,
        ),
        Method(
            "Kernel ridge regression, sliding window",
            KernelRidgeSettings,
            "cinecast_models.kernel.kernel_ridge:KernelRidge",
            deterministic=True,
            offline=False,
            standardised=True,
        ),
        Method(
            "Kernel regression on all past, rational quadratic",
            KernelTrackerSettings,
            "cinecast_models.kernel.kernel_tracker:KernelTracker",
            deterministic=True,
            offline=False,
            standardised=True,
        ),
        Method(
            "Analogues (most similar histories)",
            AnalogueSettings,
            "cinecast_models.analogue.analogue:Analogue",
            deterministic=True,
            offline=False,
            standardised=True,
        ),
        Method(
            "Mixture of linear, kernel and analogue experts",
            MixtureSettings,
            "cinecast_models.mixture.mixture:Mixture",
            deterministic=True,
            offline=False,
            standardised=False,
            modes=12,
            follows_drift=True,
        ),
        Method(
            "Support vector regression",
            SvrSettings,
            "cinecast_models.kernel.svr:Svr",
            deterministic=True,
            offline=True,
            standardised=True,
        ),
        Method(
            "Transformer, trained on the sequence",
            TransformerSettings,
            "cinecast_models.transformer.transformer:Transformer",
            deterministic=False,
            offline=True,
            standardised=True,
        ),
        Method(
            "Transformer, trained on other sequences",
            PopulationTransformerSettings,
            "cinecast_models.population.transformer:PopulationTransformer",
            deterministic=False,
            offline=True,
            standardised=True,
        ),
        Method(
            "Recurrent net, fixed read-in",
            FixedSettings,
            "cinecast_models.recurrent.fixed:Fixed",
            deterministic=False,
            offline=False,
            standardised=True,
        ),
        Method(
            "Recurrent net, RTRL",
            RtrlSettings,
            "cinecast_models.recurrent.rtrl:Rtrl",
            deterministic=False,
            offline=False,
            standardised=True,
        ),
        Method(
            "Recurrent net, SnAp-1",
            Snap1Settings,
            "cinecast_models.recurrent.snap1:Snap1",
            deterministic=False,
            offline=False,
            standardised=True,
        ),
        Method(
            "Recurrent net, UORO",
            UoroSettings,
            "cinecast_models.recurrent.uoro:Uoro",
            deterministic=False,
            offline=False,
            standardised=True,
        ),
        Method(
            "Recurrent net, DNI",
            DniSettings,
            "cinecast_models.recurrent.dni:Dni",
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
        raise ForecastingError(
            f"a method must be one of {', '.join(METHODS)}, got {name!r}; {spelling_hint(name, METHODS)}"
        )
    return METHODS[name]


def method_settings(name: str, overrides: Mapping[str, object] | None = None) -> MethodSettings:
    """Return the validated settings of a method: its defaults, changed by `overrides`.

    Parameters
    ----------
    name
        Name of a registered method.
    overrides
        Values by setting name; whole numbers are welcome where real ones are wanted.

    Returns
    -------
    MethodSettings
        Of the class of the method.

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
                f"a setting of {name} must be one of {', '.join(known)}, got {setting!r}; "
                f"{spelling_hint(setting, known)}"
            )
    values: dict[str, object] = dict(overrides or {})
    return settings(**values)  # type: ignore[arg-type]  # the class itself checks every value


# Where other packages name theirs, and what a forecaster must have.
GROUP = "cinecast.methods"
_CONTRACT = ("fit", "predict", "learn", "skip", "restart", "state", "restore")
# What stands beside methods in tables, and beside their tables in settings.
_TAKEN = (
    "oracle",
    "measured",
    "perfect",
    "methods",
    "horizons",
    "protocol",
    "runs",
    "seed",
    "tuned",
    "method_settings",
)


def fault_of_method(name: str, value: object, others: Collection[str]) -> str:
    """Return which rule a method breaks that is not of cinecast.

    Parameters
    ----------
    name
        Name that it is to be known by.
    value
        What should be a `Method`.
    others
        Names of the methods that exist.

    Returns
    -------
    str
        In words that go on from "must"; empty for none.

    Raises
    ------
    ForecastingError
        If a default of its settings is out of its own range.
    """
    if name in others or name in _TAKEN:
        return "have a name of its own, got one that exists"
    if not re.fullmatch(r"[a-z][a-z0-9_]*", name):
        return "have a name of small letters, digits and underscores"
    if not isinstance(value, Method):
        return f"be a cinecast_models.Method, got {type(value).__name__}"
    if not (isinstance(value.settings, type) and issubclass(value.settings, MethodSettings)):
        return f"have settings that extend MethodSettings, got {value.settings!r}"
    if value.name != name:
        return f"have its name as `method` of its settings, got {value.name!r}"
    value.settings()  # its defaults keep their own ranges, or this says which does not
    lacking = [each for each in _CONTRACT if isinstance(value.forecaster, type) and not hasattr(value.forecaster, each)]
    return f"keep the contract of Forecaster, got none of {', '.join(lacking)}" if lacking else ""


def _fault_of(name: str, value: object) -> str:
    return fault_of_method(name, value, METHODS)


for _name, _plugin in load_plugins(GROUP, _fault_of).items():
    if isinstance(_plugin.value, Method):
        METHODS[_name] = replace(_plugin.value, source=_plugin.source)
