"""A cine sequence whose true deformation is known."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cinecast.phantom.anatomy import make_anatomy
from cinecast.phantom.atlas import region_of_interest, sagittal_affine
from cinecast.phantom.breathing import driving_signals
from cinecast.phantom.motion_field import MotionField
from cinecast.phantom.render import render
from cinecast.phantom.settings import PhantomSettings
from cinecast.sequence import Sequence, default_split

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
    return Phantom(_sequence(settings, frames), MotionField(settings).sample(signals), signals)


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
