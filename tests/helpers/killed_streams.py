"""A scanner, a session and a receiver of its forecasts, each a process that is killed at any moment and started again.

The law: a session's table has every frame that was handed to its connection, in order, up to the last that it has.
"""

from __future__ import annotations

import csv
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from cinecast.phantom import PhantomSettings, make_phantom
from cinecast.streams.image import pack_image
from cinecast.streams.openigtlink import pack_message
from helpers.command_line import environment
from helpers.ports import free_ports

PERIOD_S, CALIBRATION = 0.03, 20

# Sends the messages of a file in turn, stamped with the time, and writes down each stamp once it has been handed over.
_SCANNER = """
import os, socket, struct, sys, time
port, pool, log, period = int(sys.argv[1]), open(sys.argv[2], "rb").read(), sys.argv[3], float(sys.argv[4])
size = 58 + struct.unpack(">Q", pool[42:50])[0]
log = os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
listener = socket.create_server(("127.0.0.1", port))
number = 0
while True:
    connected, _ = listener.accept()
    try:
        while True:
            start = number * size % len(pool)
            nanoseconds = time.time_ns()
            seconds, rest = divmod(nanoseconds, 10**9)
            stamp = struct.pack(">II", seconds, ((rest << 32) + 5 * 10**8) // 10**9)
            connected.sendall(pool[start : start + 34] + stamp + pool[start + 42 : start + size])
            os.write(log, b"%d\\n" % nanoseconds)
            number += 1
            time.sleep(period)
    except OSError:
        connected.close()
"""
_LISTENER = """
import os, socket, sys, time
while True:
    try:
        connected = socket.create_connection(("127.0.0.1", int(sys.argv[1])))
        while part := connected.recv(1 << 16):
            if b"IMAGE" in part:
                open(sys.argv[2], "a").write("got\\n")
    except OSError:
        time.sleep(0.02)
"""


