"""Figures of pictures: frames compared, M-mode, modes of the motion model."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from cinecast.figures.choice import FigureChoice, Shown, frame_of, show
from cinecast.figures.shares import share_text, shown_of_all
from cinecast.figures.style import bare, name_of, new_figure
from cinecast.pictures import Window, difference_limit, good_frames, grey_window
from cinecast.report.breathing import busiest_column
from cinecast.report.data import ReportData, ReportModel
from cinecast.report.few_modes import few_modes

# Blue where the prediction is darker, orange-brown where it is brighter, white where they agree.
DIFFERENCE_MAP = "PuOr_r"
_ARROWS_ACROSS = 18
# A frame stands for a column within so many periods of it.
_NEAR = 0.75


def frames(data: ReportData, choice: FigureChoice, width_mm: float) -> Figure:
    """Draw a real frame, the predicted one and their difference side by side.

    Parameters
    ----------
    data
        What the run measured.
    choice
        Method, horizon, random run and frame.
    width_mm
        Width of the figure; its height follows from the frames.

    Returns
    -------
    Figure
        Three panels with one grey window; the difference has a scale of its own.
    """
    shown = show(data, choice)
    frame = frame_of(shown, choice)
    real, predicted = data.sequence.frames[frame].astype(float), shown.predicted(frame).astype(float)
    figure = new_figure(width_mm, width_mm / 3 / aspect_of(data) + 15)
    panels: NDArray[Any] = figure.subplots(1, 3)
    window, limit = _scales(data)
    for axes, picture, title in zip(panels, (real, predicted), ("real", "predicted"), strict=False):
        grey(axes, data, picture, window)
        axes.set_title(title)
    drawn = _difference(panels[2], data, predicted - real, limit)
    panels[2].set_title("predicted \N{MINUS SIGN} real")
    bar = figure.colorbar(drawn, ax=panels[2], location="bottom", fraction=0.06, pad=0.02)
    bar.set_label("grey levels")
    caption(figure, f"frame {frame} ({data.sequence.times_s[frame]:.2f} s), {what_of(shown)}")
    return figure


def mmode(data: ReportData, choice: FigureChoice, width_mm: float) -> Figure:
    """Draw one column of all test frames over time: real, predicted and their difference.

    Parameters
    ----------
    data
        What the run measured.
    choice
        Method, horizon and random run.
    width_mm
        Width of the figure.

    Returns
    -------
    Figure
        Three panels, time in s against mm along the column that moves most. Where frames are missing, or have no
        forecast for that reason, they are white.
    """
    shown = show(data, choice)
    span = data.sequence.split.test_frames
    column = busiest_column(shown.model, data.sequence.roi)
    real = data.sequence.frames[span.start : span.stop, :, column].T.astype(float)
    predicted = np.stack([_predicted_column(shown, frame, column) for frame in span], axis=1)
    real, predicted = (_by_time(picture, data) for picture in (real, predicted))
    figure = new_figure(width_mm, 0.95 * width_mm)
    panels: NDArray[Any] = figure.subplots(3, 1, sharex=True, sharey=True)
    window, limit = _scales(data)
    times, height = data.sequence.times_s[span.start : span.stop], real.shape[0] * data.sequence.spacing_mm[0]
    half = data.sequence.frame_period_s / 2
    common: dict[str, Any] = {
        "extent": (times[0] - half, times[-1] + half, height, 0),
        "aspect": "auto",
        "interpolation": "nearest",
    }
    for axes, picture, title in zip(panels, (real, predicted), ("real", "predicted"), strict=False):
        axes.imshow(picture, vmin=window.low, vmax=window.high, **common)
        axes.set_ylabel(f"{title} (mm)")
    drawn = panels[2].imshow(predicted - real, cmap=DIFFERENCE_MAP, vmin=-limit, vmax=limit, **common)
    panels[2].set(ylabel="difference (mm)", xlabel="time (s)")
    figure.colorbar(drawn, ax=panels[2], fraction=0.05, pad=0.01).set_label("grey levels")
    for axes in panels:
        axes.grid(visible=False)
    caption(figure, f"column {column}, {what_of(shown)}")
    return figure


def _predicted_column(shown: Shown, frame: int, column: int) -> NDArray[np.float64]:
    if shown.lacks(frame):
        return np.full(shown.data.sequence.frames.shape[1], np.nan)
    return shown.predicted(frame)[:, column].astype(float)


def _by_time(picture: NDArray[np.float64], data: ReportData) -> NDArray[np.float64]:
    """Return columns of the test frames as columns one period apart, NaN where no frame lies near."""
    if data.sequence.instants.regular:
        return picture
    span, period_s = data.sequence.split.test_frames, data.sequence.frame_period_s
    times_s = data.sequence.times_s[span.start : span.stop]
    wanted_s = np.linspace(times_s[0], times_s[-1], 1 + round((times_s[-1] - times_s[0]) / period_s))
    after = np.searchsorted(times_s, wanted_s).clip(1, len(times_s) - 1)
    nearest = after - (wanted_s - times_s[after - 1] < times_s[after] - wanted_s)
    far = np.abs(times_s[nearest] - wanted_s) > _NEAR * period_s
    return np.where(far, np.nan, picture[:, nearest])


def modes(data: ReportData, choice: FigureChoice, width_mm: float) -> Figure:
    """Draw the first modes of the motion model as arrows of two standard deviations over the reference frame.

    Shown are the fewest modes that hold 95 % of the variance that the model explains.

    Parameters
    ----------
    data
        What the run measured.
    choice
        Method and horizon, which decide on the motion model.
    width_mm
        Width of the figure; its height follows from the number of modes.

    Returns
    -------
    Figure
        A panel for each mode, with its share of the variance and its longest arrow in mm.
    """
    model = show(data, choice).model
    count = few_modes(model.explained_variance)
    columns = min(count, 3)
    lines = -(-count // columns)
    figure = new_figure(width_mm, lines * (width_mm / columns / aspect_of(data) + 9) + 4)
    panels = np.atleast_1d(figure.subplots(lines, columns)).ravel()
    for axes in panels:
        bare(axes)
    for k, axes in enumerate(panels[:count]):
        _draw_mode(axes, data, model, k)
    if said := shown_of_all(model):
        caption(figure, said)
    return figure


def _draw_mode(axes: Axes, data: ReportData, model: ReportModel, k: int) -> None:
    window, _ = _scales(data)
    reference = data.sequence.frames[data.flows[model.flow].reference]
    grey(axes, data, reference, Window(window.low, 2 * window.high - window.low))  # darker, below the arrows
    field = 2 * model.weights[: model.train_end, k].std() * model.modes[k]
    along_rows, along_columns = data.sequence.spacing_mm
    lengths = np.hypot(field[..., 0] * along_columns, field[..., 1] * along_rows)
    step = max(1, field.shape[1] // _ARROWS_ACROSS)
    rows, columns = np.mgrid[step // 2 : field.shape[0] : step, step // 2 : field.shape[1] : step]
    room = field.shape[1] * along_columns / 10
    times = next((factor for factor in (8, 4, 2) if factor * lengths.max() <= room), 1)
    visible = times * lengths[rows, columns] > room / 20  # shorter ones are dots
    rows, columns = rows[visible], columns[visible]
    x, y = times * field[rows, columns, 0], times * field[rows, columns, 1]
    axes.quiver(
        columns, rows, x, y, angles="xy", scale_units="xy", scale=1, color="#56b4e9", width=0.007, headwidth=3.5
    )
    enlarged = "" if times == 1 else f", arrows {times}\N{MULTIPLICATION SIGN}"
    share = share_text(model.explained_variance[k], digits=1)
    axes.set_title(f"mode {k + 1}: {share}\nto {lengths.max():.1f} mm{enlarged}")


def grey(axes: Axes, data: ReportData, picture: NDArray[Any], window: Window) -> None:
    """Draw a picture in grey.

    Parameters
    ----------
    axes
        Where to draw; ticks and frame are taken away.
    data
        The run, for the shape of its pixels.
    picture
        Grey values, shape (H, W).
    window
        Grey values shown as black and as white.
    """
    bare(axes)
    axes.imshow(picture, vmin=window.low, vmax=window.high, aspect=pixel_aspect(data), interpolation="nearest")


def _difference(axes: Axes, data: ReportData, picture: NDArray[Any], limit: float) -> Any:
    bare(axes)
    look: dict[str, Any] = {"cmap": DIFFERENCE_MAP, "vmin": -limit, "vmax": limit, "interpolation": "nearest"}
    return axes.imshow(picture, aspect=pixel_aspect(data), **look)


def _scales(data: ReportData) -> tuple[Window, float]:
    """Return the grey window, and the end of the colour scale of differences in grey levels."""
    span = data.sequence.split.test_frames
    real = good_frames(data.sequence, span)
    window = grey_window(real)
    percent = difference_limit(real, data.sequence.frames[data.flows[0].reference], window)
    return window, percent / 100 * (window.high - window.low)


def what_of(shown: Shown) -> str:
    """Return method, horizon and run in words."""
    run = f", run {shown.run}" if len(shown.entry.forecasts) > 1 else ""
    return f"{name_of(shown.entry)}, {shown.entry.horizon.seconds:.2f} s ahead{run}"


def caption(figure: Figure, text: str) -> None:
    """Write a sentence below all panels, on several lines where one would be cut.

    Parameters
    ----------
    figure
        A figure with all its panels.
    text
        The sentence.
    """
    figure.supxlabel(text, fontsize=7, color="#444444", wrap=True)


def pixel_aspect(data: ReportData) -> float:
    """Return height of a pixel over its width."""
    return data.sequence.spacing_mm[0] / data.sequence.spacing_mm[1]


def aspect_of(data: ReportData) -> float:
    """Return width of a frame over its height, in mm."""
    rows, columns = data.sequence.frames.shape[1:]
    return float(columns / rows / pixel_aspect(data))
