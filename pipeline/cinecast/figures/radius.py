"""Figure of the radius of one forecast: how far off it may be, how far off it was, and where it was further."""

from __future__ import annotations

from collections import deque
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import ListedColormap
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from numpy.typing import NDArray

from cinecast.errors import ReportError
from cinecast.figures.choice import FigureChoice, Shown, frame_of, show
from cinecast.figures.images import aspect_of, caption, grey, pixel_aspect, what_of
from cinecast.figures.style import bare, new_figure
from cinecast.pictures import MILLIMETRES, good_frames, grey_window
from cinecast.report.data import ReportData
from cinecast.score.bands import PixelBand, instant_conditions, pixel_bands
from cinecast.score.regions import regions_of
from cinecast_models import Conditions

# Colours that people of all kinds of colour vision order alike; and one that stands out of grey.
ERROR_MAP = "inferno"
_OUTSIDE = "#ff6a00"


def radius(data: ReportData, choice: FigureChoice, width_mm: float) -> Figure:
    """Draw a predicted frame, the radius of its pixels, their errors, and where these exceed the radius.

    Parameters
    ----------
    data
        What the run measured, with its DVFs.
    choice
        Method, horizon, random run and frame.
    width_mm
        Width of the figure; its height follows from the frames.

    Returns
    -------
    Figure
        Four panels; radius and error share one scale in mm.
    """
    shown = show(data, choice)
    frame = frame_of(shown, choice)
    band = band_of(shown, frame)
    window = grey_window(good_frames(data.sequence, data.sequence.split.test_frames))
    predicted = shown.predicted(frame).astype(float)
    height = width_mm / 4 / aspect_of(data)
    figure = new_figure(width_mm, height + 22)
    grid = figure.add_gridspec(2, 4, height_ratios=(height, 2))
    panels = [figure.add_subplot(grid[0, place]) for place in range(4)]
    for axes in (panels[0], panels[3]):
        grey(axes, data, predicted, window)
    _draw_outside(panels[3], data, band)
    limit = _limit_mm(band)
    _millimetres(panels[1], data, band.radius_mm, limit)
    drawn = _millimetres(panels[2], data, band.distance_mm, limit)
    bar = figure.colorbar(drawn, cax=figure.add_subplot(grid[1, 1:3]), orientation="horizontal", extend="max")
    bar.set_label("mm")
    for axes, title in zip(panels, ("predicted", "radius", "error", "error beyond radius"), strict=True):
        axes.set_title(title)
        _draw_roi(axes, data)
    when = f"frame {frame} ({data.sequence.times_s[frame]:.2f} s)"
    caption(figure, f"{when}, {what_of(shown)}; {_held(data, shown, band)}")
    return figure


def band_of(shown: Shown, frame: int) -> PixelBand:
    """Return error and radius of every pixel of one frame, the same as the score stage has.

    Parameters
    ----------
    shown
        A forecast of a run that has bands and DVFs.
    frame
        Index of a test frame in the sequence.

    Returns
    -------
    PixelBand
        Distance and radius in mm, shape (H, W) each.

    Raises
    ------
    ReportError
        If the run holds no radius for it, or its motion was not measured.
    """
    data, entry = shown.data, shown.entry
    dvf = data.flows[shown.model.flow].all_dvf
    if entry.bands is None or dvf is None:
        raise ReportError(
            f"the figure needs a method that has a radius, got {entry.method}, which has none in this run; choose "
            "another --method, or run 'cinecast run' to the end"
        )
    held = data.flows[shown.model.flow].held
    if frame in held:
        raise ReportError(
            f"the figure of a radius needs a frame whose motion was measured, got --frame {frame}, a faulty one; "
            "choose another"
        )
    bands = pixel_bands(
        dvf,
        shown.motion,
        entry.forecasts[shown.run, : frame + 1],
        spacing_mm=data.sequence.spacing_mm,
        level=entry.bands.level,
        instants=data.sequence.instants,
        conditions=_conditions(shown),
        left_out=held,
    )
    newest = deque(bands, maxlen=1)  # each is learned from those before
    if not newest or newest[0].frame != frame or np.isnan(newest[0].radius_mm).any():
        raise ReportError(
            f"the forecast drawn must have a radius, got none for frame {frame} of run {shown.run} of {entry.method}: "
            "no error was known when it was issued, or the run diverged; choose a later --frame or another --run"
        )
    return newest[0]


def _conditions(shown: Shown) -> Conditions:
    """Return how hard the forecasts of one run are, and their places, told by the modes that its method forecasts."""
    entry, data = shown.entry, shown.data
    assert entry.bands is not None
    own = np.isfinite(entry.bands.weight_radius).any(axis=(0, 1))
    held = data.flows[shown.model.flow].held
    found = instant_conditions(
        shown.model.weights[:, own],
        entry.forecasts[[shown.run]][..., own],
        horizon=entry.horizon.frames,
        instants=data.sequence.instants,
        left_out=held,
        train_end=shown.model.train_end,
    )
    return found.by_run()[0]


def _limit_mm(band: PixelBand) -> float:
    """Return the end of the colour scale: few pixels lie beyond, and those are shown as the largest."""
    largest = max(np.percentile(picture, 99) for picture in (band.radius_mm, band.distance_mm))
    return float(next((limit for limit in MILLIMETRES if limit >= largest), MILLIMETRES[-1]))


def _millimetres(axes: Axes, data: ReportData, picture: NDArray[np.float32], limit_mm: float) -> Any:
    bare(axes)
    look: dict[str, Any] = {"cmap": ERROR_MAP, "vmin": 0, "vmax": limit_mm, "interpolation": "nearest"}
    return axes.imshow(picture, aspect=pixel_aspect(data), **look)


def _draw_outside(axes: Axes, data: ReportData, band: PixelBand) -> None:
    outside = np.ma.masked_equal((band.distance_mm > band.radius_mm).astype(float), 0)
    look: dict[str, Any] = {"cmap": ListedColormap([_OUTSIDE]), "alpha": 0.75, "interpolation": "nearest"}
    axes.imshow(outside, aspect=pixel_aspect(data), **look)


def _draw_roi(axes: Axes, data: ReportData) -> None:
    if data.sequence.roi is not None:
        (top, bottom), (left, right) = data.sequence.roi.rows, data.sequence.roi.columns
        corner = (left - 0.5, top - 0.5)
        axes.add_patch(Rectangle(corner, right - left, bottom - top, fill=False, edgecolor="#f0e442", linewidth=0.6))


def _held(data: ReportData, shown: Shown, band: PixelBand) -> str:
    assert shown.entry.bands is not None  # seen by `band_of`
    names = {"image": "of the image", "roi": "of the ROI"}
    shares = {name: band.share_inside(region) for name, region in regions_of(data.sequence).items()}
    inside = ", ".join(f"{100 * share:.1f} % {names[name]}" for name, share in shares.items() if np.isfinite(share))
    return f"inside: {inside or 'no pixel that moves'} (asked {100 * shown.entry.bands.level:g} %)"
