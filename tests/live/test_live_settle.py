"""What later forecasts alone need is done between two frames: no forecast moves by a bit, nothing is compiled late."""

from __future__ import annotations

import json
import subprocess
import sys

import numpy as np
import pytest

from cinecast.frames.masks import make_target
from cinecast.live import LiveForecast, LiveForecaster
from cinecast.live.horizon_drivers import HorizonDrivers
from cinecast.phantom import PhantomSettings, make_phantom
from cinecast.settings import Settings
from cinecast_models import OnlineDriver, method_settings
from helpers.command_line import environment

TRAIN, PERIOD, SPACING = 30, 0.25, (6.0, 6.0)
MASK = np.zeros((48, 40), dtype=bool)
MASK[20:28, 15:23] = True
FRAMES = make_phantom(
    PhantomSettings(rows=48, columns=40, pixel_spacing_mm=(6, 6), frame_count=70, frame_period_s=PERIOD)
).sequence.frames
# Between two instants, and lost: what only the longest horizon reaches.
TIMES = PERIOD * np.arange(70.0)
TIMES[45] += 0.4 * PERIOD
TIMES[52:] += 2 * PERIOD
TIMES[60] += 0.3 * PERIOD


def forecasts(method: str, horizon: str, *, settle: bool) -> list[LiveForecast]:
    live = LiveForecaster(
        Settings(), method=method, horizon=horizon, calibration_frames=TRAIN, spacing_mm=lambda: SPACING
    )
    found = []
    for t, (frame, time_s) in enumerate(zip(FRAMES, TIMES.tolist(), strict=True)):
        if t == TRAIN:
            live.set_target(make_target("disc", MASK, 3), spacing_mm=SPACING)
        forecast = live.push(frame, time_s)
        if settle:
            live.settle()
            live.settle()  # there is nothing left to do
        if forecast is not None:
            found.append(forecast)
    return found


@pytest.mark.parametrize("method", ["persistence", "rls", "mixture"])
@pytest.mark.parametrize("horizon", ["2", "0.6s"])
def test_forecasts_are_the_same_whether_or_not_there_is_time_between_frames(method: str, horizon: str) -> None:
    for got, wanted in zip(
        forecasts(method, horizon, settle=True), forecasts(method, horizon, settle=False), strict=True
    ):
        assert (got.time_s, got.reasons, got.stale) == (wanted.time_s, wanted.reasons, wanted.stale)
        for name in ("weights", "radius", "dvf", "frame", "pixel_radius_mm"):
            np.testing.assert_array_equal(getattr(got, name), getattr(wanted, name))
        np.testing.assert_array_equal(
            [each.radius_mm for each in got.targets], [each.radius_mm for each in wanted.targets]
        )


def test_the_longest_horizon_has_learned_all_samples_when_it_is_asked_for(rng: np.random.Generator) -> None:
    samples = rng.normal(size=(80, 2))
    drivers = HorizonDrivers("rls", lambda _: method_settings("rls"), samples[:50], 2.0, runs=1, seed=0)
    alone = OnlineDriver("rls", components=2, horizon=3, train_end=50)
    wanted = [alone.push(sample) for sample in samples]
    for t in range(50, 80):
        drivers.push(samples[t])
        if t % 4 == 1:
            np.testing.assert_array_equal(drivers.at(3.0), wanted[t])
        assert drivers.reached(2.0) == 2.0
        if t % 7 == 2:
            assert drivers.reached(5.0) == 3.0


COMPILED = """
import json, sys
import numpy as np
from numba.extending import is_jitted
from cinecast import LiveForecaster
from cinecast.frames.masks import make_target
from cinecast.phantom import PhantomSettings, make_phantom
from cinecast.settings import Settings

def compiled():
    functions = {}
    for name, module in list(sys.modules.items()):
        if name.startswith("cinecast"):
            functions |= {each.py_func.__qualname__: each for each in vars(module).values() if is_jitted(each)}
    return {name: len(each.signatures) for name, each in functions.items() if each.signatures}

small = PhantomSettings(rows=48, columns=40, pixel_spacing_mm=(6, 6), frame_count=60, frame_period_s=0.25)
frames = make_phantom(small).sequence.frames
live = LiveForecaster(
    Settings(), method=sys.argv[1], horizon="0.6s", calibration_frames=30, spacing_mm=lambda: (6.0, 6.0)
)
for t in range(30):
    live.push(frames[t], 0.25 * t)
mask = np.zeros((48, 40), bool)
mask[20:28, 15:23] = True
live.set_target(make_target("disc", mask, 3), spacing_mm=(6.0, 6.0))
before = compiled()
for t in range(30, int(sys.argv[2])):
    live.push(frames[t % 60], 0.25 * t)
print(json.dumps([before, compiled()]))
"""


# The window of `kernel_ridge` slides from its 251st pair on; those of `mixture` make room at the 501st.
@pytest.mark.parametrize(
    ("method", "frames", "needed"), [("mixture", 600, "append_solved"), ("kernel_ridge", 330, "drop_oldest")]
)
def test_all_that_a_stream_needs_is_compiled_by_its_calibration(method: str, frames: int, needed: str) -> None:
    command = [sys.executable, "-c", COMPILED, method, str(frames)]
    done = subprocess.run(command, capture_output=True, text=True, check=True, env=environment())
    before, after = json.loads(done.stdout)
    assert any(name.startswith(needed) for name in before)
    assert before == after
