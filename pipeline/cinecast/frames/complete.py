"""Options over file over sidecar: one validated sequence out of what each of them says."""

from __future__ import annotations

import logging
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from cinecast.clock.regular_clock import mean_regular_interval
from cinecast.errors import ReadError
from cinecast.frames.frame_faults import frame_faults
from cinecast.frames.given_period import contradicted_period, contradicted_step, contradicted_times
from cinecast.frames.given_spacing import contradicted_spacing
from cinecast.frames.missing_frames import missing_frames_text
from cinecast.frames.plausibility import doubt_of_rate, doubts
from cinecast.frames.sidecar import SPLIT_KEYS, Sidecar
from cinecast.frames.source import CONTRADICTION, Source, regular_times
from cinecast.frames.spans import split_by_time
from cinecast.sequence import Sequence, Split, check_frames, check_times
from cinecast.settings import FramesSettings

_LOG = logging.getLogger(__name__)


def complete(name: str, source: Source, sidecar: Sidecar, settings: FramesSettings) -> Sequence:
    """Return the validated sequence; options win over the file, the file over the sidecar.

    Parameters
    ----------
    name
        Name of the file or folder, used where the sidecar gives none.
    source, sidecar, settings
        What the file, its sidecar and the options say.

    Returns
    -------
    Sequence
        With ``origins`` that say where each fact is from, and ``faults`` that name the frames which nothing may be
        learned from.

    Raises
    ------
    ReadError
        If frame period or spacing come from nowhere, or a rule of `Sequence` is broken.
    """
    origins = dict(source.origins)
    note = sidecar.note_foreign()
    if note is not None:
        origins["sidecar"] = note
    check_frames(source.frames)
    times = _times(source, sidecar, settings, origins)
    check_times(times, len(source.frames))
    spacing = _spacing(source, sidecar, settings, origins)
    for remark in contradicted_spacing(spacing, origins["spacing_mm"], source):
        _LOG.warning("%s: %s", sidecar.name or name, remark)
    split = _split(times, source, sidecar, settings, origins)
    roi = source.roi or sidecar.roi
    if source.roi is None and roi is not None:
        origins["roi"] = f"sidecar {sidecar.file_name}"
    if sidecar.axes is not None:
        origins["axes"] = f"sidecar {sidecar.file_name}"
    sequence = Sequence(
        name=sidecar.name or name,
        frames=source.frames,
        times_s=times,
        spacing_mm=spacing,
        split=split,
        roi=roi,
        affine=None if source.affine is None else affine_with_spacing(source.affine, spacing),
        axes=sidecar.axes,
        published=sidecar.published,
        origins=origins,
        instances=source.instances,
        longest_gap_s=settings.longest_gap_s,
    )
    missing = missing_frames_text(sequence)
    if missing:
        _LOG.warning("%s: %s", sequence.name, missing)
    sequence = _with_doubts(sequence)
    faults = frame_faults(sequence.frames, split.train_end)
    return replace(sequence, faults=faults) if faults else sequence


def _with_doubts(sequence: Sequence) -> Sequence:
    """Return the sequence with what is implausible of it among its origins, and say so."""
    of_header = "header" in sequence.origins.get("frame_period_s", "")
    train = sequence.frames[: sequence.split.train_end]
    found = doubts(train, sequence.frame_period_s, sequence.spacing_mm, of_header)
    if (other_rate := doubt_of_rate(sequence.times_s, sequence.split)) is not None:
        found = (*found, other_rate)
    for doubt in found:
        _LOG.warning("%s: %s", sequence.name, doubt)
    return replace(sequence, origins={**sequence.origins, "doubts": "; ".join(found)}) if found else sequence


def _times(source: Source, sidecar: Sidecar, settings: FramesSettings, origins: dict[str, str]) -> NDArray[np.float64]:
    count = len(source.frames)
    if settings.frame_period_s is not None:
        for remark in _contradicted_by(settings.frame_period_s, source, sidecar):
            _LOG.warning("%s", remark)
        origins["frame_period_s"] = "--frame-period"
        return regular_times(count, settings.frame_period_s)
    if source.times_s is not None:
        if len(source.times_s) > 1:
            own = mean_regular_interval(source.times_s)
            _note_contradiction(own, sidecar.frame_period_s, "frame period", sidecar)
        return source.times_s
    if sidecar.frame_period_s is not None:
        origins["frame_period_s"] = f"sidecar {sidecar.file_name}"
        return regular_times(count, sidecar.frame_period_s)
    raise ReadError(
        f"a sequence needs a frame period, and {source.lacking.get('frame_period_s', 'the file gives none')}; "
        f"{_beside(sidecar, 'frame_period_s', 'in s')}give --frame-period"
    )


