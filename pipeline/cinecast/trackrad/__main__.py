"""The entry of a container for TrackRAD2025: ``python -m cinecast.trackrad`` reads /input and writes /output."""

from __future__ import annotations

import argparse
import logging
import sys
from pathlib import Path

from cinecast.errors import CinecastError
from cinecast.trackrad.compiled_code import kept_code

USER_ERROR = 2


def main(arguments: list[str] | None = None) -> int:
    """Track the case of the input folder.

    Parameters
    ----------
    arguments
        Those of the command line; None: those of this process.

    Returns
    -------
    int
        0, or 2 after a mistake that one sentence on standard error names.
    """
    parser = argparse.ArgumentParser(prog="python -m cinecast.trackrad", description=__doc__)
    parser.add_argument("--input", type=Path, default=Path("/input"), help="folder of the case (default: /input)")
    parser.add_argument("--output", type=Path, default=Path("/output"), help="folder of the result (default: /output)")
    options = parser.parse_args(arguments)
    logging.basicConfig(level=logging.WARNING, format="cinecast: %(message)s")
    with kept_code():
        from cinecast.trackrad.container import track_input  # numba is imported here, and not before

        try:
            tracked = track_input(options.input, options.output)
        except CinecastError as error:
            sys.stderr.write(f"cinecast: {error}\n")
            return USER_ERROR
    sys.stdout.write(
        f"{tracked.recording.name}: {len(tracked.masks)} frames, {len(tracked.faults)} held, "
        f"{tracked.median_ms:.2f} ms a frame in the median\n"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
