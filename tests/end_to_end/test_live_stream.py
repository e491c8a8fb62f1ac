"""`cinecast live` takes frames from a stream and serves forecasts: what a run has, whatever comes with them."""

from __future__ import annotations

import csv
import json
import re
import socket
import struct
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event, Thread
from typing import Any

import ismrmrd
import numpy as np
import pyigtl
import pytest
from numpy.typing import NDArray
from pyigtl.messages import MessageBase

from cinecast.cli.stream import send_sequence
from cinecast.frames import read_sequence
from cinecast.sequence import Sequence, Split
from cinecast.settings import FramesSettings
from cinecast.streams.image import pack_image
from cinecast.streams.openigtlink import HEADER_SIZE, pack_message, unpack_header
from cinecast.streams.serving import MessageServer
from helpers.command_line import Outcome, call_cli, environment, succeed
from helpers.live_sessions import LiveProcess, newest_forecast_s, until_forecasts, wait_until
from helpers.ports import free_port
from helpers.stream_server import EPOCH_NS, Talk, server

TRAIN, FRAMES, RUNS = 20, 60, 3
LAST_S = 0.25 * (FRAMES - 1) - 0.1  # a little before the last frame
LAST = 49  # what is served is of the frames up to this one
OPTIONS = ("--method", "snap1", "--horizon", "2", "--set", f"forecast.runs={RUNS}")
WITH_FORECAST = ("Gate1", "State", "Forecast")
STREAMED = (*OPTIONS, "--calibration", str(TRAIN))
INTERRUPTED = 130


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


def summary(out: Path) -> dict[str, Any]:
    return dict(json.loads((out / "summary.json").read_text()))


@pytest.fixture(scope="module")
def recorded(original_phantom: Path) -> Sequence:
    return read_sequence(original_phantom, FramesSettings())


