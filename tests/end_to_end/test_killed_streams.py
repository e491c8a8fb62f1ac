"""Scanner and receiver are killed while a session goes on: it goes on, says so, and loses nothing that arrived.

``tests/benchmarks/kill_streams.py`` does hundreds.
"""

from __future__ import annotations

from pathlib import Path

from helpers.killed_streams import KilledStreams, kill_all


def test_a_session_outlives_both_its_ends(tmp_path: Path) -> None:
    streams = KilledStreams(tmp_path, seed=0)
    try:
        streams.wait_for_forecasts()
        connection = 1
        for name in ("scanner", "listener", "scanner", "scanner", "listener"):
            streams.kill(name)
            if name == "scanner":
                connection += 1
                streams.wait_for_connection(connection)
            else:
                streams.wait_for_listener()
        assert streams.end() == []
        assert "is there again (connection 4): the session goes on" in streams.said()
        assert "receives no more" in streams.said()
    finally:
        kill_all(streams)


def test_what_is_lost_would_be_noticed(tmp_path: Path) -> None:
    streams = KilledStreams(tmp_path, seed=1)
    try:
        streams.wait_for_forecasts()
        streams.kill("session")
        assert streams.wrong == []
        table = tmp_path / "live_1" / "frames.csv"
        lines = table.read_text().splitlines(keepends=True)
        table.write_text("".join(lines[:10] + lines[11:]))
        streams._sessions = 1
        streams._check(ended=False)
        assert len(streams.wrong) == 1
        assert "1 of" in streams.wrong[0]
    finally:
        kill_all(streams)
