"""`LiveForecaster` leaves threads and signal handling of the program that it is part of alone."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

import pytest

from helpers.command_line import environment

CODE = """
import json, signal, sys, threading
import cv2, numpy
from threadpoolctl import threadpool_info
cv2.setNumThreads(int(sys.argv[1]))
sys.setswitchinterval(0.003)
from cinecast import LiveForecaster
from cinecast.phantom import PhantomSettings, make_phantom
from cinecast.settings import Settings

def host():
    pools = sorted((pool["filepath"], pool["num_threads"]) for pool in threadpool_info())
    handlers = [str(signal.getsignal(number)) for number in (signal.SIGINT, signal.SIGTERM)]
    return pools, cv2.getNumThreads(), sys.getswitchinterval(), handlers

small = PhantomSettings(rows=48, columns=40, pixel_spacing_mm=(6, 6), frame_count=40, frame_period_s=0.25)
recorded = make_phantom(small).sequence
import scipy.linalg, skimage, sklearn.decomposition
live = LiveForecaster(Settings(), method="linear", horizon="2", calibration_frames=30)
before = host()
for time_s, frame in zip(recorded.times_s, recorded.frames):
    forecast = live.push(frame, float(time_s))
after = host()
kept = {each[0]: each[1] for each in before[0]}
same = all(dict(after[0])[path] == count for path, count in kept.items()) and before[1:] == after[1:]
print(json.dumps([same, cv2.getNumThreads(), forecast.weights.tolist(), float(forecast.frame.sum())]))
"""


def host_after_a_session(threads: int) -> list[Any]:
    command = [sys.executable, "-c", CODE, str(threads)]
    done = subprocess.run(command, capture_output=True, text=True, check=True, env=environment())
    return list(json.loads(done.stdout))


@pytest.fixture(scope="module")
def with_three() -> list[Any]:
    return host_after_a_session(3)


def test_a_host_keeps_its_threads_and_signal_handlers(with_three: list[Any]) -> None:
    assert with_three[:2] == [True, 3]


def test_threads_of_opencv_change_no_bit(with_three: list[Any]) -> None:
    assert with_three[2:] == host_after_a_session(1)[2:]
