"""The predicted frames of a run by a plain loop over what lies on the disk: reference frame, motion model, weights."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cinecast.motion.drift import drift_row
from cinecast.settings.toml_file import build_settings, read_settings_file
from cinecast.store import artifacts as art
from cinecast.warp import warp


def predicted_of(run: Path, method: str, horizon: int, number: int = 0) -> NDArray[Any]:
    """Return the predicted test frames (test frames, H, W) of one random run; black where there is no forecast."""
    sequence, settings = art.load_sequence(run / "frames"), build_settings(read_settings_file(run / "settings.toml"))
    reference = sequence.frames[json.loads((run / "flow/stage.json").read_text())["settings"]["reference"]]
    folder = run / art.method_key("forecast", method, horizon)
    train_end = json.loads((folder / "stage.json").read_text())["settings"]["train_end"]
    weights = art.load_forecast(folder, len(sequence.frames))[number]
    model = art.load_motion_model(run / art.motion_key(train_end)).first(weights.shape[1])
    drifts = art.load_drifts(run / art.drift_key(train_end)) if settings.motion.drift == "all" else None
    issued = sequence.instants.issued(horizon)
    frames = np.zeros((len(sequence.split.test_frames), *reference.shape), reference.dtype)
    for i, t in enumerate(sequence.split.test_frames):
        if np.isfinite(weights[t]).all():
            dvf = model.reconstruct(weights[t], None if drifts is None else drifts[drift_row(int(issued[t]))])
            frames[i] = warp(reference, dvf, settings.warp)
    return frames
