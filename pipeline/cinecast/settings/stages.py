"""One frozen, validated dataclass of settings per stage; `cinecast.settings.toml_file` has them as TOML."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Annotated, ClassVar, Literal

from cinecast.clock.longest_gap import LONGEST_GAP_S
from cinecast.errors import SettingsError
from cinecast.settings.flow_settings import Arithmetic as Arithmetic
from cinecast.settings.flow_settings import FlowSettings as FlowSettings
from cinecast.settings.stage_settings import CommandOption, StageSettings
from cinecast_models import Protocol as Protocol
from cinecast_models.setting_rules import FilePath, Range

PixelWeights = Literal["uniform", "reliable"]
DriftFollowed = Literal["all", "made_for_it", "none"]
GateByRadius = Literal["ignore", "narrow", "widen"]


@dataclass(frozen=True)
class FramesSettings(StageSettings):
    """How a sequence is read. What you do not set comes from the file, then from its sidecar.

    Parameters
    ----------
    frame_period_s
        Time between frames in s. If given, it replaces the times in the file.
    pixel_spacing_mm
        Distance of pixel centres in mm along (rows, columns). If given, it replaces that in the file.
    series
        Which series, if a folder holds several: its number, or its UID or description as `cinecast info --identifying`
        lists them. A UID or description is not kept: it is stored as the number, or as a digest of the UID where
        numbers are not enough.
    plane
        Which plane of interleaved or stacked planes, 0-based, as `cinecast info` lists them.
    kind
        Which kind of image of a DICOM series that holds several: ``magnitude``, ``phase``, ``real`` or ``imaginary``,
        or its number as `cinecast info` lists them. By default magnitude images, without scouts.
    train_end
        Number of frames of the train span, the first; by default a third of the sequence. Spans are kept by time, so
        missing frames and those of pauses are counted too.
    validation_end
        Frame that the validation span, the second, ends before; by default two thirds of the sequence.
    test_end
        Frame that the test span, the third, ends before; by default all frames.
    longest_gap_s
        The longest gap in s in which lost frames are filled in, after the next frame has come. Filled-in frames are
        never targets and are not scored. After a longer gap histories begin anew.
    memory_limit_gb
        Compressed files that expand to more GB (of 10^9 bytes) than this are refused before they are read. Uncompressed
        files, such as ``.nii``, have no limit. It changes no result.
    """

    stage: ClassVar[str] = "frames"
    frame_period_s: Annotated[float | None, Range(1e-6, 1e6, unit="seconds"), CommandOption("--frame-period")] = None
    pixel_spacing_mm: Annotated[
        tuple[float, float] | None, Range(1e-6, 1e6, unit="mm"), CommandOption("--pixel-spacing")
    ] = None
    series: Annotated[str | None, CommandOption("--series")] = None
    plane: Annotated[int | None, Range(0), CommandOption("--plane")] = None
    kind: Annotated[str | None, CommandOption("--kind")] = None
    train_end: Annotated[int | None, Range(2, unit="frames")] = None
    validation_end: Annotated[int | None, Range(2, unit="frames")] = None
    test_end: Annotated[int | None, Range(3, unit="frames")] = None
    longest_gap_s: Annotated[float, Range(0, 3600, unit="seconds")] = LONGEST_GAP_S
    memory_limit_gb: Annotated[float, Range(0, above=True, unit="GB"), CommandOption("--memory-limit")] = 4.0


@dataclass(frozen=True)
class MotionSettings(StageSettings):
    """PCA of the DVFs of the train span.

    Parameters
    ----------
    modes
        Number K of modes (static deformations) kept.
    offline_train_end
        Train end in frames for methods fitted once (the published evaluation gives them more frames than online
        ones); by default the train end of the sequence.
    pixel_weights
        How much each pixel counts in the PCA and in the weights of frames. ``reliable``: by the square of its
        reliability in the train span, so that modes describe tissue and not the noise of air. ``uniform``: all pixels
        equally.
    drift
        Whose DVFs are made with the mean DVF as it has drifted since the train span. ``all``: those of every method and
        of the oracle. ``made_for_it``: those of methods that are made to follow it, such as `mixture`. ``none``: no
        one's.
    """

    stage: ClassVar[str] = "motion"
    modes: Annotated[int, Range(1)] = 3
    offline_train_end: Annotated[int | None, Range(2, unit="frames")] = None
    pixel_weights: PixelWeights = "reliable"
    drift: DriftFollowed = "all"


@dataclass(frozen=True)
class WarpSettings(StageSettings):
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
        How many random runs of a method are warped and scored as images.
    """

    stage: ClassVar[str] = "warp"
    sigma: Annotated[float, Range(0, 5, above=True, unit="pixels")] = 0.5
    half_window: Annotated[int, Range(1, 16, unit="pixels")] = 3
    arithmetic: Arithmetic = "unit_free"
    image_runs: Annotated[int, Range(1)] = 25


