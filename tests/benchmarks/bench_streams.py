"""What a stream adds to a forecast: from the frame being sent to its forecast being received, on loopback.

Run from the repository: ``python tests/benchmarks/bench_streams.py``. This process is the scanner and the receiver, and
`cinecast live` is one of its own. Frames are of 270 x 270 pixels. What is added is told twice: to
`LiveForecaster.push` of the same frames at the same pace, in this process; and to the mere steps of the forecast, which
the session keeps, so that looking at the frame and its times counts as added too.
"""

from __future__ import annotations

import argparse
import csv
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "pipeline"), str(ROOT / "models"), str(ROOT / "tests")]

from cinecast import LiveForecaster  # noqa: E402 - found through the path above
from cinecast.phantom import PhantomSettings, make_phantom  # noqa: E402
from cinecast.settings import Settings  # noqa: E402
from cinecast.streams.image import pack_image  # noqa: E402
from cinecast.streams.openigtlink import HEADER_SIZE, pack_message, unpack_header  # noqa: E402
from helpers.command_line import environment  # noqa: E402
from helpers.ports import free_ports  # noqa: E402

CALIBRATION, PERIOD_S, HORIZON = 90, 0.15, 3
_PATIENCE_S = 180.0
STEPS = ("flow", "projection", "forecast", "reconstruction", "warp")


def connected_to(port: int) -> socket.socket:
    """Return a connection to a server that may still have to begin."""
    while True:
        try:
            connected = socket.create_connection(("127.0.0.1", port))
        except OSError:
            time.sleep(0.05)
            continue
        if connected.getsockname() != connected.getpeername():
            return connected
        # Without a server, a connection to a port may come from that very port, and then is one to itself.
        connected.close()


def received(port: int, arrived: dict[int, float]) -> None:
    """Write down when the forecast of each instant, in ns, has come whole."""
    connected = connected_to(port)
    with connected, connected.makefile("rb") as stream:
        while len(header := stream.read(HEADER_SIZE)) == HEADER_SIZE:
            facts = unpack_header(header)
            stream.read(facts.body_size)
            if facts.kind == "IMAGE":
                arrived[facts.time_ns] = time.perf_counter()


def wait_for_first(arrived: dict[int, float], session: subprocess.Popen[bytes]) -> None:
    """Wait for the forecast of the newest frame, which comes once the calibration has ended, and a little longer."""
    deadline = time.monotonic() + _PATIENCE_S
    while not arrived:
        if session.poll() is not None or time.monotonic() > deadline:
            session.kill()
            sys.exit(f"the session came to no forecast in {_PATIENCE_S:.0f} s, or ended ({session.poll()}): see above")
        time.sleep(0.05)
    time.sleep(5.0)  # landmarks are found


def phantom_of(size: int) -> np.ndarray:
    """Return frames (T, H, W)."""
    settings = PhantomSettings(
        rows=size, columns=size, pixel_spacing_mm=(1.3, 1.3), frame_count=150, frame_period_s=PERIOD_S
    )
    return make_phantom(settings).sequence.frames


def measure(method: str, count: int, size: int, work: Path) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return of every frame, in ms, the latency from stream to stream, of the steps alone, and within the session."""
    contents = [pack_image(frame, np.diag([1.3, 1.3, 1.0, 1.0])) for frame in phantom_of(size)]
    order = [*range(len(contents)), *range(len(contents) - 2, 0, -1)]
    ports = free_ports(2)
    asked = ["--method", method, "--horizon", str(HORIZON), "--calibration", str(CALIBRATION)]
    address = f"igtl://127.0.0.1:{ports[0]}/Scan"
    command = [sys.executable, "-m", "cinecast", "live", address, *asked, "--send", str(ports[1])]
    arrived: dict[int, float] = {}
    sent: dict[int, float] = {}
    with socket.create_server(("127.0.0.1", ports[0])) as scanner:
        session = subprocess.Popen([*command, "--out", str(work / method)], env=environment())
        threading.Thread(target=received, args=(ports[1], arrived), daemon=True).start()
        scanner.settimeout(_PATIENCE_S)
        connected, _ = scanner.accept()
        connected.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        epoch_ns = time.time_ns()
        with connected:
            for t in range(CALIBRATION + count):
                at_ns = epoch_ns + round(t * PERIOD_S * 1e9)
                message = pack_message("IMAGE", "Scan", at_ns, contents[order[t % len(order)]])
                # The calibration needs no time of its own; what follows comes as from a scanner.
                if t == CALIBRATION:
                    wait_for_first(arrived, session)
                time.sleep(0.0 if t < CALIBRATION else PERIOD_S)
                sent[at_ns + round(HORIZON * PERIOD_S * 1e9)] = time.perf_counter()
                connected.sendall(message)
            time.sleep(2.0)
        session.send_signal(signal.SIGINT)
        session.wait(60)
    with (work / method / "frames.csv").open(newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["state"] == "forecast"]
    kept = {round(float(row["time_s"]) / PERIOD_S): float(row["latency_ms"]) for row in rows}
    steps = {round(float(row["time_s"]) / PERIOD_S): sum(float(row[f"{name}_ms"]) for name in STEPS) for row in rows}
    whole, alone, within = [], [], []
    for at_ns, came in arrived.items():
        # Times are rounded to ns on their way.
        near = min(sent, key=lambda each: abs(each - at_ns))
        number = round((near - epoch_ns) / 1e9 / PERIOD_S) - HORIZON
        if number in steps and number > CALIBRATION + 10:  # warmed up
            whole.append(1e3 * (came - sent[near]))
            alone.append(steps[number])
            within.append(kept[number])
    return np.array(whole), np.array(alone), np.array(within)


def paced_pushes(method: str, count: int, size: int) -> np.ndarray:
    """Return how long `LiveForecaster.push` takes for each frame, in ms, where frames come at the pace of a scanner."""
    live = LiveForecaster(Settings(), method=method, horizon=str(HORIZON), calibration_frames=CALIBRATION)
    frames = phantom_of(size)
    order = [*range(len(frames)), *range(len(frames) - 2, 0, -1)]
    taken = []
    for t in range(CALIBRATION + count):
        frame = np.array(frames[order[t % len(order)]])
        time.sleep(0.0 if t < CALIBRATION else PERIOD_S)
        started = time.perf_counter()
        live.push(frame, t * PERIOD_S)
        taken.append(1e3 * (time.perf_counter() - started))
        live.settle()
    return np.array(taken[CALIBRATION + 10 :])  # warmed up


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--method", action="append", default=None)
    parser.add_argument("--count", type=int, default=200)
    parser.add_argument("--size", type=int, default=270)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as work:
        for method in asked.method or ("persistence", "mixture"):
            whole, alone, within = measure(method, asked.count, asked.size, Path(work))
            added, pushed = whole - alone, paced_pushes(method, asked.count, asked.size)
            print(
                f"{method}: {len(whole)} frames of {asked.size} x {asked.size}, stream to stream "
                f"{np.median(whole):.2f} ms (99 % {np.percentile(whole, 99):.2f}); `push` {np.median(pushed):.2f} ms, "
                f"added to it {np.median(whole) - np.median(pushed):.2f} ms; steps alone {np.median(alone):.2f} ms, "
                f"added to these {np.median(added):.2f} ms (5 % {np.percentile(added, 5):.2f}, 99 % "
                f"{np.percentile(added, 99):.2f}), {np.median(within - alone):.2f} of it between arrival and forecast"
            )


if __name__ == "__main__":
    main()
