"""The files of a sequence: frames as .npy, times as CSV, the rest as JSON."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from cinecast.clock.longest_gap import LONGEST_GAP_S
from cinecast.parsed_text import parse_json
from cinecast.sequence import Roi, Sequence, Split
from cinecast.store.arrays import load_array, save_array
from cinecast.store.tables import read_numbers, write_table

# What was said when the sequence was read; nothing is made from it.
WARNINGS_FILE = "warnings.json"


def save_sequence(folder: Path, sequence: Sequence) -> None:
    """Write a sequence: frames as .npy, times as CSV, the rest as JSON.

    Parameters
    ----------
    folder
        An existing folder, given by `cinecast.store.RunFolder.commit`.
    sequence
        What is written; `load_sequence` gives back the same.
    """
    save_array(folder / "frames.npy", sequence.frames)
    write_table(folder / "times.csv", ["frame", "time_s"], list(enumerate(sequence.times_s)))
    rest: dict[str, Any] = {
        "name": sequence.name,
        "pixel_spacing_mm": sequence.spacing_mm,
        "roi": asdict(sequence.roi) if sequence.roi else None,
        "split": asdict(sequence.split),
        "affine": None if sequence.affine is None else sequence.affine.tolist(),
        **({"axes": sequence.axes} if sequence.axes else {}),
        "published": dict(sequence.published),
        "origins": dict(sequence.origins),
        "longest_gap_s": sequence.longest_gap_s,
    }
    if sequence.instances:
        rest["instances"] = list(sequence.instances)
    if sequence.faults:
        rest["faults"] = {str(frame): fault for frame, fault in sequence.faults.items()}
    (folder / "sequence.json").write_text(json.dumps(rest, indent=1), encoding="utf-8")


def save_warnings(folder: Path, warnings: Iterable[str]) -> None:
    """Write what was said when a sequence was read, as JSON.

    Parameters
    ----------
    folder
        An existing folder, given by `cinecast.store.RunFolder.commit`.
    warnings
        Sentences, which name no file of a patient.
    """
    (folder / WARNINGS_FILE).write_text(json.dumps(list(warnings), indent=1), encoding="utf-8")


def load_warnings(folder: Path) -> tuple[str, ...] | None:
    """Return what was said when a sequence was read; None where that was not kept."""
    path = folder / WARNINGS_FILE
    return tuple(map(str, parse_json(path.read_text(encoding="utf-8")))) if path.is_file() else None


def load_sequence(folder: Path) -> Sequence:
    """Read a sequence back; frames are memory-mapped."""
    rest = parse_json((folder / "sequence.json").read_text(encoding="utf-8"))
    roi, affine = rest["roi"], rest["affine"]
    return Sequence(
        name=rest["name"],
        frames=load_array(folder / "frames.npy"),
        times_s=np.ascontiguousarray(read_numbers(folder / "times.csv")[1][:, 1]),
        spacing_mm=(rest["pixel_spacing_mm"][0], rest["pixel_spacing_mm"][1]),
        split=Split(**rest["split"]),
        roi=Roi(rows=tuple(roi["rows"]), columns=tuple(roi["columns"])) if roi else None,
        affine=None if affine is None else np.array(affine),
        axes=tuple(rest["axes"]) if "axes" in rest else None,
        published=rest["published"],
        origins=rest["origins"],
        faults={int(frame): fault for frame, fault in rest.get("faults", {}).items()},
        instances=tuple(rest.get("instances", ())),
        # Version 0.1.0 took no sequence with gaps, and wrote none.
        longest_gap_s=rest.get("longest_gap_s", LONGEST_GAP_S),
    )
