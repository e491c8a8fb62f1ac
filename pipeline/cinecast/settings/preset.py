"""The `published` preset: one switch for comparing with the papers (arXiv 2410.05882)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cinecast.errors import SettingsError
from cinecast_models.errors import spelling_hint

PRESETS = ("default", "published")

# Names of the flow settings in the sidecar's `published` block, and ours.
_FLOW_NAMES = {
    "sigma_init": "sigma_init",
    "sigma_subspl": "sigma_subsampling",
    "sigma_LK": "sigma_window",
    "nb_layers": "levels",
    "nb_iter": "iterations",
}
# What the papers do not name: motion is measured from the first frame, whose brightness counts as it is.
_PUBLISHED_FLOW: dict[str, Any] = {
    "arithmetic": "published",
    "reference": 0,
    "normalisation": 0.0,
    "faulty_frames": "measured",
}
PUBLISHED_SSIM_RANGE = 255.0
# Forecast where no method is named: those of the papers, of each kind one.
PUBLISHED_METHODS = ("linear", "rls", "snap1")


def preset_tables(preset: str, published: Mapping[str, Any], sidecar: str) -> dict[str, Any]:
    """Return the settings that a preset stands for, as nested tables.

    Parameters
    ----------
    preset
        ``default`` or ``published``.
    published
        The ``published`` block of the sequence's sidecar: flow settings and the train end of offline methods.
    sidecar
        Name of the sidecar, for the error.

    Returns
    -------
    tables
        One per stage that the preset changes, as in a settings file; none for ``default``.

    Raises
    ------
    SettingsError
        If the preset is unknown, or ``published`` is asked of a sequence whose sidecar has no such block.
    """
    if preset not in PRESETS:
        raise SettingsError(
            f"a preset must be one of {', '.join(PRESETS)}, got {preset!r}; {spelling_hint(preset, PRESETS)}"
        )
    if preset == "default":
        return {}
    flow = published.get("flow") if isinstance(published, Mapping) else None
    if not isinstance(flow, Mapping) or not set(_FLOW_NAMES) <= set(flow):
        raise SettingsError(
            f"--preset published needs the flow settings {', '.join(_FLOW_NAMES)} in the 'published' block of the "
            f"sidecar, got none in {sidecar}; add them, or leave the preset out"
        )
    tables: dict[str, Any] = {
        "flow": {ours: flow[theirs] for theirs, ours in _FLOW_NAMES.items()} | _PUBLISHED_FLOW,
        "motion": {"pixel_weights": "uniform", "drift": "made_for_it"},
        "forecast": {"protocol": "published", "methods": list(PUBLISHED_METHODS)},
        "warp": {"arithmetic": "published"},
        "score": {"ssim_data_range": PUBLISHED_SSIM_RANGE},
    }
    if "offline_train_end" in published:
        tables["motion"]["offline_train_end"] = published["offline_train_end"]
    return tables