class KilledStreams:
    """The three processes; `kill` kills one, `end` ends all and says what was wrong."""

    def __init__(self, work: Path, seed: int) -> None:
        self._work, self._chance = work, random.Random(seed)
        self._ports = free_ports(2)
        settings = PhantomSettings(
            rows=48, columns=40, pixel_spacing_mm=(6, 6), frame_count=100, frame_period_s=PERIOD_S
        )
        frames = make_phantom(settings).sequence.frames
        content = (pack_message("IMAGE", "Scan", 1, pack_image(frame, np.diag([6.0, 6, 1, 1]))) for frame in frames)
        (work / "pool").write_bytes(b"".join(content))
        self._sessions = 0
        self._errors: list[Path] = []
        self.wrong: list[str] = []
        self.killed = {"scanner": 0, "session": 0, "listener": 0}
        self._processes = {name: self._started(name) for name in self.killed}

    @property
    def out(self) -> Path:
        """The folder of the newest session."""
        return self._work / f"live_{self._sessions}"

    def _started(self, name: str) -> subprocess.Popen[bytes]:
        arguments = {
            "scanner": ["-c", _SCANNER, str(self._ports[0]), self._work / "pool", self._work / "sent", str(PERIOD_S)],
            "listener": ["-c", _LISTENER, str(self._ports[1]), self._work / "got"],
        }
        if name == "session":
            self._sessions += 1
            options = ("--method", "linear", "--horizon", "2", "--calibration", str(CALIBRATION))
            served = ("--send", str(self._ports[1]), "--out", self.out)
            address = f"igtl://127.0.0.1:{self._ports[0]}/Scan"
            arguments[name] = ["-m", "cinecast", "live", address, *options, *served]
        with (self._work / f"{name}_{self._sessions}.err").open("ab") as errors:
            command = [sys.executable, *map(str, arguments[name])]
            return subprocess.Popen(command, env=environment(), stdout=subprocess.DEVNULL, stderr=errors)

    def wait_for_forecasts(self) -> None:
        """Wait until the newest session forecasts."""
        table = self.out / "forecasts.csv"
        wrong = f"session {self._sessions} came to no forecast"
        self.wait_until(lambda: table.is_file() and len(table.read_text().splitlines()) > 2, wrong)

    def wait_for_connection(self, number: int) -> None:
        """Wait until the session has the scanner for the so many-th time."""
        self.wait_until(lambda: f"(connection {number})" in self.said(), f"there was no connection {number}")

    def wait_for_listener(self) -> None:
        """Wait until the listener gets forecasts that were served from now on."""
        got = self._got()
        self.wait_until(lambda: self._got() > got, "the listener got nothing after it had come back")

    def _got(self) -> int:
        """Return how much the listeners have written down so far."""
        path = self._work / "got"
        return path.stat().st_size if path.is_file() else 0

    def wait_until(self, reached: Callable[[], bool], wrong: str, timeout_s: float = 300.0) -> None:
        """Wait until something is so; else it is among what was wrong."""
        end = time.monotonic() + timeout_s
        while not reached():
            if time.monotonic() > end:
                self.wrong.append(wrong)
                return
            time.sleep(0.02)

    def kill(self, name: str) -> None:
        """Kill one at a random moment and start it again a little later."""
        time.sleep(self._chance.uniform(0.0, 0.4))
        victim = self._processes[name]
        victim.send_signal(signal.SIGKILL)
        victim.wait()
        self.killed[name] += 1
        if name == "session":
            self._check(ended=False)
        time.sleep(self._chance.choice((0.0, 0.01, 0.2)))
        self._processes[name] = self._started(name)

    def end(self) -> list[str]:
        """End all; return what was wrong."""
        self.wait_for_forecasts()
        self.wait_for_listener()
        if self._processes["session"].poll() is not None:
            self.wrong.append(f"session {self._sessions} ended by itself")
        self._processes["scanner"].kill()
        self._processes["scanner"].wait()
        newest = self._sent()[-1]
        self.wait_until(lambda: self._has(newest), "what was on its way was not taken")
        self._processes["session"].send_signal(signal.SIGINT)
        code = self._processes["session"].wait(300)
        if code != 130:
            self.wrong.append(f"session {self._sessions} ended with {code}")
        self._processes["listener"].kill()
        self._check(ended=True)
        for path in self._work.glob("session_*.err"):
            said = path.read_text()
            if "Traceback" in said or "fault of the program" in said:
                self.wrong.append(f"{path.name}: {said[-400:]}")
        return self.wrong

    def said(self) -> str:
        """Return what the newest session said on its standard error."""
        return (self._work / f"session_{self._sessions}.err").read_text()

    def _taken(self) -> list[int]:
        """Return the times in ns, since the first of them, of the frames in the table of the newest session."""
        table = self.out / "frames.csv"
        if not table.is_file():
            return []
        with table.open(newline="") as file:
            whole = file.read().rpartition("\n")[0]  # it may be killed while it writes a line
        found = csv.DictReader(whole.splitlines())
        return [round(float(row["time_s"]) * 1e9) for row in found if row["time_s"] and row["state"] != "skipped"]

    def _sent(self) -> list[int]:
        """Return the stamps in ns of the frames that were handed over."""
        return [int(line) for line in (self._work / "sent").read_text().splitlines()]

    def _has(self, newest: int) -> bool:
        times = self._taken()
        begun = _begun(times, self._sent())
        return begun is not None and begun + times[-1] >= newest

    def _check(self, *, ended: bool) -> None:
        """Hold the table of the newest session against what was sent."""
        times, sent = self._taken(), self._sent()
        if len(times) < 2:
            return
        begun = _begun(times, sent)
        if begun is None:
            self.wrong.append(f"session {self._sessions}: its first frames were never sent")
            return
        taken = {begun + each for each in times}
        lost = [each for each in sent if begun <= each <= begun + times[-1] and each not in taken]
        if lost:
            self.wrong.append(f"session {self._sessions}: {len(lost)} of {len(times)} frames were lost")
        if ended and (left := [each for each in sent if each > begun + times[-1]]):
            self.wrong.append(f"session {self._sessions}: {len(left)} frames at its end were lost")


def _begun(times: list[int], sent: list[int]) -> int | None:
    """Return the stamp that times count from, that of the first frame taken; None where no stamps fit."""
    known = set(sent)
    # Among thousands of intervals two may be the same to the nanosecond: all frames have to fit.
    fitting = [each for each in sent if each + times[1] in known] if len(times) > 1 else []
    return max(fitting, key=lambda first: sum(first + each in known for each in times), default=None)


def kill_all(streams: KilledStreams) -> None:
    """Kill whatever still runs."""
    for process in streams._processes.values():
        process.kill()
        process.wait()