def _contradicted_by(period_s: float, source: Source, sidecar: Sidecar) -> list[str]:
    if source.times_s is not None:
        return contradicted_times(period_s, source.times_s, source.origins.get("frame_period_s", "the file"))
    beside = sidecar.frame_period_s
    remarks = [] if beside is None else contradicted_period(period_s, beside, f"sidecar {sidecar.file_name}")
    return remarks + contradicted_step(period_s, source.step_without_unit)


def _spacing(
    source: Source, sidecar: Sidecar, settings: FramesSettings, origins: dict[str, str]
) -> tuple[float, float]:
    if settings.pixel_spacing_mm is not None:
        origins["spacing_mm"] = "--pixel-spacing"
        return settings.pixel_spacing_mm
    if source.spacing_mm is not None:
        for own, beside in zip(source.spacing_mm, sidecar.pixel_spacing_mm or (None, None), strict=True):
            _note_contradiction(own, beside, "pixel spacing", sidecar)
        return source.spacing_mm
    if sidecar.pixel_spacing_mm is not None:
        origins["spacing_mm"] = f"sidecar {sidecar.file_name}"
        return sidecar.pixel_spacing_mm
    raise ReadError(
        f"a sequence needs a pixel spacing, and {source.lacking.get('spacing_mm', 'the file gives none')}; "
        f"{_beside(sidecar, 'pixel_spacing_mm', '[row, column] in mm')}give --pixel-spacing"
    )


def _beside(sidecar: Sidecar, key: str, unit: str) -> str:
    # A file of another program cannot become a sidecar: its own keys would be unknown ones.
    return "" if sidecar.foreign else f'put "{key}" ({unit}) into the sidecar {sidecar.file_name} beside it, or '


def _note_contradiction(own: float, beside: float | None, what: str, sidecar: Sidecar) -> None:
    if beside is not None and abs(own - beside) > CONTRADICTION * abs(own):
        _LOG.warning(
            "the file has a %s of %g, its sidecar %s says %g; the file's is used", what, own, sidecar.file_name, beside
        )


def _split(
    times_s: NDArray[np.float64], source: Source, sidecar: Sidecar, settings: FramesSettings, origins: dict[str, str]
) -> Split:
    options = {key: getattr(settings, key) for key in SPLIT_KEYS if getattr(settings, key) is not None}
    ends = {**(source.split or sidecar.split), **options}
    split, by_time = split_by_time(times_s, ends, settings.longest_gap_s)
    if not source.split:
        thirds = "three equal spans" if by_time else "three spans of as many frames, as pauses would leave one too few"
        origins["split"] = f"sidecar {sidecar.file_name}" if sidecar.split else thirds
    if options:
        origins["split"] = f"{origins['split']}; {', '.join(f'frames.{key}' for key in options)} as set"
    return split


def affine_with_spacing(affine: NDArray[np.float64], spacing_mm: tuple[float, float]) -> NDArray[np.float64]:
    """Return an affine whose steps are those of the spacing that was decided on; directions and origin stay.

    Parameters
    ----------
    affine
        (4, 4) map from (column, row, plane, 1) to patient RAS+ mm.
    spacing_mm
        Pixel spacing along (rows, columns) in mm.

    Returns
    -------
    NDArray[np.float64]
        (4, 4), a copy.
    """
    scaled = np.array(affine, dtype=np.float64)
    for column, step in ((0, spacing_mm[1]), (1, spacing_mm[0])):
        length = float(np.linalg.norm(scaled[:3, column])) if scaled.shape == (4, 4) else 0.0
        if length > 0 and abs(length - step) > 1e-9 * step:
            scaled[:3, column] *= step / length
    return scaled
