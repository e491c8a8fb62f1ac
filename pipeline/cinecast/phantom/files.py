"""Writes a phantom as a user's files: NIfTI, sidecar and, if asked for, the true DVF."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

import numpy as np

from cinecast.errors import CinecastError
from cinecast.phantom.phantom import Phantom
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
    suffix = next((suffix for suffix in _SUFFIXES if out.name.endswith(suffix)), None)
    if suffix is None:
        raise CinecastError(f"the phantom's file must end in {' or '.join(_SUFFIXES)}, got {out.name}; rename it")
    name, sequence = out.name.removesuffix(suffix), phantom.sequence
    sidecar, field = out.parent / f"{name}.json", out.parent / f"{name}_dvf.npy"
    content = {
        "name": name,
        "_note": "simulated: a digital phantom, not a patient",
        "roi": asdict(sequence.roi) if sequence.roi else None,
        "split": asdict(sequence.split),
    }
    if field.exists() and not with_dvf:
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
        if with_dvf:
            with replacing(field) as temporary:
                np.save(temporary, phantom.dvf, allow_pickle=False)
    return [out, sidecar, *([field] if with_dvf else [])]
