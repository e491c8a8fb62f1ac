"""`LiveForecaster` leaves threads and signal handling of the program that it is part of alone."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from typing import Any

import pytest

from cinecast.single_thread import one_thread, thread_pools
from helpers.command_line import ROOT, environment

CODE = """
import json, signal, sys, threading
import cv2, numpy
from threadpoolctl import threadpool_info
cv2.setNumThreads(int(sys.argv[1]))
sys.setswitchinterval(0.003)
from cinecast import LiveForecaster
from cinecast.frames.masks import make_target
from cinecast.phantom import PhantomSettings, make_phantom
from cinecast.settings import Settings

def host():
    pools = sorted((pool["filepath"], pool["num_threads"]) for pool in threadpool_info())
    handlers = [str(signal.getsignal(number)) for number in (signal.SIGINT, signal.SIGTERM)]
    return pools, cv2.getNumThreads(), sys.getswitchinterval(), handlers

small = PhantomSettings(rows=48, columns=40, pixel_spacing_mm=(6, 6), frame_count=40, frame_period_s=0.25)
recorded = make_phantom(small).sequence
import scipy.linalg, skimage, sklearn.decomposition
method, beside = sys.argv[2], sys.argv[3] == "beside"
options = {"recalibrate": True, "beside": beside}
live = LiveForecaster(Settings(), method=method, horizon="2", calibration_frames=30, **options)
before = host()
for time_s, frame in zip(recorded.times_s, recorded.frames):
    forecast = live.push(frame, float(time_s))
    live.settle()
forecast = live.finish_calibration() or forecast
target = make_target("target", recorded.frames[0] > recorded.frames[0].mean(), 0)
live.set_target(target, spacing_mm=(6.0, 6.0))
forecast = live.push(recorded.frames[20], float(time_s) + 0.25)
after = host()
kept = {each[0]: each[1] for each in before[0]}
same = all(dict(after[0])[path] == count for path, count in kept.items()) and before[1:] == after[1:]
print(json.dumps([same, cv2.getNumThreads(), forecast.weights.tolist(), float(forecast.frame.sum())]))
"""


def host_after_a_session(threads: int, method: str = "linear", beside: str = "") -> list[Any]:
    command = [sys.executable, "-c", CODE, str(threads), method, beside]
    variables = environment() | {"OPENBLAS_NUM_THREADS": "2"}
    done = subprocess.run(command, capture_output=True, text=True, check=True, env=variables)
    return list(json.loads(done.stdout))


@pytest.fixture(scope="module")
def with_three() -> list[Any]:
    return host_after_a_session(3)


def test_a_host_keeps_its_threads_and_signal_handlers(with_three: list[Any]) -> None:
    assert with_three[:2] == [True, 3]


@pytest.mark.parametrize("method", ["mixture", "snap1"])
def test_so_it_does_with_a_calibration_beside_the_stream(method: str) -> None:
    assert host_after_a_session(3, method, "beside")[:2] == [True, 3]


def test_no_module_but_that_of_the_command_sets_threads_or_signals() -> None:
    found = {}
    for root in ("pipeline", "models"):
        for path in (ROOT / root).rglob("*.py"):
            words = re.findall(r"setNumThreads|setswitchinterval|signal\.signal", path.read_text())
            if words:
                found[path.relative_to(ROOT).as_posix()] = set(words)
    assert found == {
        "pipeline/cinecast/single_thread.py": {"setNumThreads"},
        "pipeline/cinecast/cli/live_run.py": {"setswitchinterval", "signal.signal"},
    }


def test_the_last_of_several_that_hold_blas_gives_its_threads_back() -> None:
    pools = thread_pools()

    def threads() -> list[int]:
        return [pool["num_threads"] for pool in pools.info() if pool["user_api"] == "blas"]

    with pools.limit(limits=2, user_api="blas"):
        before = threads()
        assert 2 in before  # one of the libraries may have been built for a single thread
        first, second = one_thread(pools), one_thread(pools)
        first.__enter__()
        second.__enter__()
        first.__exit__(None, None, None)
        assert set(threads()) == {1}
        second.__exit__(None, None, None)
        assert threads() == before


def test_threads_of_opencv_change_no_bit(with_three: list[Any]) -> None:
    assert with_three[2:] == host_after_a_session(1)[2:]


BESIDE = """
import hashlib
from cinecast import LiveForecaster
from cinecast.phantom import PhantomSettings, make_phantom
from cinecast.settings import Settings
from cinecast.single_thread import one_thread, thread_pools

with one_thread(thread_pools()):  # as a run has held them in this thread, before the session
    pass
small = PhantomSettings(rows=96, columns=80, pixel_spacing_mm=(3, 3), frame_count=95, frame_period_s=0.25)
recorded = make_phantom(small).sequence
live = LiveForecaster(Settings(), method="mixture", horizon="2", calibration_frames=90, beside=True)
forecasts = [live.push(frame, float(time_s)) for time_s, frame in zip(recorded.times_s, recorded.frames)]
live.finish_calibration(wait=True)
print(hashlib.sha256(live.latest.dvf.tobytes()).hexdigest())
"""


def test_a_calibration_beside_the_stream_has_the_same_bits_on_two_processors_after_a_run() -> None:
    printed = [
        subprocess.run(
            [sys.executable, "-c", BESIDE],
            capture_output=True,
            text=True,
            check=True,
            env=environment() | {"OPENBLAS_NUM_THREADS": threads},
        ).stdout
        for threads in ("1", "2")
    ]
    assert printed[0] == printed[1]
