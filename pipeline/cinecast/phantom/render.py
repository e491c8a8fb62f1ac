"""From anatomy and motion to frames: pull-back along the inverse map, coil shading, Rician noise, whole numbers."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from cinecast.phantom.anatomy import LIVER, Anatomy
from cinecast.phantom.atlas import pixel_grid
from cinecast.phantom.motion_field import MotionField
from cinecast.phantom.settings import PhantomSettings

Floats = NDArray[np.float64]
Singles = NDArray[np.float32]

MAX_GREY = 4095


def render(
    settings: PhantomSettings,
    signals_mm: Floats,
    *,
    in_plane: Anatomy,
    neighbour: Anatomy | None,
    rng: np.random.Generator,
) -> Iterator[NDArray[np.uint16]]:
    """Yield the frames of a breathing anatomy, as a scanner would give them.

    Parameters
    ----------
    settings
        Frame size and image faults.
    signals_mm
        Driving signals relative to frame 0, shape (T, M), in mm.
    in_plane
        Anatomy of the reference frame.
    neighbour
        Anatomy of the plane beside it, which inhalation brings into view; None: tissue stays in the plane.
    rng
        Generator of the noise.

    Yields
    ------
    NDArray[np.uint16]
        T frames of shape (H, W), 0 to 4095.
    """
    motion = MotionField(settings)
    shading = coil_shading(settings)
    share = entering_share(settings, signals_mm)
    tissue: Singles | None = None
    for t, sample in enumerate(signals_mm):
        tissue = motion.inverse(sample, start=tissue)
        clean = in_plane(*tissue)
        if neighbour is not None:
            clean += share[t] * motion.plateau(*tissue) * (neighbour(*tissue) - clean)
        yield _detect(clean * shading, settings.noise_level * LIVER, rng)


def coil_shading(settings: PhantomSettings) -> Singles:
    """Return the static gain (H, W): high near a chest coil in front and a spine coil behind, mean about 1."""
    x, y = np.moveaxis(2 * pixel_grid(settings) / (settings.columns - 1, settings.rows - 1) - 1, -1, 0)
    gain = 1 + settings.shading * (0.9 * x**2 + 0.3 * x - 0.6 * y**2 - 0.1)
    return np.asarray(gain, dtype=np.float32)


def entering_share(settings: PhantomSettings, signals_mm: Floats) -> Floats:
    """Return how much of the texture the neighbouring plane supplies in each frame.

    Parameters
    ----------
    settings
        Amplitude, and the share at full inhalation.
    signals_mm
        Driving signals relative to frame 0, shape (T, M), mm.

    Returns
    -------
    Floats
        Shape (T,), 0 to 1; 0 in frame 0.
    """
    if settings.amplitude_mm == 0:
        return np.zeros(len(signals_mm))
    # Held to the amplitude before it is divided: a drift over a tiny amplitude would overflow.
    held_mm = np.minimum(np.abs(signals_mm[:, 0]), settings.amplitude_mm)
    return np.asarray(settings.out_of_plane * (held_mm / settings.amplitude_mm))


def _detect(signal: Singles, sigma: float, rng: np.random.Generator) -> NDArray[np.uint16]:
    """Return the magnitude of signal plus complex Gaussian noise (Rician), as 12-bit whole numbers."""
    if sigma > 0:
        noise = sigma * rng.standard_normal((2, *signal.shape), dtype=np.float32)
        signal = np.hypot(signal + noise[0], noise[1])
    return np.clip(np.rint(signal), 0, MAX_GREY).astype(np.uint16)
