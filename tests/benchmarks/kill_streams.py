"""Kill a scanner, a live session and a receiver of its forecasts at random: who is left goes on and loses nothing.

Run ``python tests/benchmarks/kill_streams.py --count 200``. Every frame that was handed to a session's connection must
stand in its table. A session that is not killed must outlive both ends. The exit code is 1 where anything was found.
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from helpers.killed_streams import KilledStreams, kill_all

# A session that is killed has to be calibrated again, which takes longest.
_SHARES = {"scanner": 6, "listener": 4, "session": 1}


def main() -> int:
    """Kill, and print what was found."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=200, help="number of kills")
    parser.add_argument("--seed", type=int, default=0)
    asked = parser.parse_args()
    chance, started = random.Random(asked.seed), time.monotonic()
    with tempfile.TemporaryDirectory() as work:
        streams = KilledStreams(Path(work), asked.seed)
        try:
            streams.wait_for_forecasts()
            for _ in range(asked.count):
                name = chance.choices(list(_SHARES), list(_SHARES.values()))[0]
                streams.kill(name)
                if name == "session" and chance.random() < 0.7:  # else the next kill comes before its first forecast
                    streams.wait_for_forecasts()
            wrong = streams.end()
        finally:
            kill_all(streams)
    print(f"{sum(streams.killed.values())} kills {streams.killed} in {time.monotonic() - started:.0f} s")
    print("\n".join(wrong) or "nothing was lost, and whoever was left went on")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