@dataclass(frozen=True)
class LandmarksSettings(StageSettings):
    """Places followed in the frames by template matching, without the flow.

    Parameters
    ----------
    patch_mm
        Width of the patch around a landmark.
    search_mm
        How far a landmark is searched for from its place in the reference frame, along rows and columns.
    most
        Largest number of landmarks.
    quality
        Least normalised cross-correlation of a match.
    distinctness
        How much better a match must be than the best one elsewhere.
    return_mm
        Largest distance between a landmark and the place that the search back in the reference frame finds. A quarter
        of a pixel is always allowed.
    share
        Least share of the good frames of the train span in which a landmark is found. If fewer than six landmarks reach
        it, the limit is up to 0.1 lower.
    amplitude_mm
        Landmarks that move less than this in the train span are chosen only where fewer than six move more.
    file
        CSV file of your own landmarks, which replace those found, with the columns name, frame, row and column. Each
        needs a row for the reference frame.
    """

    stage: ClassVar[str] = "landmarks"
    patch_mm: Annotated[float, Range(4, 100, unit="mm")] = 20.0
    search_mm: Annotated[float, Range(2, 100, unit="mm")] = 30.0
    most: Annotated[int, Range(1, 500)] = 24
    quality: Annotated[float, Range(0, 1, below=True)] = 0.7
    distinctness: Annotated[float, Range(0, 1, below=True)] = 0.1
    return_mm: Annotated[float, Range(0, 20, above=True, unit="mm")] = 0.5
    share: Annotated[float, Range(0.2, 1)] = 0.9
    amplitude_mm: Annotated[float, Range(0, 100, unit="mm")] = 1.0
    file: Annotated[str, FilePath("the path of a CSV file"), CommandOption("--landmarks")] = ""


@dataclass(frozen=True)
class TargetSettings(StageSettings):
    """Targets and organs at risk: masks of one frame, carried along the measured and the forecast motion.

    Parameters
    ----------
    files
        Label maps or RTSTRUCT files.
    labels
        Numbers or names of the structures to take; ``all`` for every one. Needed if a file holds several.
    names
        Names of the structures to take, or, with labels, the names to give to them.
    frame
        Index of the frame that the masks belong to, 0-based, in the train span; by default the first frame, or the one
        that an RTSTRUCT names.
    """

    stage: ClassVar[str] = "target"
    files: Annotated[tuple[str, ...], FilePath("paths of label maps or RTSTRUCT files"), CommandOption("--target")] = ()
    labels: Annotated[tuple[str, ...], CommandOption("--target-label")] = ()
    names: Annotated[tuple[str, ...], CommandOption("--target-name")] = ()
    frame: Annotated[int | None, Range(0), CommandOption("--target-frame")] = None


@dataclass(frozen=True)
class ScoreSettings(StageSettings):
    """Geometric and image scores over the test span.

    Parameters
    ----------
    labels
        A file with reference masks of many frames. Forecast targets are compared with them, and with the measured
        motion. Only the scores use it.
    ssim_data_range
        Range of grey values in SSIM; by default that of the good frames of the test span (255 in the published tables,
        whatever the data).
    level
        Probability with which bands of weights and radii of pixels, landmarks and targets should hold what is measured
        later.
    margin_mm
        The beam is on while the forecast centroid of the target is within this distance of that of its given mask.
    latency_s
        Time from a frame to the beam that acts on it; by default the horizon. If it is longer than the horizon, the
        beam acts on the forecast of an earlier frame. If it is shorter, the beam waits. In a
        live session it has no effect: each gate is of the instant that is forecast.
    gate_by_radius
        How the radius of a forecast (that of the target's centroid) changes the margin. ``ignore``: not at all.
        ``narrow``: the margin is reduced by the radius, and without a radius the beam is off. ``widen``: the margin is
        increased by the radius.
    """

    stage: ClassVar[str] = "score"
    labels: Annotated[str, FilePath("the path of a label map or an RTSTRUCT file"), CommandOption("--labels")] = ""
    ssim_data_range: Annotated[float | None, Range(0, above=True)] = None
    level: Annotated[float, Range(0, 1, above=True, below=True, remedy="0.9 asks for 90 %")] = 0.9
    margin_mm: Annotated[float, Range(0, 100, above=True, unit="mm"), CommandOption("--margin")] = 3.0
    latency_s: Annotated[float | None, Range(0, 60, unit="seconds"), CommandOption("--latency")] = None
    gate_by_radius: GateByRadius = "ignore"


