"""The published preset: one switch for comparing with the papers."""

from __future__ import annotations

from typing import Any

import pytest

from cinecast.errors import SettingsError
from cinecast.settings.preset import PRESETS, preset_tables
from cinecast.settings.toml_file import build_settings

FLOW = {"sigma_init": 0.1, "sigma_subspl": 0.5, "sigma_LK": 2, "nb_layers": 3, "nb_iter": 1, "grad_meth": 2}


def test_the_published_preset_takes_everything_from_the_sidecar() -> None:
    settings = build_settings(preset_tables("published", {"flow": FLOW, "offline_train_end": 160}, "eth-1.json"))
    flow = settings.flow
    assert (flow.sigma_init, flow.sigma_subsampling, flow.sigma_window) == (0.1, 0.5, 2.0)
    assert (flow.levels, flow.iterations, flow.reference) == (3, 1, 0)
    assert flow.arithmetic == settings.warp.arithmetic == "published"
    assert flow.faulty_frames == "measured"
    assert settings.forecast.protocol == "published"
    assert settings.motion.offline_train_end == 160
    assert (settings.motion.pixel_weights, settings.motion.drift) == ("uniform", "made_for_it")
    assert settings.score.ssim_data_range == 255


def test_the_train_end_of_offline_methods_may_be_missing() -> None:
    motion = build_settings(preset_tables("published", {"flow": FLOW}, "x.json")).motion
    assert (motion.offline_train_end, motion.pixel_weights) == (None, "uniform")


def test_the_default_preset_is_the_defaults() -> None:
    assert preset_tables("default", {"flow": FLOW}, "x.json") == {}


def test_an_unknown_preset() -> None:
    with pytest.raises(SettingsError, match=f"one of {', '.join(PRESETS)}, got 'paper'; choose one of these"):
        preset_tables("paper", {}, "x.json")


@pytest.mark.parametrize("block", [{}, {"flow": None}, {"flow": [1]}, {"flow": {k: FLOW[k] for k in list(FLOW)[:4]}}])
def test_a_sidecar_that_does_not_say_enough(block: dict[str, Any]) -> None:
    with pytest.raises(SettingsError, match=r"sigma_init, .*nb_iter in the 'published' block .*got none in x\.json"):
        preset_tables("published", block, "x.json")


def test_a_wrong_value_in_the_sidecar_is_a_wrong_setting() -> None:
    tables = preset_tables("published", {"flow": FLOW | {"nb_layers": "two"}}, "x.json")
    with pytest.raises(SettingsError, match=r"flow\.levels must be a whole number from 1 to 8, or auto, got 'two'"):
        build_settings(tables)
