"""Track a small made case, so that an image brings compiled code: docs/trackrad.md has the Dockerfile."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

import numpy as np
import SimpleITK

from cinecast.trackrad.__main__ import main


def write(path: Path, values: np.ndarray) -> None:
    """Write values (column, row, time) in the layout of the challenge."""
    path.parent.mkdir(parents=True)
    SimpleITK.WriteImage(SimpleITK.GetImageFromArray(values), str(path))


with tempfile.TemporaryDirectory() as folder:
    source, rng = Path(folder) / "input", np.random.default_rng(1)
    target = np.zeros((64, 64, 1), dtype=np.uint8)
    target[24:40, 24:40] = 1
    write(source / "images/mri-linacs/frames.mha", rng.integers(0, 200, (64, 64, 3)).astype(np.uint16))
    write(source / "images/mri-linac-target/target.mha", target)
    sys.exit(main(["--input", str(source), "--output", str(Path(folder) / "output")]))
