"""A simulated run to draw reports from: a bright band that moves, forecasts that lag behind it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from cinecast.horizon import Horizon
from cinecast.landmarks.landmarks import Landmarks
from cinecast.motion import MotionModel
from cinecast.motion.drift import INTERVAL, STEP_PX, ForecastMotion
from cinecast.report.data import ReportBands, ReportData, ReportEntry, ReportFlow, ReportModel
from cinecast.score import geometric_error, pixel_distance_mm
from cinecast.score.band_scores import weight_bands
from cinecast.score.frame_scores import FRAME_METRICS
from cinecast.score.scoring import SCORE_COLUMNS, Truth
from cinecast.sequence import Roi, Sequence, Split
from cinecast.settings import WarpSettings
from helpers.scored_images import score_images

PERIOD_S, LEVEL = 0.25, 0.9
TITLES = {"persistence": "Persistence", "linear": "Linear regression", "snap1": "Recurrent net", "oracle": "Oracle"}


@dataclass(frozen=True)
class Simulated:
    """What to simulate."""

    name: str = "simulated"
    dtype: DTypeLike = np.uint16
    frame_count: int = 30
    test_count: int = 9
    shape: tuple[int, int] = (24, 16)
    spacing_mm: tuple[float, float] = (2.0, 1.5)
    roi: Roi | None = Roi((4, 20), (2, 10))  # noqa: RUF009  # immutable
    methods: tuple[str, ...] = ("oracle", "persistence", "linear", "snap1")
    horizons: tuple[int, ...] = (1, 3)
    protocol: str = "causal"
    warp: WarpSettings = WarpSettings()  # noqa: RUF009  # immutable
    diverged: int | None = None  # so many test frames into the span, the first run of snap1
    max_frames: int = 60
    drifting: tuple[str, ...] = ()
    landmarks: int = 0


UNUSUAL = {
    "one method": Simulated(methods=("linear",)),
    "oracle alone": Simulated(methods=("oracle",)),
    "no ROI": Simulated(roi=None),
    "one horizon": Simulated(horizons=(2,)),
    "one test frame": Simulated(test_count=1),
    "a diverged run": Simulated(diverged=0),
    "uint8": Simulated(dtype=np.uint8),
    "int16": Simulated(dtype=np.int16),
    "float32": Simulated(dtype=np.float32),
}


def simulated_report(rng: np.random.Generator, simulated: Simulated | None = None, **changes: Any) -> ReportData:
    """Return the data of a run; ``changes`` are fields of `ReportData`."""
    what = simulated or Simulated()
    sequence = _sequence(rng, what)
    model = _model(rng, what)
    dvf = _measured(rng, what, model)
    entries = tuple(
        _entry(rng, what, sequence, model, dvf, method, frames)
        for method in what.methods
        for frames in ((0,) if method == "oracle" else what.horizons)
    )
    test = slice(sequence.split.validation_end, sequence.split.test_end)
    data = ReportData(
        sequence=sequence,
        flows=(ReportFlow(0, dvf[test], dvf),),
        models=(model,),
        entries=entries,
        scores=[row for entry in entries for row in _score_rows(entry, what.horizons)] + _measured_rows(what),
        settings_text='[forecast]\nmethods = ["linear", "snap1"]\n',
        seconds={"frames": 0.25, "forecast/linear/h001": 1.0, "forecast/linear/h003": 2.5, "report": 99.0},
        versions={"cinecast": "0.1.0", "numpy": "2.0.0"},
        max_frames=what.max_frames,
        landmarks=_landmarks(what, dvf),
    )
    return replace(data, **changes)


def _landmarks(what: Simulated, dvf: NDArray[np.float32]) -> Landmarks:
    """Landmarks on the diagonal, each lost in the first of the test frames."""
    places = np.linspace(2, min(what.shape) - 3, what.landmarks).astype(int)
    displacements = dvf[:, places, places].astype(np.float64).swapaxes(0, 1)
    displacements[:, what.frame_count - what.test_count] = np.nan
    positions = np.stack([places, places], axis=1).astype(np.float64)
    names = tuple(f"vessel {i}" for i in range(what.landmarks))
    return Landmarks(names, positions, displacements, np.ones(displacements.shape[:2]))


def runs_measured_apart(rng: np.random.Generator) -> tuple[ReportData, ReportData]:
    """Return two runs of one sequence, the second of which measured all motion 1.5 pixels further down."""
    first, second = simulated_report(rng), simulated_report(rng)
    (flow,), (model,), down = second.flows, second.models, np.array([0.0, 1.5])
    assert flow.dvf is not None
    flows = (ReportFlow(3, flow.dvf + down, None),)
    return first, replace(
        second, sequence=first.sequence, flows=flows, models=(replace(model, mean=model.mean + down),)
    )


def with_modes(data: ReportData, count: int) -> ReportData:
    """Return a run whose model has more modes, which explain little and which no method forecasts."""
    (model,) = data.models
    more = count - len(model.modes)
    shares = np.concatenate([model.explained_variance, np.full(more, 0.001)])
    weights = np.pad(model.weights, ((0, 0), (0, more)))
    modes = np.concatenate([model.modes, np.repeat(model.modes[-1:], more, axis=0)])
    entries = tuple(replace(e, forecasts=_padded(e.forecasts, more), bands=None) for e in data.entries)
    wider = replace(model, modes=modes, explained_variance=shares, weights=weights)
    return replace(data, models=(wider,), entries=entries)


def _padded(forecasts: NDArray[np.float64], more: int) -> NDArray[np.float64]:
    padded = np.pad(forecasts, ((0, 0), (0, 0), (0, more)))
    padded[np.isnan(forecasts).any(axis=2)] = np.nan
    return padded


def field_of(model: ReportModel, weights: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the DVF (H, W, 2) in pixels of one set of weights (K,)."""
    return np.asarray(model.mean + np.tensordot(weights, model.modes, axes=1))


