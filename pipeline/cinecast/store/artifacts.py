"""The registry of what a run holds: where each artifact lies, which files it has, and who writes and reads them."""

from __future__ import annotations

from cinecast.store.arrays import UNEXPLAINED_FILE as UNEXPLAINED_FILE
from cinecast.store.arrays import load_array as load_array
from cinecast.store.arrays import load_unexplained as load_unexplained
from cinecast.store.arrays import save_dvf as save_dvf
from cinecast.store.arrays import save_unexplained as save_unexplained
from cinecast.store.forecast_files import load_bands as load_bands
from cinecast.store.forecast_files import load_forecast as load_forecast
from cinecast.store.forecast_files import load_step_times as load_step_times
from cinecast.store.forecast_files import save_bands as save_bands
from cinecast.store.forecast_files import save_forecast as save_forecast
from cinecast.store.forecast_files import save_landmark_radii as save_landmark_radii
from cinecast.store.landmark_files import load_landmarks as load_landmarks
from cinecast.store.landmark_files import save_landmarks as save_landmarks
from cinecast.store.mask_files import GIVEN_TARGETS_FILE as GIVEN_TARGETS_FILE
from cinecast.store.mask_files import LABELS_FILE as LABELS_FILE
from cinecast.store.mask_files import TARGET_SCORES_FILE as TARGET_SCORES_FILE
from cinecast.store.mask_files import load_folded as load_folded
from cinecast.store.mask_files import load_labels as load_labels
from cinecast.store.mask_files import load_masks as load_masks
from cinecast.store.mask_files import load_targets as load_targets
from cinecast.store.mask_files import save_labels as save_labels
from cinecast.store.mask_files import save_masks as save_masks
from cinecast.store.mask_files import save_targets as save_targets
from cinecast.store.motion_files import DRIFTS_FILE as DRIFTS_FILE
from cinecast.store.motion_files import PIXEL_WEIGHTS_FILE as PIXEL_WEIGHTS_FILE
from cinecast.store.motion_files import load_drifts as load_drifts
from cinecast.store.motion_files import load_motion_model as load_motion_model
from cinecast.store.motion_files import load_weights as load_weights
from cinecast.store.motion_files import save_drifts as save_drifts
from cinecast.store.motion_files import save_motion as save_motion
from cinecast.store.nifti import viewable as viewable
from cinecast.store.sequence_files import WARNINGS_FILE as WARNINGS_FILE
from cinecast.store.sequence_files import load_sequence as load_sequence
from cinecast.store.sequence_files import load_warnings as load_warnings
from cinecast.store.sequence_files import save_sequence as save_sequence
from cinecast.store.sequence_files import save_warnings as save_warnings

FRAMES = "frames"
FLOW = "flow"
LANDMARKS = "landmarks"
MEASURED_TARGET = "target/measured"
LABELS = "score/labels"
REPORT = "report"
SCORES_FILE = "score/scores.csv"
SETTINGS_FILE = "settings.toml"
# What the files say that the settings name, beside these.
GIVEN_FILE = "given_files.json"

# Files of each stage's artifacts, in writing order.
FILES = {
    "frames": ("frames.npy", "times.csv", "sequence.json"),
    "flow": ("dvf.npy",),
    "motion": ("mean.npy", "modes.npy", "weights.csv", "variance.csv"),
    "forecast": ("weights.csv", "step_times.csv"),
    "landmarks": ("landmarks.csv", "tracks.csv"),
    "target": ("masks.npz", "centroids.csv"),
    "score": ("scores.csv", "per_frame.csv", "bands.csv", "landmark_radii.csv"),
    "report": ("index.html",),
}


def motion_key(train_end: int) -> str:
    """Return the key of the motion model fitted to the first ``train_end`` frames."""
    return f"motion/train_{train_end:04d}"


def drift_key(train_end: int) -> str:
    """Return the key of the drifts of the motion model that is fitted to the first ``train_end`` frames."""
    return f"motion/drift_{train_end:04d}"


def method_key(stage: str, method: str, horizon: int) -> str:
    """Return the key of one method at one horizon (frames) in ``forecast``, ``target`` or ``score``.

    Parameters
    ----------
    stage
        ``forecast``, ``target`` or ``score``.
    method
        Name of a method or of a reference.
    horizon
        Horizon in frames; 0 for the oracle.

    Returns
    -------
    str
        Path of the artifact relative to the run, such as ``forecast/rls/h002``.
    """
    return f"{stage}/{method}/h{horizon:03d}"
