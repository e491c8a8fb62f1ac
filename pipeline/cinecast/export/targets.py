"""Targets of a run as they are exported: masks, centroids, and a film of real and forecast contours side by side."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from cinecast.errors import SettingsError, StoreError
from cinecast.export.choice import CENTROIDS, TARGET_MASKS, ExportChoice
from cinecast.export.exported import Content, Table
from cinecast.export.from_run import (
    check_asked,
    check_finished,
    check_whole,
    forecast_key,
    held_words,
    predicted_frames,
    unknown_words,
    with_forecast,
)
from cinecast.export.side_by_side import Contours, SideBySide
from cinecast.motion.held import held_frames
from cinecast.references import MEASURED, ORACLE, PERSISTENCE
from cinecast.run.plan import Plan
from cinecast.run.saved import saved_settings
from cinecast.sequence import Sequence
from cinecast.settings.causality import flagged, protocol_of_method
from cinecast.store import RunFolder
from cinecast.store import artifacts as art
from cinecast.store.tables import Cell, read_table
from cinecast.target import MaskSeries


class _Masks(NamedTuple):
    """Masks of one target in frames that follow one another, and whether there is one, shape (frames,)."""

    series: MaskSeries
    known: NDArray[np.bool_]


def target_content(store: RunFolder, choice: ExportChoice, sequence: Sequence) -> Content | Table:
    """Read what is wanted of targets from a run folder.

    Parameters
    ----------
    store
        The run folder.
    choice
        What is wanted of it.
    sequence
        Its frames.

    Returns
    -------
    Content or Table
        A table of centroids, masks of all frames (measured) or of the test frames (forecast), 1 inside, or a film of
        the test frames.

    Raises
    ------
    CinecastError
        If the run has no target, or not the one that is wanted, or does not hold it as its settings ask for it.
    """
    names = _checked_names(store, sequence)
    if choice.target is not None and choice.target not in names:
        raise SettingsError(f"--target must be one of {', '.join(names)}, got {choice.target!r}; choose one of these")
    if choice.what == CENTROIDS:
        return _centroids(store, choice, sequence)
    if choice.what != TARGET_MASKS:
        return _film(store, choice, sequence, names)
    if choice.target is None and len(names) > 1:
        raise SettingsError(
            f"--what target-masks writes one target, got a run with {', '.join(names)}; choose one with --target"
        )
    return _masks(store, choice, sequence, choice.target or names[0], names)


def _checked_names(store: RunFolder, sequence: Sequence) -> list[str]:
    # Masks of a target that the run had before may still lie there.
    if not (saved_settings(store.root).target.files and store.record(art.MEASURED_TARGET)):
        raise StoreError(
            f"a run must have a target for this, got none in {store.root}; run the sequence again with --target FILE"
        )
    for name in (*art.FILES["target"], art.GIVEN_TARGETS_FILE):
        check_whole(store, art.MEASURED_TARGET, name)
    check_asked(store, sequence, art.MEASURED_TARGET, saved_settings(store.root).with_methods((PERSISTENCE,)))
    return [target.name for target in art.load_targets(store.path(art.MEASURED_TARGET))]


def _masks(store: RunFolder, choice: ExportChoice, sequence: Sequence, name: str, names: list[str]) -> Content:
    place = names.index(name)
    if choice.method is None:
        masks = _measured(store, sequence, place)
        first, of, note = 0, f"along the measured motion{held_words(store, sequence)}", ""
    else:
        masks, first = _forecast(store, choice, sequence, place), sequence.split.test_frames.start
        of = f"as run {choice.run} of {choice.method} forecast it"
        note = unknown_words(masks.known)
    array = np.stack([masks.series.mask(i) for i in range(len(masks.series.bits))]).astype(np.uint8)
    return Content(array, sequence, first, f"mask of {name} {of}, 1 inside", note=note)


def _measured(store: RunFolder, sequence: Sequence, place: int) -> _Masks:
    """Return the measured masks of all frames; one whose motion is held says nothing of that frame."""
    held = held_frames(sequence.faults, saved_settings(store.root).flow)
    known = np.array([t not in held for t in range(len(sequence.frames))])
    return _Masks(art.load_masks(store.path(art.MEASURED_TARGET)).masks.part(place, 0), known)


def _forecast(store: RunFolder, choice: ExportChoice, sequence: Sequence, place: int) -> _Masks:
    key, plan = _checked_forecast(store, choice, sequence)
    stored = art.load_masks(store.path(key))
    known = stored.known[place]
    if not 0 <= choice.run < len(known):
        raise StoreError(
            f"--run must be 0 to {len(known) - 1} for {key}, got {choice.run}; warp.image_runs says how many runs are "
            "kept"
        )
    check_finished(known[choice.run], choice, sequence, plan)
    return _Masks(stored.masks.part(place, choice.run), known[choice.run])


def _checked_forecast(store: RunFolder, choice: ExportChoice, sequence: Sequence) -> tuple[str, Plan]:
    key = forecast_key(store, choice, sequence, "target")
    for name in art.FILES["target"]:
        check_whole(store, key, name)
    return key, check_asked(store, sequence, key, with_forecast(saved_settings(store.root), choice))


def _centroids(store: RunFolder, choice: ExportChoice, sequence: Sequence) -> Table:
    """Return the table of the run with places in mm in the image and, where its position is known, in the patient."""
    key = art.MEASURED_TARGET if choice.method is None else _checked_forecast(store, choice, sequence)[0]
    rows = read_table(store.path(key, "centroids.csv"))
    if choice.target is not None:
        rows = [row for row in rows if row["target"] == choice.target]
    if choice.method is not None:
        rows = [row for row in rows if int(row["run"]) == choice.run]
    if not rows:
        raise StoreError(f"--run must be one that the run has kept for {key}, got {choice.run}; choose another")
    placed = [] if sequence.affine is None else ["right_mm", "anterior_mm", "superior_mm"]
    settings = saved_settings(store.root)
    protocol = MEASURED if choice.method is None else protocol_of_method(choice.method, settings)
    cells: list[list[Cell]] = [[*row.values(), *_in_mm(row, sequence), protocol] for row in rows]
    of = f"run {choice.run} of {choice.method}"
    if choice.method is None:
        of = f"the measured motion{held_words(store, sequence)}"
    return Table((*rows[0], "row_mm", "column_mm", *placed, "protocol"), cells, f"centroids along {of}")


def _in_mm(row: dict[str, str], sequence: Sequence) -> list[float]:
    """Return mm from the centre of the first pixel along rows and columns, then RAS+ mm; NaN where it is nowhere."""
    place = np.array([float(row[name] or "nan") for name in ("row", "column")])
    in_image = place * sequence.spacing_mm
    if sequence.affine is None:
        return [float(value) for value in in_image]
    in_patient = sequence.affine[:3] @ [place[1], place[0], 0.0, 1.0]
    return [float(value) for value in (*in_image, *in_patient)]


def _film(store: RunFolder, choice: ExportChoice, sequence: Sequence, names: list[str]) -> Content:
    predicted = predicted_frames(store, choice, sequence)
    test = sequence.split.test_frames
    chosen = [choice.target] if choice.target else names
    labels = _labels(store, sequence)
    contours = []
    for name in chosen:
        forecast = _forecast(store, choice, sequence, names.index(name))
        real = labels.get(name) or _measured(store, sequence, names.index(name))
        part = slice(test.start, test.stop)
        contours.append(
            Contours(
                MaskSeries(real.series.bits[part], real.series.shape),
                real.known[part],
                forecast.series,
                name in labels,
            )
        )
    painter = SideBySide(sequence, predicted.frames, predicted.known, tuple(contours), _title(store, choice, sequence))
    return Content(predicted.frames, sequence, test.start, note=unknown_words(predicted.known), painted=painter)


def _title(store: RunFolder, choice: ExportChoice, sequence: Sequence) -> str:
    if choice.method == ORACLE:
        return "oracle (measured weights)"
    frames = int(forecast_key(store, choice, sequence, "forecast").rpartition("/h")[2])
    protocol = protocol_of_method(str(choice.method), saved_settings(store.root))
    return f"{flagged(str(choice.method), protocol)}, {frames * sequence.frame_period_s:.2f} s ahead"


def _labels(store: RunFolder, sequence: Sequence) -> dict[str, _Masks]:
    """Return the reference masks by target; none where the run has none, or they are not what its settings ask for."""
    if not saved_settings(store.root).score.labels:
        return {}
    check_whole(store, art.LABELS, art.LABELS_FILE)
    check_asked(store, sequence, art.LABELS, saved_settings(store.root).with_methods((PERSISTENCE,)))
    loaded = art.load_labels(store.path(art.LABELS))
    return {name: _Masks(masks, known) for name, (masks, known) in loaded.items()}
