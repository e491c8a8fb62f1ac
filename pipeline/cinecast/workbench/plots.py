"""Plots of arrays: pictures side by side, weights over time. Each is a figure of matplotlib, which notebooks show."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_SIDE_INCHES, _ROW_INCHES, _WIDTH_INCHES = 2.6, 1.6, 7.0


def draw_pictures(
    pictures: Mapping[str, NDArray[Any]],
    *,
    spacing_mm: tuple[float, float] = (1.0, 1.0),
    dvf: NDArray[Any] | None = None,
) -> Figure:
    """Draw pictures side by side, each in grey from its own smallest to its largest value, with a bar that says which.

    Parameters
    ----------
    pictures
        Arrays of shape (H, W) by their titles.
    spacing_mm
        Pixel spacing along (rows, columns) in mm, for the shape of the pixels.
    dvf
        Vectors that are laid over the first picture, shape (H, W, 2), pixels, last axis (x = column, y = row); None
        for none.

    Returns
    -------
    matplotlib.figure.Figure
        Notebooks show it; ``figure.savefig("pictures.pdf")`` writes it.

    Raises
    ------
    ValueError
        If there is no picture, or one is no array of shape (H, W).
    """
    from cinecast.figures.shown import ShownFigure

    flat = [title for title, picture in pictures.items() if np.ndim(picture) != 2]
    if flat or not pictures:
        raise ValueError(
            f"pictures must be arrays of shape (H, W) by their titles, got {flat or 'none'}; give one picture a title"
        )
    figure = ShownFigure(figsize=(_SIDE_INCHES * len(pictures), _SIDE_INCHES), layout="constrained")
    places = figure.subplots(1, len(pictures), squeeze=False)[0]
    for axes, (title, picture) in zip(places, pictures.items(), strict=True):
        drawn = axes.imshow(picture, cmap="gray", aspect=spacing_mm[0] / spacing_mm[1])
        figure.colorbar(drawn, ax=axes, shrink=0.8)
        axes.set_title(title)
        axes.set_axis_off()
    if dvf is not None:
        step = max(1, min(dvf.shape[:2]) // 20)
        rows, columns = np.mgrid[: dvf.shape[0] : step, : dvf.shape[1] : step]
        vectors = dvf[::step, ::step]
        places[0].quiver(
            columns, rows, vectors[..., 0], vectors[..., 1], angles="xy", scale_units="xy", scale=1, color="tab:orange"
        )
    return figure


def draw_weights(
    weights: NDArray[np.float64],
    forecasts: Mapping[str, NDArray[np.float64]],
    *,
    times_s: NDArray[np.float64] | None = None,
    test_start: int = 0,
) -> Figure:
    """Draw weights over time with their forecasts, one row for each mode.

    Parameters
    ----------
    weights
        Measured weights, shape (T, K), pixels.
    forecasts
        Forecast weights by the name of the method, each of shape (R, T, K); their mean over the runs is drawn.
    times_s
        Time of each frame in s, shape (T,); None: frames are counted.
    test_start
        The first frame that is drawn.

    Returns
    -------
    matplotlib.figure.Figure
        Notebooks show it; ``figure.savefig("weights.pdf")`` writes it.
    """
    from cinecast.figures.shown import ShownFigure

    times = np.arange(len(weights)) if times_s is None else times_s
    modes = weights.shape[1]
    figure = ShownFigure(figsize=(_WIDTH_INCHES, _ROW_INCHES * modes + 0.5), layout="constrained")
    for k, axes in enumerate(figure.subplots(modes, 1, sharex=True, squeeze=False)[:, 0]):
        axes.plot(times[test_start:], weights[test_start:, k], color="black", label="measured")
        for name, each in forecasts.items():
            axes.plot(times[test_start:], each[:, test_start:, k].mean(axis=0), label=name)
        axes.set_ylabel(f"weight {k + 1}, px")
    figure.axes[-1].set_xlabel("frame" if times_s is None else "time, s")
    figure.axes[0].legend(loc="upper right", fontsize="small")
    return figure
