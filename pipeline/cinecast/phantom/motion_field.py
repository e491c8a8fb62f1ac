"""The true deformation: four smooth modes, each driven by its own signal, and the inverse of the map they make."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cinecast.phantom.atlas import pixel_grid, pixels_per_mm, to_atlas
from cinecast.phantom.profile import Profile
from cinecast.phantom.settings import PhantomSettings

Floats = NDArray[np.float64]
Reals = NDArray[np.floating[Any]]

# Single precision resolves 6e-5 pixel at the far end of the largest frame.
RESIDUAL_PX = 3e-4
MAX_NEWTON_STEPS = 30


@dataclass(frozen=True)
class Mode:
    """One static deformation: a direction times a profile across (x) times a profile along (y) the body.

    Parameters
    ----------
    direction
        (x, y) displacement in mm per mm of the driving signal where both profiles are 1.
    across, along
        Profiles over atlas x and atlas y.
    """

    direction: tuple[float, float]
    across: Profile
    along: Profile


# The diaphragm's motion fades towards the lung's apex, towards the pelvis (below the field) and at the spine.
_DIAPHRAGM = Profile(rise=(15, 190), fall=(255, 470))
MODES = (
    Mode((0.0, 1.0), Profile(rise=(45, 102), fall=(165, 214)), _DIAPHRAGM),
    Mode((-1.0, 0.0), Profile(fall=(70, 214)), Profile(rise=(60, 290))),
    Mode((0.0, 1.0), Profile(rise=(128, 170), fall=(170, 214)), _DIAPHRAGM),
    Mode((-0.8, 0.6), Profile(rise=(60, 104), fall=(104, 148)), Profile(rise=(116, 158), fall=(158, 200))),
)
"""Liver and diaphragm; chest wall; posterior diaphragm (which lags); heart. Order as `breathing.SIGNALS`."""


@dataclass
class _Flow:
    """Displacement (x, y) and its gradient (``xy``: of x along y), each in pixels at the same points."""

    x: Reals
    y: Reals
    xx: Reals
    xy: Reals
    yx: Reals
    yy: Reals

    def add(self, drive: tuple[float, float], value: Reals, along_x: Reals, along_y: Reals) -> None:
        """Add one mode, which `drive` pixels (x, y) scale."""
        if drive[0]:
            self.x += drive[0] * value
            self.xx += drive[0] * along_x
            self.xy += drive[0] * along_y
        if drive[1]:
            self.y += drive[1] * value
            self.yx += drive[1] * along_x
            self.yy += drive[1] * along_y

    def determinant(self) -> Reals:
        return (1 + self.xx) * (1 + self.yy) - self.xy * self.yx

    def solve(self, x: Reals, y: Reals) -> tuple[Reals, Reals]:
        """Return ``(I + gradient)^-1 (x, y)`` at every point."""
        scale = 1 / self.determinant()
        return ((1 + self.yy) * x - self.xy * y) * scale, ((1 + self.xx) * y - self.yx * x) * scale


@dataclass(frozen=True)
class MotionField:
    """The continuous map ``p -> p + u(p)`` of one field of view, in pixels (x = column, y = row).

    Parameters
    ----------
    settings
        Size and spacing of the field of view.
    """

    settings: PhantomSettings

    def _drives(self, signals_mm: Floats) -> Floats:
        """Return each mode's displacement in pixels where its profiles are 1, shape (..., M, 2)."""
        spacing_xy = np.array(self.settings.pixel_spacing_mm[::-1])
        return np.asarray(signals_mm[..., None] * np.array([m.direction for m in MODES]) / spacing_xy)

    def _flow(self, x: Reals, y: Reals, signals_mm: Floats) -> _Flow:
        """Return displacement and gradient at columns `x` and rows `y`, in their precision."""
        per_x, per_y = pixels_per_mm(self.settings)
        atlas_x, atlas_y = (x + 0.5) / per_x, (y + 0.5) / per_y
        along = {profile: profile(atlas_y) for profile in {mode.along for mode in MODES}}
        flow = _Flow(*(np.zeros_like(x) for _ in range(6)))
        for mode, drive in zip(MODES, self._drives(signals_mm).tolist(), strict=True):
            (f, f_slope), (g, g_slope) = mode.across(atlas_x), along[mode.along]
            flow.add(drive, f * g, f_slope * g / per_x, f * g_slope / per_y)
        return flow

    def displacement(self, points: Floats, signals_mm: Floats) -> Floats:
        """Return ``u`` at any points, for one sample of the driving signals.

        Parameters
        ----------
        points
            Shape (..., 2), pixels, last axis (x = column, y = row), in the reference frame.
        signals_mm
            One sample of the driving signals, shape (M,), mm.

        Returns
        -------
        Floats
            Shape (..., 2), pixels, last axis (x, y).
        """
        flow = self._flow(points[..., 0], points[..., 1], signals_mm)
        return np.stack([flow.x, flow.y], axis=-1, dtype=np.float64)

    def jacobian_determinant(self, points: Floats, signals_mm: Floats) -> Floats:
        """Return ``det(d(p + u) / dp)`` at any points.

        Parameters
        ----------
        points
            Shape (..., 2), pixels, last axis (x = column, y = row), in the reference frame.
        signals_mm
            One sample of the driving signals, shape (M,), mm.

        Returns
        -------
        Floats
            Shape (...); positive wherever tissue does not fold.
        """
        flow = self._flow(points[..., 0], points[..., 1], signals_mm)
        return flow.determinant().astype(np.float64)

    def inverse(self, signals_mm: Floats, *, start: NDArray[np.float32] | None = None) -> NDArray[np.float32]:
        """Return where the tissue seen at each pixel lies in the reference frame.

        Parameters
        ----------
        signals_mm
            One sample of the driving signals, shape (M,), in mm.
        start
            First guess, shape (2, H, W); the answer of a neighbouring frame saves work.

        Returns
        -------
        NDArray[np.float32]
            ``X`` in pixels, shape (2, H, W), (column, row) first, with ``X + u(X) = p`` to within 3e-4 pixel
            (Newton's method on the continuous map).

        Raises
        ------
        ArithmeticError
            If Newton's method does not arrive, which the limits of the settings exclude.
        """
        column, row = np.moveaxis(pixel_grid(self.settings), -1, 0).astype(np.float32)
        x, y = (column.copy(), row.copy()) if start is None else start
        for _ in range(MAX_NEWTON_STEPS):
            flow = self._flow(x, y, signals_mm)
            residual_x, residual_y = x + flow.x - column, y + flow.y - row
            if max(np.abs(residual_x).max(), np.abs(residual_y).max()) < RESIDUAL_PX:
                return np.stack([x, y])
            step_x, step_y = flow.solve(residual_x, residual_y)
            x, y = x - step_x, y - step_y
        raise ArithmeticError(f"the phantom's map could not be inverted in {MAX_NEWTON_STEPS} Newton steps")

    def plateau(self, x: Reals, y: Reals) -> Reals:
        """Return how much the tissue at some places follows the diaphragm.

        Parameters
        ----------
        x
            Columns in pixels, any shape.
        y
            Rows in pixels, of that shape.

        Returns
        -------
        Reals
            Of that shape, 0 (static) to 1.
        """
        per_x, per_y = pixels_per_mm(self.settings)
        return MODES[0].across((x + 0.5) / per_x)[0] * MODES[0].along((y + 0.5) / per_y)[0]

    def sample(self, signals_mm: Floats) -> NDArray[np.float32]:
        """Return the DVF on the pixel grid for all samples (T, M) of the signals, shape (T, H, W, 2), in pixels."""
        return np.stack(list(self.samples(signals_mm)))

    def samples(self, signals_mm: Floats) -> Iterator[NDArray[np.float32]]:
        """Yield the DVF on the pixel grid for each sample (T, M) of the signals, shape (H, W, 2), in pixels."""
        x, y = np.moveaxis(to_atlas(self.settings, pixel_grid(self.settings)), -1, 0)
        shapes = np.stack([mode.across(x)[0] * mode.along(y)[0] for mode in MODES]).astype(np.float32)
        for drives in self._drives(signals_mm).astype(np.float32):
            yield np.tensordot(shapes, drives, axes=(0, 0))