@dataclass(frozen=True)
class ReportSettings(StageSettings):
    """The HTML report of a run.

    Parameters
    ----------
    max_frames
        Largest number of test frames in the player, evenly spaced.
    """

    stage: ClassVar[str] = "report"
    max_frames: Annotated[int, Range(1, unit="frames")] = 400


@dataclass(frozen=True)
class TunedSettings(StageSettings):
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

    stage: ClassVar[str] = "forecast.tuned"
    method: str
    horizon_frames: Annotated[int, Range(1, unit="frames")]
    modes: Annotated[int, Range(1)]
    settings: dict[str, object] = field(default_factory=dict)

    def _label(self, name: str, option: str) -> str:
        label = super()._label(name, option)
        return label if name == "method" else f"{label} of {self.method}"


@dataclass(frozen=True)
class ForecastSettings(StageSettings):
    """Which methods forecast which horizons, and how.

    Parameters
    ----------
    methods
        Names of forecasters, as `cinecast methods` lists them. By default the best causal one, with a simple one beside
        it.
    horizons
        Horizons in frames, such as ``"3"``, or in seconds, such as ``"0.5s"``.
    protocol
        ``causal``: a method learns from a target only after its frame has arrived. ``published``: it gets the target at
        once, which is non-causal, and only for comparison with published tables.
    runs
        Random runs of methods that draw random numbers.
    seed
        Seed of the generators.
    method_settings
        Settings of each method that differ from its defaults: ``{"snap1": {"hidden_units": 60}}``.
    tuned
        Settings and number of modes of single methods at single horizons, as `cinecast tune` writes them.
    """

    stage: ClassVar[str] = "forecast"
    methods: Annotated[tuple[str, ...], CommandOption("--method")] = ("mixture", "linear")
    horizons: Annotated[tuple[str, ...], CommandOption("--horizon")] = ("0.33s", "0.67s", "1.0s")
    protocol: Protocol = "causal"
    runs: Annotated[int, Range(1, 1000)] = 5
    seed: Annotated[int, Range(0)] = 0
    method_settings: dict[str, dict[str, object]] = field(default_factory=dict)
    tuned: tuple[TunedSettings, ...] = ()

    def __post_init__(self) -> None:
        super().__post_init__()
        if not self.methods:
            raise SettingsError("forecast.methods must name at least one method (--method), got none; name one")
        if not self.horizons:
            raise SettingsError("forecast.horizons must hold at least one horizon (--horizon), got none; give one")
        cells = [(each.method, each.horizon_frames) for each in self.tuned]
        if len(set(cells)) < len(cells):
            raise SettingsError(
                "forecast.tuned must name each method and horizon once, got one of them twice; drop one"
            )

    def tuned_at(self, method: str, horizon_frames: int) -> TunedSettings | None:
        """Return what was tuned for a method at a horizon.

        Parameters
        ----------
        method
            Name of the method.
        horizon_frames
            The horizon in frames, as the sequence's frame period makes it.

        Returns
        -------
        tuned
            None where nothing was tuned.
        """
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
    landmarks: LandmarksSettings = field(default_factory=LandmarksSettings)
    target: TargetSettings = field(default_factory=TargetSettings)
    score: ScoreSettings = field(default_factory=ScoreSettings)
    report: ReportSettings = field(default_factory=ReportSettings)

    def with_methods(self, methods: Iterable[str]) -> Settings:
        """Return these settings with other methods, each once, in their order."""
        return replace(self, forecast=replace(self.forecast, methods=tuple(dict.fromkeys(methods))))