def motion_of(model: ReportModel, horizon: int, *, drifts: bool) -> ForecastMotion:
    """Return what turns forecast weights into DVFs."""
    basis = MotionModel(model.mean, model.modes, model.explained_variance)
    return ForecastMotion(basis, horizon, model.drifts if drifts else None)


def _breathing(count: int, k: int) -> NDArray[np.float64]:
    return 100 / (k + 1) * np.sin(2 * np.pi * np.arange(count) / 12 + k)


def _model(rng: np.random.Generator, what: Simulated) -> ReportModel:
    """Two modes: down with a bulge in the middle, and to the right, up to 3 and 1 pixels."""
    rows, columns = (np.linspace(0, np.pi, count) for count in what.shape)
    bulge = np.sin(rows)[:, np.newaxis] * np.sin(columns)
    modes = np.zeros((2, *what.shape, 2))
    modes[0, ..., 1], modes[1, ..., 0] = 0.03 * bulge, 0.02 * bulge
    weights = np.stack([_breathing(what.frame_count, k) for k in range(2)], axis=1)
    mean = np.full((*what.shape, 2), 0.25)
    train_end = (what.frame_count - what.test_count) // 2
    drifts = rng.integers(-300, 300, (1 + what.frame_count // INTERVAL, *what.shape, 2)) * STEP_PX
    shown = drifts.astype(np.float32) if what.drifting else None
    return ReportModel(0, train_end, mean, modes, np.array([0.8, 0.1]), weights, shown)


def _measured(rng: np.random.Generator, what: Simulated, model: ReportModel) -> NDArray[np.float32]:
    fields = np.stack([field_of(model, weights) for weights in model.weights])
    return (fields + 0.2 * rng.standard_normal(fields.shape)).astype(np.float32)


def _sequence(rng: np.random.Generator, what: Simulated) -> Sequence:
    test_start = what.frame_count - what.test_count
    rows = np.arange(what.shape[0])[:, np.newaxis]
    centres = 12 + _breathing(what.frame_count, 0) / 20
    band = np.exp(-(((rows - centres[:, np.newaxis, np.newaxis]) / 3) ** 2))
    grey = 40 + 80 * band + rng.uniform(0, 60, (len(centres), *what.shape))
    return Sequence(
        name=what.name,
        frames=(grey if np.dtype(what.dtype).kind == "f" else np.rint(grey)).astype(what.dtype),
        times_s=PERIOD_S * np.arange(what.frame_count),
        spacing_mm=what.spacing_mm,
        split=Split(test_start // 2, test_start, what.frame_count),
        roi=what.roi,
        origins={"frames": "free text of a scanner", "spacing_mm": "sidecar simulated.json"},
    )


def _entry(
    rng: np.random.Generator,
    what: Simulated,
    sequence: Sequence,
    model: ReportModel,
    dvf: NDArray[np.float32],
    method: str,
    frames: int,
) -> ReportEntry:
    runs = 3 if method == "snap1" else 1
    spread = 0.0 if method == "oracle" else 5.0 * frames
    forecasts = model.weights + spread * rng.standard_normal((runs, *model.weights.shape))
    if method != "oracle":
        forecasts[:, : sequence.split.train_end] = np.nan
    if what.diverged is not None and method == "snap1":
        forecasts[0, sequence.split.validation_end + what.diverged :] = np.nan
    protocol = {"oracle": "oracle", "persistence": "causal"}.get(method, what.protocol)
    regions = ("image", "roi") if sequence.roi else ("image",)
    motion = motion_of(model, frames, drifts=method in what.drifting)
    return ReportEntry(
        method=method,
        title=TITLES.get(method, method),
        protocol=protocol,
        horizon=Horizon(frames, frames * PERIOD_S),
        model=0,
        forecasts=forecasts,
        warp=what.warp,
        regions=regions,
        frame_scores=_frame_scores(rng, sequence, motion, dvf, forecasts, regions),
        landmark_errors=_landmark_errors(what, forecasts) if what.landmarks else None,
        bands=None if method == "oracle" else _bands(sequence, motion, model.weights, dvf, forecasts),
        follows_drift=method in what.drifting,
    )


def _bands(
    sequence: Sequence,
    motion: ForecastMotion,
    weights: NDArray[np.float64],
    dvf: NDArray[np.float32],
    forecasts: NDArray[np.float64],
) -> ReportBands:
    """The radii of the score stage."""
    truth = Truth(sequence, dvf, motion, weights, data_range=1.0)
    limits = weight_bands(truth, forecasts, level=LEVEL)
    span = sequence.split.test_frames
    pictures = sequence.frames[span.start : span.stop]  # any will do
    pixels = score_images(truth, forecasts, [pictures] * len(forecasts), level=LEVEL).bands
    return ReportBands(LEVEL, pixels, (limits.high - limits.low) / 2)


def _frame_scores(
    rng: np.random.Generator,
    sequence: Sequence,
    motion: ForecastMotion,
    dvf: NDArray[np.float32],
    forecasts: NDArray[np.float64],
    regions: tuple[str, ...],
) -> NDArray[np.float64]:
    """Geometric errors as they are, scores of images drawn at random."""
    span = sequence.split.test_frames
    scores = rng.uniform(0.5, 1, (len(forecasts), len(span), len(regions), len(FRAME_METRICS)))
    for run, i in np.ndindex(scores.shape[:2]):
        weights = forecasts[run, span[i]]
        distance = pixel_distance_mm(motion.dvf(span[i], weights), dvf[span[i]], spacing_mm=sequence.spacing_mm)
        for r, region in enumerate(regions):
            area = sequence.roi.slices() if region == "roi" and sequence.roi else (slice(None), slice(None))
            scores[run, i, r, :3] = geometric_error(distance[area])
        if not np.isfinite(weights).all():
            scores[run, i] = np.nan
    return scores


def _landmark_errors(what: Simulated, forecasts: NDArray[np.float64]) -> NDArray[np.float64]:
    """1 mm in the first run, 2 mm in the second ... with NaN where no landmark was followed or a run diverged."""
    errors = np.ones((len(forecasts), what.test_count)) * np.arange(1, len(forecasts) + 1)[:, np.newaxis]
    errors[np.isnan(forecasts[:, -what.test_count :]).any(axis=2)] = np.nan
    errors[:, 0] = np.nan
    return errors


def _measured_rows(what: Simulated) -> list[dict[str, str]]:
    if not what.landmarks:
        return []
    rows = []
    for frames in what.horizons:
        for metric, value in {"landmark_error_mean_mm": "0.5", "landmark_error_p95_mm": "0.75"}.items():
            where = [frames, frames * PERIOD_S, "landmarks", "landmarks", metric, value, "", 1]
            rows.append(["simulated", "measured", "measured", *map(str, where)])
    return [dict(zip(SCORE_COLUMNS, row, strict=True)) for row in rows]


def _score_rows(entry: ReportEntry, horizons: tuple[int, ...]) -> list[dict[str, str]]:
    assert entry.frame_scores is not None
    rows = []
    for frames in horizons if entry.method == "oracle" else (entry.horizon.frames,):
        common = ["simulated", entry.method, entry.protocol, str(frames), repr(frames * PERIOD_S)]
        if entry.landmark_errors is not None:
            own = np.nanmean(entry.landmark_errors, axis=1)
            rows.append([*common, "landmarks", "landmarks", "landmark_error_mean_mm", repr(float(own.mean())), "", "1"])
            rows.append([*common, "landmarks", "landmarks", "landmark_error_si_mm", "0.25", "", "1"])
        for r, region in enumerate(entry.regions):
            for m, metric in enumerate(FRAME_METRICS):
                runs = entry.frame_scores[:, :, r, m].mean(axis=1)
                runs = runs[np.isfinite(runs)]
                half = repr(float(runs.std())) if len(runs) > 1 else ""
                rows.append([*common, region, "measured", metric, repr(float(runs.mean())), half, str(len(runs))])
        rows.append([*common, "image", "measured", "weights_nrmse", "0.5", "", "1"])
    return [dict(zip(SCORE_COLUMNS, row, strict=True)) for row in rows]