@pytest.fixture(scope="module")
def replayed(original_phantom: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("replayed") / "live"
    succeed("live", original_phantom, "--out", out, *OPTIONS, "--rate", "max")
    return out


@contextmanager
def in_thread(run: Callable[[], object]) -> Iterator[None]:
    thread = Thread(target=run, daemon=True)
    thread.start()
    try:
        yield
    finally:
        thread.join(60)


def by_frame(out: Path) -> dict[tuple[str, str], dict[str, str]]:
    return {(row["issued_at"], row["run"]): row for row in rows(out / "forecasts.csv")}


def assert_same_forecasts(out: Path, replayed: Path) -> int:
    """Check that weights and radii are those of the replay wherever there is a forecast; return how many there are."""
    wanted, got = by_frame(replayed), by_frame(out)
    assert set(got) <= set(wanted)
    for key, row in got.items():
        for name, cell in row.items():
            if name.startswith(("weight_", "radius_")):
                assert cell == wanted[key][name], (key, name)
    return len(got) // 3


class Paced(MessageServer):
    """Sends a frame once the session has forecast from the one before, so that it passes none over."""

    def __init__(self, out: Path) -> None:
        super().__init__(0)
        self._out, self._sent = out, 0

    def send(self, messages: Iterable[bytes], *, repeat: bool = False, amend: bool = False) -> None:
        if self._sent >= TRAIN:
            until_forecasts(self._out, RUNS * (self._sent - TRAIN + 1))
        super().send(messages, repeat=repeat, amend=amend)
        self._sent += 1


def test_a_stream_gives_the_forecasts_of_the_recording(recorded: Sequence, replayed: Path, tmp_path: Path) -> None:
    out = tmp_path / "live"
    stop = Event()
    with Paced(out) as scanner:

        def send() -> None:
            if scanner.wait_for_receiver(stop):
                send_sequence(recorded, scanner, "Scan", stop, real_time=True, loops=1)

        address = f"igtl://127.0.0.1:{scanner.port}/Scan"
        with in_thread(send), LiveProcess(tmp_path, address, "--out", out, *STREAMED) as session:
            outcome = session.interrupted(lambda: newest_forecast_s(out) > LAST_S)
    assert outcome.code == INTERRUPTED, outcome
    assert "times of the message" in outcome.output
    assert assert_same_forecasts(out, replayed) == FRAMES - TRAIN + 1
    frames, facts = rows(out / "frames.csv"), summary(out)
    assert [row["name"] for row in frames] == [f"frame {t}" for t in range(FRAMES)]
    assert facts["stream"]["frames"] == FRAMES
    assert facts["passed_over"] == 0
    assert abs(facts["stream"]["epoch_ns"] - time.time_ns()) < 300e9


def test_frames_that_come_all_at_once_are_learned_from_and_the_newest_is_forecast(
    recorded: Sequence, replayed: Path, tmp_path: Path
) -> None:
    out = tmp_path / "live"
    messages = [message(recorded, t) for t in range(FRAMES)]

    def talk(connected: socket.socket) -> None:
        connected.sendall(b"".join(messages[:TRAIN]))
        until_forecasts(out)
        connected.sendall(b"".join(messages[TRAIN:]))

    outcome = streamed(out, talk)
    assert outcome.code == INTERRUPTED, outcome
    assert assert_same_forecasts(out, replayed) >= 1
    frames = rows(out / "frames.csv")
    passed_over = [row for row in frames if row["state"] == "passed over"]
    assert frames[-1]["name"] == f"frame {FRAMES - 1}"
    # All that waits is learned from first, which may take a slow machine longer than the horizon.
    assert frames[-1]["state"] in ("forecast", "stale")
    assert summary(out)["passed_over"] == len(passed_over) > 20


def message(recorded: Sequence, t: int, *, frame: NDArray[Any] | None = None, at_ns: int | None = None) -> bytes:
    affine = np.diag([recorded.spacing_mm[1], recorded.spacing_mm[0], 1.0, 1.0])
    stamp = EPOCH_NS + round(float(recorded.times_s[t] - recorded.times_s[0]) * 1e9) if at_ns is None else at_ns
    return pack_message("IMAGE", "Scan", stamp, pack_image(recorded.frames[t] if frame is None else frame, affine))


def streamed(out: Path, *talks: Talk, options: tuple[str, ...] = STREAMED, scheme: str = "igtl") -> Outcome:
    """Return how a session ended that was interrupted once it had forecast from the last frame."""
    with server(talks) as port, LiveProcess(out.parent, f"{scheme}://127.0.0.1:{port}", "--out", out, *options) as live:
        return live.interrupted(lambda: newest_forecast_s(out) > LAST_S)


def test_each_fault_is_counted_named_once_and_survived(recorded: Sequence, tmp_path: Path) -> None:
    out = tmp_path / "live"
    good = [message(recorded, t) for t in range(FRAMES)]
    changed = bytearray(good[30])
    changed[300] ^= 1
    elsewhere = pack_message("IMAGE", "Scan", EPOCH_NS, pack_image(recorded.frames[0], np.diag([3.0, 3.0, 1.0, 1.0])))
    wrong = {
        "checksum": bytes(changed),
        "size": message(recorded, 30, frame=recorded.frames[30][:-2]),
        "geometry": elsewhere,
        "time": message(recorded, 30, at_ns=0),
        "past": message(recorded, 10),
        "twice": good[29],
        "shape": pyigtl.ImageMessage(recorded.frames[30].astype(np.float32), device_name="Scan").pack(),
    }

    def talk(connected: socket.socket) -> None:
        connected.sendall(b"".join(good[:TRAIN]))
        until_forecasts(out)
        connected.sendall(b"".join(good[TRAIN:30]))
        for each in wrong.values():
            connected.sendall(each * 2)
        connected.sendall(good[30][:200])

    def again(connected: socket.socket) -> None:
        connected.sendall(b"".join(good[30:]))

    unusable = 2 * len(wrong) + 1  # the last is half a message
    outcome = streamed(out, talk, again)
    assert outcome.code == INTERRUPTED, outcome
    facts, frames = summary(out), rows(out / "frames.csv")
    assert facts["stream"]["faults"] == {"checksum": 2, "geometry": 2, "half": 1, "shape": 2, "size": 2, "time": 2}
    assert facts["stream"]["connections"] == 2
    assert facts["skipped"] == unusable
    skipped = [row["reason"] for row in frames if row["state"] == "skipped"]
    for words in ("checksum", "pixels instead of", "lies elsewhere", "has no time stamp", "from the past", "repeats"):
        assert sum(words in reason for reason in skipped) == 2, (words, skipped)
        assert sum(words in line for line in outcome.errors.splitlines()) == 1, (words, outcome.errors)
    assert "2 times: " in outcome.output
    assert "is there again (connection 2): the session goes on" in outcome.errors
    assert [row["name"] for row in frames if row["state"] != "skipped"][-1].startswith("frame ")
    last = by_frame(out)[max(by_frame(out))]
    assert all(last[f"weight_{k}"] for k in (1, 2, 3))


@pytest.fixture(scope="module")
def served(
    recorded: Sequence, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, list[MessageBase | tuple[dict[str, Any], bytes]]]:
    """Return the folder of a session with a target whose forecasts were served, and all that came."""
    folder = tmp_path_factory.mktemp("served")
    mask = np.zeros(recorded.frames.shape[1:], dtype=np.uint8)
    mask[27:33, 14:18] = 1
    np.save(folder / "plan.npy", mask, allow_pickle=False)
    port = free_port()
    got: list[bytes] = []
    listening, taken = Event(), Event()
    out = folder / "live"

    def listen() -> None:
        with connection_to(port) as connected:
            listening.set()
            while part := connected.recv(1 << 16):
                got.append(part)
        taken.set()

    def talk(connected: socket.socket) -> None:
        assert listening.wait(300)
        connected.sendall(b"".join(message(recorded, t) for t in range(TRAIN)))
        until_forecasts(out)
        for t in range(TRAIN, LAST):
            connected.sendall(message(recorded, t))
            until_forecasts(out, RUNS * (t - TRAIN + 2))
            # The target is read meanwhile, and is told with the next frame.
            end = time.monotonic() + (0.1 if t < LAST - 10 else 30)
            while time.monotonic() < end and not has_target(out):
                time.sleep(0.01)
        wrong = message(recorded, LAST)[:-1] + b"\xff"  # its checksum
        connected.sendall(message(recorded, LAST) + wrong)

    def closed() -> bool:
        """Whether the gate was turned off for the frame that cannot be used, and again as none came any more."""
        names = [header["device_name"] for header, _ in parsed(b"".join(got))]
        return names.count("Forecast") == LAST - TRAIN + 2 and names[-4:] == ["Gate1", "State"] * 2

    asked = (*STREAMED, "--send", str(port), "--target", folder / "plan.npy")
    with in_thread(listen), server([talk]) as scanner:
        with LiveProcess(folder, f"igtl://127.0.0.1:{scanner}", "--out", out, *asked) as session:
            outcome = session.interrupted(closed)
        assert taken.wait(300)
    assert outcome.code == INTERRUPTED, outcome
    assert f"Forecasts are served at igtl://127.0.0.1:{port}" in outcome.output
    return out, list(parsed(b"".join(got)))


def has_target(out: Path) -> bool:
    """Whether the newest forecast of a session has a target, in the row of the run that is shown."""
    lines = (out / "forecasts.csv").read_text().rpartition("\n")[0].splitlines()
    return any(row["target_1_row"] for row in list(csv.DictReader(lines))[-RUNS:])


def connection_to(port: int) -> socket.socket:
    """Return a connection to a port, once there is somebody."""
    deadline = time.monotonic() + 300
    while True:
        try:
            return socket.create_connection(("127.0.0.1", port))
        except OSError:
            assert time.monotonic() < deadline
            time.sleep(0.02)


def parsed(content: bytes) -> Iterator[tuple[dict[str, Any], bytes]]:
    """Yield the messages that have come whole."""
    while len(content) >= HEADER_SIZE:
        header = MessageBase.parse_header(content[:HEADER_SIZE])
        end = HEADER_SIZE + header["body_size"]
        if len(content) < end:
            return
        assert pyigtl.messages.CRC64(content[HEADER_SIZE:end]) == struct.unpack(">Q", content[50:58])[0]
        yield header, content[HEADER_SIZE:end]
        content = content[end:]


def of(found: list[Any], kind: str, device: str) -> list[Any]:
    return [each for each in found if (each[0]["message_type"], each[0]["device_name"]) == (kind, device)]


def understood(kind: type[MessageBase], each: tuple[dict[str, Any], bytes]) -> Any:
    made = kind()
    made.unpack(*each)
    return made


def test_each_forecast_is_served_with_the_instant_that_it_is_of(served: tuple[Path, list[Any]]) -> None:
    out, found = served
    forecasts = [row for row in rows(out / "forecasts.csv") if row["run"] == "0"]
    images = of(found, "IMAGE", "Forecast")
    assert len(images) == len(forecasts) > 3
    for row, each in zip(forecasts, images, strict=True):
        assert each[0]["timestamp"] == pytest.approx(EPOCH_NS / 1e9 + float(row["time_s"]), abs=1e-6)
    acquired = of(found, "STRING", "Acquisition")
    for row, each in zip(forecasts, acquired, strict=True):
        assert each[0]["timestamp"] == pytest.approx(EPOCH_NS / 1e9 + float(row["issued_s"]), abs=1e-6)
        facts = json.loads(understood(pyigtl.StringMessage, each).string)
        assert facts["frame"] == row["issued_at"]
        assert facts["forecast_ns"] - facts["acquired_ns"] == round(
            1e9 * (float(row["time_s"]) - float(row["issued_s"]))
        )


def test_the_frame_that_is_served_is_the_one_that_is_kept(served: tuple[Path, list[Any]], recorded: Sequence) -> None:
    import nibabel

    out, found = served
    kept = np.asarray(nibabel.load(out / "predicted/predicted_000000.nii").dataobj)  # type: ignore[attr-defined]
    for index, each in enumerate(of(found, "IMAGE", "Forecast")):
        image = understood(pyigtl.ImageMessage, each)
        np.testing.assert_array_equal(image.image[0], kept[:, :, 0, index].T)
        np.testing.assert_allclose(
            image.ijk_to_world_matrix, np.diag([recorded.spacing_mm[1], recorded.spacing_mm[0], 1, 1]), atol=1e-4
        )


def test_the_target_is_served_where_the_table_has_it(served: tuple[Path, list[Any]], recorded: Sequence) -> None:
    out, found = served
    forecasts = [row for row in rows(out / "forecasts.csv") if row.get("target_1_row")]
    places, positions = of(found, "TRANSFORM", "Target1"), of(found, "POSITION", "Target1")
    contours = of(found, "POLYDATA", "Contour1")
    # Those that come with a forecast; between them it is sent as off.
    devices = [each[0]["device_name"] for each in found]
    gates = [each for at, each in enumerate(found) if tuple(devices[at : at + 3]) == WITH_FORECAST]
    assert len(places) == len(positions) == len(contours) == len(gates) == len(forecasts) > 2
    for row, place, position, contour, gate in zip(forecasts, places, positions, contours, gates, strict=True):
        centre = understood(pyigtl.TransformMessage, place).matrix[:3, 3]
        wanted = (
            float(row["target_1_column"]) * recorded.spacing_mm[1],
            float(row["target_1_row"]) * recorded.spacing_mm[0],
        )
        np.testing.assert_allclose(centre, [*wanted, 0], atol=1e-3)
        np.testing.assert_allclose(struct.unpack(">3f", position[1][:12]), centre, atol=1e-6)
        assert understood(pyigtl.StringMessage, gate).string == row["target_1_beam"]
        count = struct.unpack(">I", contour[1][:4])[0]
        points = np.frombuffer(contour[1][40 : 40 + 12 * count], ">f4").reshape(-1, 3)
        area = 0.5 * abs(np.sum(points[:, 0] * np.roll(points[:, 1], -1) - np.roll(points[:, 0], -1) * points[:, 1]))
        pixel_mm2 = recorded.spacing_mm[0] * recorded.spacing_mm[1]
        assert area == pytest.approx(int(row["target_1_pixels"]) * pixel_mm2, rel=1e-4)


def test_a_frame_that_cannot_be_used_turns_the_gate_off(served: tuple[Path, list[Any]]) -> None:
    out, found = served
    assert rows(out / "frames.csv")[-1]["state"] == "skipped"
    # A frame that cannot be used, none any more, and the end of the session.
    for gate, state in zip(found[-6::2], found[-5::2], strict=True):
        assert [each[0]["message_type"] for each in (gate, state)] == ["STRING", "STRING"]
        assert [each[0]["device_name"] for each in (gate, state)] == ["Gate1", "State"]
        assert understood(pyigtl.StringMessage, gate).string == "off"
        assert json.loads(understood(pyigtl.StringMessage, state).string)["stale"] is True
    assert found[-7][0]["device_name"] != "State"


def test_each_forecast_is_served_with_whether_it_is_stale_and_why(served: tuple[Path, list[Any]]) -> None:
    out, found = served
    states = [json.loads(understood(pyigtl.StringMessage, each).string) for each in of(found, "STRING", "State")]
    taken = {row["name"]: row for row in rows(out / "frames.csv")}
    issued = [taken[row["issued_at"]] for row in rows(out / "forecasts.csv") if row["run"] == "0"]
    assert len(issued) == len(states) - 3 > 3
    for row, state in zip(issued, states, strict=False):
        if row["state"] != "calibrated":  # stale where its frame has waited for the calibration
            assert (state["stale"], bool(state["reasons"])) == (row["state"] == "stale", bool(row["reason"]))
    assert "checksum" in states[-3]["reasons"][0]
    assert states[-1]["reasons"] == ["the session has ended"]


def test_the_radius_is_served(served: tuple[Path, list[Any]]) -> None:
    out, found = served
    forecasts = [row for row in rows(out / "forecasts.csv") if row["run"] == "0"]
    known = []
    for row, each in zip(forecasts, of(found, "STRING", "Radius"), strict=True):
        facts = json.loads(understood(pyigtl.StringMessage, each).string)
        radii = [row[f"radius_{k}"] for k in (1, 2, 3)]
        assert facts["level"] == 0.9
        assert facts["weights"] == [float(cell) if cell else None for cell in radii]
        (of_target,) = facts.get("targets_mm", {"none": None}).values()
        known.append(of_target)
    # Learned from errors of the centroid, which are small beside the way that it goes.
    assert known[0] is None
    first = next(index for index, each in enumerate(known) if each is not None)
    assert all(0 < each < 30 for each in known[first:])
    assert len(known[first:]) > 5


def mrd(recorded: Sequence, tick_s: float, count: int, pause_s: float = 0.0, out: Path | None = None) -> Talk:
    def talk(connected: socket.socket) -> None:
        for t in range(count):
            frame = recorded.frames[t].astype(np.float32)
            height, width = frame.shape
            stamp = 1000 + round(float(recorded.times_s[t]) / tick_s)
            facts = {
                "field_of_view": (3.0 * width, 3.0 * height, 5.0),
                "read_dir": (1.0, 0, 0),
                "phase_dir": (0, 1.0, 0),
            }
            image = ismrmrd.Image.from_array(frame, acquisition_time_stamp=stamp, image_type=1, **facts)
            connected.sendall(struct.pack("<H", 1022) + image.to_bytes())
            time.sleep(pause_s)
            if out is not None and t == TRAIN - 1:
                until_forecasts(out)
        connected.sendall(struct.pack("<H", 4))

    return talk


def test_images_of_mrd_are_forecast_from(recorded: Sequence, tmp_path: Path) -> None:
    out = tmp_path / "live"
    talk = mrd(recorded, 0.001, FRAMES, out=out)
    outcome = streamed(out, talk, options=(*STREAMED, "--tick", "1ms"), scheme="mrd")
    assert outcome.code == INTERRUPTED, outcome
    frames = rows(out / "frames.csv")
    assert float(frames[-1]["time_s"]) == pytest.approx(float(recorded.times_s[-1] - recorded.times_s[0]), abs=2e-3)
    assert frames[-1]["state"] in ("forecast", "stale")


def test_a_tick_that_arrival_contradicts_is_refused(recorded: Sequence, tmp_path: Path) -> None:
    period = float(recorded.times_s[1] - recorded.times_s[0])
    talk = mrd(recorded, 0.001, TRAIN, pause_s=period)
    outcome = streamed(tmp_path / "live", talk, scheme="mrd")
    assert outcome.code == 2
    said = re.search(r"the frames' clock must keep step with their arrival, got (\d\.\d+) ", outcome.errors)
    assert said, outcome.errors
    assert 1.5 < float(said[1]) < 2.6  # 2.5, less where a busy machine sends late
    assert "--tick" in outcome.errors


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (("igtl://h:1/A", "--watch"), "--watch is for folders, got a stream"),
        (("igtl://h:1/A", "--clock", "sun"), "--clock must be message, arrival or acquisition, got 'sun'"),
        (("igtl://h:1/A", "--tick", "1ms"), "--tick is for MRD"),
        (("igtl://h:x/A",), "a stream must be igtl://HOST:PORT/DEVICE"),
        (("mrd://h:1", "--tick", "fast"), "--tick must be a time such as 2.5ms, in us, ms or s, got 'fast'"),
        (("mrd://h:1", "--tick", "0ms"), "--tick must be a time such as 2.5ms"),
        (("igtl://h:1/A", "--bind", "0.0.0.0"), "--bind is where forecasts are served, got 0.0.0.0 and no port"),
        (("igtl://h:1/A", "--send", "70000"), "--send must be a port of 0 to 65535, got 70000"),
        (("igtl://h:1/A", "--frame-period", "0.3"), "--frame-period must be left out with a stream, got 0.3"),
        (("igtl://h:1/A", "--rate", "max"), "--rate must be left out with --watch or a stream"),
        (("file.nii", "--clock", "arrival"), "--clock and --tick are for streams, got --clock arrival"),
    ],
)
def test_options_that_a_stream_cannot_have_are_refused(options: tuple[str, ...], sentence: str, tmp_path: Path) -> None:
    found = call_cli("live", *options, "--out", tmp_path / "live")
    assert found.code == 2
    assert sentence in found.errors


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (("--device", "x" * 21), "--device must be a name of 1 to 20 ASCII letters"),
        (("--device", "Gerät"), "--device must be a name of 1 to 20 ASCII letters"),
        (("--rate", "slow"), "--rate must be real or max, got 'slow'"),
        (("--loops", "0"), "--loops must be 1 or more, got 0"),
        (("--port", "70000"), "--port must be a port of 0 to 65535, got 70000"),
    ],
)
def test_options_that_a_sender_cannot_have_are_refused(
    options: tuple[str, ...], sentence: str, original_phantom: Path
) -> None:
    assert sentence in call_cli("stream", original_phantom, *options).sentence


