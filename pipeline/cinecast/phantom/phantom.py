"""A cine sequence whose true deformation is known."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cinecast.errors import SettingsError
from cinecast.frames.spool import MEMORY, Spool
from cinecast.phantom.anatomy import make_anatomy
from cinecast.phantom.atlas import region_of_interest, sagittal_affine
from cinecast.phantom.breathing import driving_signals
from cinecast.phantom.motion_field import MotionField
from cinecast.phantom.render import render
from cinecast.phantom.settings import PhantomSettings
from cinecast.sequence import Sequence, default_split

MOST_IN_MEMORY = 2**27
"""Grey values of a phantom that is held in memory: its true DVF then takes 1 GiB."""

# One generator each, so that a change of one kind of setting leaves the other draws as they are.
_BREATHING, _ANATOMY, _NEIGHBOUR, _NOISE = range(4)


@dataclass(frozen=True, eq=False)
class Phantom:
    """A sequence, its true deformation, and the signals that drive it.

    Parameters
    ----------
    sequence
        Frames (T, H, W) uint16, 0 to 4095, with times, spacing, ROI around diaphragm and liver, a split into
        thirds, and the affine of a sagittal plane.
    dvf
        True DVF, shape (T, H, W, 2), pixels, last axis (x = column, y = row): the tissue at pixel ``p`` of frame 0
        is at ``p + dvf[t, p]`` in frame ``t``. ``dvf[0]`` is 0.
    breathing_mm
        Driving signals relative to frame 0, shape (T, 4), in mm: superior-inferior motion of the diaphragm dome
        (positive towards the feet), anterior-posterior motion of the abdominal wall (positive to the front), lag of
        the posterior diaphragm behind the dome, heart beat.
    """

    sequence: Sequence
    dvf: NDArray[np.float32]
    breathing_mm: NDArray[np.float64]


def make_phantom(settings: PhantomSettings) -> Phantom:
    """Make a phantom; the same settings give the same bytes.

    The frames are pulled back from a continuous anatomy along the inverse of the continuous map, so the true DVF
    owes nothing to any warp of discrete frames.

    Parameters
    ----------
    settings
        Image, breathing and image faults.

    Raises
    ------
    SettingsError
        If it is too large for memory: `cinecast.phantom.files.write_new_phantom` writes one of any size.
    """
    count = settings.rows * settings.columns * settings.frame_count
    if count > MOST_IN_MEMORY:
        raise SettingsError(
            f"a phantom in memory must have at most {MOST_IN_MEMORY} grey values, got {count}; at this frame size ask "
            f"for {MOST_IN_MEMORY // (settings.rows * settings.columns)} frames or fewer, or write it with "
            "'cinecast phantom'"
        )
    sequence, signals = make_sequence(settings, MEMORY)
    return Phantom(sequence, MotionField(settings).sample(signals), signals)


def make_sequence(settings: PhantomSettings, spool: Spool) -> tuple[Sequence, NDArray[np.float64]]:
    """Return the sequence of a phantom and its driving signals, as `Phantom` has them.

    Parameters
    ----------
    settings
        Image, breathing and image faults.
    spool
        Where large frames go.

    Returns
    -------
    tuple
        The sequence, and the signals, shape (T, 4), in mm.
    """
    signals = driving_signals(settings, _generator(settings, _BREATHING))
    neighbour = make_anatomy(settings, _generator(settings, _NEIGHBOUR)) if settings.out_of_plane > 0 else None
    frames = render(
        settings,
        signals,
        in_plane=make_anatomy(settings, _generator(settings, _ANATOMY)),
        neighbour=neighbour,
        rng=_generator(settings, _NOISE),
    )
    shape = settings.frame_count, settings.rows, settings.columns
    kept = spool.frames((frame[np.newaxis] for frame in frames), shape, np.dtype(np.uint16))
    return _sequence(settings, kept), signals


def _generator(settings: PhantomSettings, purpose: int) -> np.random.Generator:
    return np.random.default_rng([settings.seed, purpose])


def _sequence(settings: PhantomSettings, frames: NDArray[np.uint16]) -> Sequence:
    facts = ("frames", "times_s", "spacing_mm", "split", "roi", "affine")
    return Sequence(
        name="phantom",
        frames=frames,
        times_s=settings.frame_period_s * np.arange(settings.frame_count, dtype=np.float64),
        spacing_mm=settings.pixel_spacing_mm,
        split=default_split(settings.frame_count),
        roi=region_of_interest(settings),
        affine=sagittal_affine(settings),
        origins=dict.fromkeys(facts, "phantom"),
    )
