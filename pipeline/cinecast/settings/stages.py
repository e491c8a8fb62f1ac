"""One frozen, validated dataclass of settings per stage; `cinecast.settings.toml_file` has them as TOML."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Literal, get_args

from cinecast.errors import SettingsError
from cinecast_models import Protocol as Protocol

Arithmetic = Literal["unit_free", "published"]


def _require(rule: bool, sentence: str) -> None:
    if not rule:
        raise SettingsError(sentence)


@dataclass(frozen=True)
class FramesSettings:
    """How a sequence is read; what is left None comes from the file, then from its sidecar.

    Parameters
    ----------
    frame_period_s
        Time between frames in s; when given, frame times are counted with it, whatever the file says.
    pixel_spacing_mm
        Distance of pixel centres in mm along (rows, columns), whatever the file says.
    series
        Which series of a folder that holds several: its number, UID or description, as `cinecast info` lists them.
    plane
        Which plane of interleaved or stacked planes, 0-based, as `cinecast info` lists them.
    train_end, validation_end, test_end
        Ends of the consecutive spans in frames; a third each by default.
    """

    frame_period_s: float | None = None
    pixel_spacing_mm: tuple[float, float] | None = None
    series: str | None = None
    plane: int | None = None
    train_end: int | None = None
    validation_end: int | None = None
    test_end: int | None = None

    def __post_init__(self) -> None:
        period, spacing = self.frame_period_s, self.pixel_spacing_mm
        _require(
            period is None or 0 < period < float("inf"),
            f"frames.frame_period_s (--frame-period) must be a positive number of seconds, got {period}",
        )
        _require(
            spacing is None or (len(spacing) == 2 and all(0 < s < float("inf") for s in spacing)),
            f"frames.pixel_spacing_mm (--pixel-spacing) must be two positive numbers of mm (row,column), got {spacing}",
        )
        _require(self.plane is None or self.plane >= 0, f"frames.plane must be 0 or more, got {self.plane}")


@dataclass(frozen=True)
class FlowSettings:
    """Dense pyramidal Lucas-Kanade flow against the reference frame.

    Parameters
    ----------
    reference
        Index of the reference frame, 0-based; it must lie in the train span.
    levels
        Levels of the pyramid, each half as wide as the one below.
    iterations
        Warp-and-solve iterations on each level.
    sigma_init
        Gaussian smoothing of the frames before all, in pixels.
    sigma_subsampling
        Gaussian smoothing of a level before every 2nd pixel is taken, in pixels.
    sigma_window
        Gaussian window over which the normal equations are averaged, in pixels.
    sigma_motion
        Gaussian smoothing of the motion after each iteration, in pixels, 0 for none; without it many iterations lead
        away from the solution. Unused by ``published`` arithmetic.
    ridge
        Added to the diagonal of every normal matrix, as a fraction of the reference's mean gradient energy: without
        it the noise of empty background yields motions of hundreds of pixels. Unused by ``published`` arithmetic.
    arithmetic
        ``unit_free``: the flow does not depend on the unit of intensity. ``published``, as the published tables were
        made: frames and pyramid levels are floored and the determinant threshold is in 8-bit units; frames of 16-bit
        integers are smoothed and interpolated in whole numbers, an artefact that the OvGU tables contain.
    """

    reference: int = 0
    levels: int = 3
    iterations: int = 3
    sigma_init: float = 0.5
    sigma_subsampling: float = 1.0
    sigma_window: float = 2.0
    sigma_motion: float = 2.0
    ridge: float = 0.1
    arithmetic: Arithmetic = "unit_free"

    def __post_init__(self) -> None:
        _require(self.reference >= 0, f"flow.reference must be 0 or more, got {self.reference}")
        _require(1 <= self.levels <= 8, f"flow.levels must be 1 to 8, got {self.levels}")
        _require(1 <= self.iterations <= 100, f"flow.iterations must be 1 to 100, got {self.iterations}")
        for name in ("sigma_init", "sigma_subsampling", "sigma_window"):
            value = getattr(self, name)
            _require(0 < value <= 50, f"flow.{name} must be above 0 and at most 50 pixels, got {value}")
        _require(0 <= self.sigma_motion <= 50, f"flow.sigma_motion must be 0 to 50 pixels, got {self.sigma_motion}")
        _require(0 <= self.ridge <= 100, f"flow.ridge must be 0 to 100, got {self.ridge}")
        _require_choice("flow.arithmetic", self.arithmetic, get_args(Arithmetic))


@dataclass(frozen=True)
class MotionSettings:
    """PCA of the DVFs of the train span.

    Parameters
    ----------
    modes
        Number K of modes (static deformations) kept.
    offline_train_end
        Train end in frames for methods fitted once (the published evaluation gives them more frames than online
        ones); None: the train end of the sequence.
    """

    modes: int = 3
    offline_train_end: int | None = None

    def __post_init__(self) -> None:
        _require(self.modes >= 1, f"motion.modes must be 1 or more, got {self.modes}")
        end = self.offline_train_end
        _require(end is None or end >= 2, f"motion.offline_train_end must be 2 frames or more, got {end}")


@dataclass(frozen=True)
class WarpSettings:
    """Push-forward splat of the reference frame (Nadaraya-Watson).

    Parameters
    ----------
    sigma
        Gaussian kernel width in pixels.
    half_window
        The kernel covers ``2 * half_window`` pixels in each direction.
    arithmetic
        ``published`` floors the grey values; ``unit_free`` rounds them where the source has integers.
    image_runs
        How many random runs of a method are warped, scored as images and stored.
    """

    sigma: float = 0.5
    half_window: int = 3
    arithmetic: Arithmetic = "unit_free"
    image_runs: int = 25

    def __post_init__(self) -> None:
        _require(0 < self.sigma <= 5, f"warp.sigma must be above 0 and at most 5 pixels, got {self.sigma}")
        _require(1 <= self.half_window <= 16, f"warp.half_window must be 1 to 16 pixels, got {self.half_window}")
        _require(self.image_runs >= 1, f"warp.image_runs must be 1 or more, got {self.image_runs}")
        _require_choice("warp.arithmetic", self.arithmetic, get_args(Arithmetic))


@dataclass(frozen=True)
class ScoreSettings:
    """Geometric and image scores over the test span.

    Parameters
    ----------
    ssim_data_range
        Range of grey values in SSIM; None: that of the real frames of the test span (255 in the published tables,
        whatever the data).
    level
        Probability with which bands of weights and radii of pixels are to hold what comes.
    """

    ssim_data_range: float | None = None
    level: float = 0.9

    def __post_init__(self) -> None:
        value = self.ssim_data_range
        _require(value is None or value > 0, f"score.ssim_data_range must be a positive number, got {value}")
        _require(0 < self.level < 1, f"score.level must be above 0 and below 1, got {self.level}; 0.9 asks for 90 %")


@dataclass(frozen=True)
class ReportSettings:
    """The HTML report of a run.

    Parameters
    ----------
    max_frames
        At most this many test frames go into the player, evenly spaced.
    """

    max_frames: int = 400

    def __post_init__(self) -> None:
        _require(self.max_frames >= 1, f"report.max_frames must be 1 or more, got {self.max_frames}")


def _require_choice(name: str, value: str, choices: tuple[str, ...]) -> None:
    _require(value in choices, f"{name} must be one of {', '.join(choices)}, got {value!r}")


@dataclass(frozen=True)
class TunedSettings:
    """Settings of one method at one horizon, which `cinecast tune` chooses.

    Parameters
    ----------
    method
        Name of the method.
    horizon_frames
        The horizon in frames.
    modes
        Number of modes that are forecast, at most ``motion.modes``.
    settings
        Settings of the method, laid over those for all horizons.
    """

    method: str
    horizon_frames: int
    modes: int
    settings: dict[str, object] = field(default_factory=dict)

    def __post_init__(self) -> None:
        where = f"forecast.tuned of {self.method}"
        _require(self.horizon_frames >= 1, f"{where}: horizon_frames must be 1 or more, got {self.horizon_frames}")
        _require(self.modes >= 1, f"{where}: modes must be 1 or more, got {self.modes}")


@dataclass(frozen=True)
class ForecastSettings:
    """Which methods forecast which horizons, and how.

    Parameters
    ----------
    methods
        Names of forecasters, as `cinecast_models` registers them.
    horizons
        Horizons as people give them: ``"3"`` frames or ``"0.5s"``.
    protocol
        ``causal``: learn from a target only once it has been seen. ``published``: the target is handed over at once;
        non-causal, only for comparison with published tables.
    runs
        Random runs of methods that draw random numbers.
    seed
        Seed of the generators.
    method_settings
        Settings of each method that differ from its defaults: ``{"snap1": {"hidden_units": 60}}``.
    tuned
        Settings and number of modes of single methods at single horizons, as `cinecast tune` writes them.
    """

    methods: tuple[str, ...] = ("linear", "rls", "snap1")
    horizons: tuple[str, ...] = ("0.33s", "0.67s", "1.0s")
    protocol: Protocol = "causal"
    runs: int = 5
    seed: int = 0
    method_settings: dict[str, dict[str, object]] = field(default_factory=dict)
    tuned: tuple[TunedSettings, ...] = ()

    def __post_init__(self) -> None:
        _require(len(self.methods) > 0, "forecast.methods must name at least one method")
        _require(len(self.horizons) > 0, "forecast.horizons must hold at least one horizon")
        _require(self.runs >= 1, f"forecast.runs must be 1 or more, got {self.runs}")
        _require(self.seed >= 0, f"forecast.seed must be 0 or more, got {self.seed}")
        _require_choice("forecast.protocol", self.protocol, get_args(Protocol))
        twice = len({(each.method, each.horizon_frames) for each in self.tuned}) < len(self.tuned)
        _require(not twice, "forecast.tuned must name each method and horizon once, got one of them twice")

    def tuned_at(self, method: str, horizon_frames: int) -> TunedSettings | None:
        """Return what was tuned for a method at a horizon, None where nothing was."""
        wanted = (method, horizon_frames)
        return next((each for each in self.tuned if (each.method, each.horizon_frames) == wanted), None)


@dataclass(frozen=True)
class Settings:
    """Settings of all stages of one run."""

    frames: FramesSettings = field(default_factory=FramesSettings)
    flow: FlowSettings = field(default_factory=FlowSettings)
    motion: MotionSettings = field(default_factory=MotionSettings)
    forecast: ForecastSettings = field(default_factory=ForecastSettings)
    warp: WarpSettings = field(default_factory=WarpSettings)
    score: ScoreSettings = field(default_factory=ScoreSettings)
    report: ReportSettings = field(default_factory=ReportSettings)

    def with_methods(self, methods: Iterable[str]) -> Settings:
        """Return these settings with other methods, each once, in their order."""
        return replace(self, forecast=replace(self.forecast, methods=tuple(dict.fromkeys(methods))))