def test_a_recorded_sequence_is_sent_to_pyigtl(original_phantom: Path, recorded: Sequence, tmp_path: Path) -> None:
    port = free_port()
    command = [sys.executable, "-m", "cinecast", "stream", str(original_phantom), "--port", str(port)]
    said = tmp_path / "said.txt"
    with said.open("wb") as output:
        sender = subprocess.Popen([*command, "--device", "Scan"], env=environment(), stdout=output, stderr=output)
    try:
        wait_until(lambda: b"Stream: " in said.read_bytes() or sender.poll() is not None)
        theirs = pyigtl.OpenIGTLinkClient(port=port)
        got: dict[float, NDArray[Any]] = {}
        while len(got) < 3 and sender.poll() is None:
            if (found := theirs.wait_for_message("Scan", timeout=1)) is not None:
                got[found.timestamp] = found.image[0]
        theirs.stop()
        assert sender.wait(300) == 0, said.read_text()
    finally:
        sender.kill()
        sender.wait()
    assert f"Sent {FRAMES} frames" in said.read_text()
    assert len(got) == 3
    begun = min(got)
    for stamp, image in got.items():
        at = np.flatnonzero([np.array_equal(image, frame) for frame in recorded.frames])
        assert len(at)
        assert stamp - begun <= recorded.times_s[-1] - recorded.times_s[0]


def test_no_stamp_of_a_sequence_that_is_sent_again_is_of_the_future(recorded: Sequence) -> None:
    count, loops, period_s = 4, 3, 0.05
    times_s = period_s * np.arange(float(count))
    short = Sequence("short", recorded.frames[:count], times_s, recorded.spacing_mm, Split(2, 3, count))
    stamps: list[tuple[int, int]] = []
    pack_message("IMAGE", "Scan", 1, pack_image(short.frames[0], np.eye(4)))  # compiled before time counts
    with MessageServer(0) as served:

        def listen() -> None:
            with socket.create_connection(("127.0.0.1", served.port)) as connected, connected.makefile("rb") as stream:
                while len(stamps) < count * loops:
                    header = unpack_header(stream.read(HEADER_SIZE))
                    stream.read(header.body_size)
                    stamps.append((header.time_ns, time.time_ns()))

        with in_thread(listen):
            assert served.wait_for_receiver(Event())
            send_sequence(short, served, "Scan", Event(), real_time=True, loops=loops)
    assert all(stamp <= arrived for stamp, arrived in stamps)
    np.testing.assert_allclose(np.diff([stamp for stamp, _ in stamps]) / 1e9, period_s, atol=1e-6)
