"""Writes a phantom as a user's files: NIfTI, sidecar and, if asked for, the true DVF."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from cinecast.errors import CinecastError
from cinecast.frames.spool import Spool
from cinecast.phantom.motion_field import MotionField
from cinecast.phantom.phantom import Phantom, make_sequence
from cinecast.phantom.settings import PhantomSettings
from cinecast.sequence import Sequence
from cinecast.store.arrays import save_fields
from cinecast.store.disk_errors import as_store_error
from cinecast.store.nifti import write_nifti
from cinecast.store.replacing import replacing

_SUFFIXES = (".nii.gz", ".nii")


def write_phantom(out: Path, phantom: Phantom, *, with_dvf: bool = False) -> list[Path]:
    """Write the sequence to ``out``, its ROI and split to ``NAME.json`` and the true DVF to ``NAME_dvf.npy``.

    Parameters
    ----------
    out
        ``NAME.nii`` or ``NAME.nii.gz``; folders on the way are made.
    phantom
        What is written.
    with_dvf
        Whether the true DVF, (T, H, W, 2) float32 in pixels, is written too.

    Returns
    -------
    list of Path
        The files written.

    Raises
    ------
    CinecastError
        If ``out`` is not named as NIfTI or cannot be written, or the true DVF of an earlier phantom would be left
        beside the new one.
    """
    return _write(out, phantom.sequence, phantom.dvf if with_dvf else None)


def write_new_phantom(out: Path, settings: PhantomSettings, *, with_dvf: bool = False) -> list[Path]:
    """Make a phantom and write it as `write_phantom` does, with the same bytes; it may be larger than memory.

    Parameters
    ----------
    out
        ``NAME.nii`` or ``NAME.nii.gz``; folders on the way are made.
    settings
        Image, breathing and image faults.
    with_dvf
        Whether the true DVF is written too.

    Returns
    -------
    list of Path
        The files written.

    Raises
    ------
    CinecastError
        As `write_phantom`, or if the disk has no room for the frames twice while they are made.
    """
    _check_name(out)
    sequence, signals = make_sequence(settings, Spool(out.parent))
    return _write(out, sequence, MotionField(settings).samples(signals) if with_dvf else None)


def _check_name(out: Path) -> str:
    suffix = next((suffix for suffix in _SUFFIXES if out.name.endswith(suffix)), None)
    if suffix is None:
        raise CinecastError(f"the phantom's file must end in {' or '.join(_SUFFIXES)}, got {out.name}; rename it")
    return out.name.removesuffix(suffix)


def _write(out: Path, sequence: Sequence, dvf: Iterable[NDArray[np.float32]] | None) -> list[Path]:
    name = _check_name(out)
    sidecar, field = out.parent / f"{name}.json", out.parent / f"{name}_dvf.npy"
    content = {
        "name": name,
        "_note": "simulated: a digital phantom, not a patient",
        "roi": asdict(sequence.roi) if sequence.roi else None,
        "split": asdict(sequence.split),
    }
    if field.exists() and dvf is None:
        raise CinecastError(
            f"a DVF must be that of its phantom, got {field.name} of an earlier one; remove it, or ask for a new one "
            "with --dvf"
        )
    with as_store_error(out.parent, "the phantom", "choose another place"):
        out.parent.mkdir(parents=True, exist_ok=True)
        with replacing(out) as temporary:
            write_nifti(
                temporary,
                sequence.frames,
                spacing_mm=sequence.spacing_mm,
                frame_period_s=sequence.frame_period_s,
                affine=sequence.affine,
            )
        with replacing(sidecar) as temporary:
            temporary.write_text(json.dumps(content, indent=1), encoding="utf-8")
        if dvf is not None:
            with replacing(field) as temporary:
                save_fields(temporary, dvf, sequence.frames.shape)
    return [out, sidecar] if dvf is None else [out, sidecar, field]
