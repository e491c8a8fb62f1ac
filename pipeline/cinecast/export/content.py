"""What an export consists of, read from the run and checked to be what the settings of the run ask for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cinecast.export.choice import DVF, OF_TARGETS, ExportChoice
from cinecast.export.dvfs import dvf_content
from cinecast.export.exported import Content as Content
from cinecast.export.exported import Table as Table
from cinecast.export.from_run import check_asked, check_made, check_whole, held_words, predicted_frames, unknown_words
from cinecast.export.targets import target_content
from cinecast.flow.reference import reference_index, settings_for
from cinecast.flow.reliability import ReliabilityEstimator, static_reliability
from cinecast.motion.held import held_frames
from cinecast.references import PERSISTENCE
from cinecast.run.saved import saved_settings
from cinecast.sequence import Sequence
from cinecast.settings import Settings
from cinecast.settings.causality import NOT_CAUSAL, protocol_of_method
from cinecast.store import RunFolder
from cinecast.store import artifacts as art
from cinecast.store.unchanged import unchanged_meanwhile


def load_content(root: Path, choice: ExportChoice) -> Content | Table:
    """Read what is wanted from a run folder.

    Parameters
    ----------
    root
        The run folder; it is looked at only, whoever works on it at the time.
    choice
        What is wanted of it.

    Returns
    -------
    Content or Table
        Frames or DVFs are memory-mapped; centroids of targets are a table.

    Raises
    ------
    CinecastError
        If there is no such run, it does not hold what is wanted as its settings ask for it, or that is damaged.
    """
    with unchanged_meanwhile(root):
        content = _content(root, choice)
    if choice.method is None:
        return content
    protocol = protocol_of_method(choice.method, saved_settings(root))
    return replace(content, not_causal=NOT_CAUSAL.get(protocol, ""))


def _content(root: Path, choice: ExportChoice) -> Content | Table:
    with RunFolder.view(root) as store:
        for name in art.FILES["frames"]:
            check_whole(store, art.FRAMES, name)
        sequence = art.load_sequence(store.path(art.FRAMES))
        if choice.what == "frames":
            return Content(sequence.frames, sequence)
        if choice.what in OF_TARGETS:
            return target_content(store, choice, sequence)
        if choice.what == DVF:
            return dvf_content(store, choice, sequence)
        if choice.what != "predicted":
            check_made(store, art.FLOW)
            check_whole(store, art.FLOW, "dvf.npy")
            # The flow depends on no method: a model file of one that is gone must not be missed.
            settings = saved_settings(root).with_methods((PERSISTENCE,))
            check_asked(store, sequence, art.FLOW, settings)
            dvf = art.load_array(store.path(art.FLOW, "dvf.npy"))
            content = _OF_FLOW[choice.what](sequence, dvf, settings)
            held = held_words(store, sequence) if choice.what == "reliability" else ""
            return replace(content, note=f"; along the measured motion{held}") if held else content
        predicted = predicted_frames(store, choice, sequence)
        first, note = sequence.split.test_frames.start, unknown_words(predicted.known)
        return Content(predicted.frames, sequence, first, note=note)


def _reliability(sequence: Sequence, dvf: NDArray[Any], settings: Settings) -> Content:
    reference = reference_index(settings_for(sequence, settings).flow)
    estimator = ReliabilityEstimator(sequence.frames[reference], settings.flow)
    maps = [estimator(frame, field) for frame, field in zip(sequence.frames, dvf, strict=True)]
    return Content(np.stack(maps), sequence, values="reliability of the DVF, 0 to 1")


def _static_reliability(sequence: Sequence, dvf: NDArray[Any], settings: Settings) -> Content:
    reference, train_end = reference_index(settings_for(sequence, settings).flow), sequence.split.train_end
    left_out = held_frames(sequence.faults, settings.flow)
    static = static_reliability(sequence.frames[:train_end], dvf[:train_end], reference, left_out)
    return Content(static[np.newaxis], sequence, values="reliability of the DVFs, 0 to 1", learned_from=train_end)


_OF_FLOW: dict[str, Callable[[Sequence, NDArray[Any], Settings], Content]] = {
    "reliability": _reliability,
    "static-reliability": _static_reliability,
}
