#!/bin/sh
# parrec-reader-py 0.2.0, Recread.read_image of Philips PAR/REC, on the phantom scan that comes with nibabel: 9 slices
# at 0, 2 and 4 s, in this order, 27 images of 64 x 64 values.
#
# Expected: read_image(n) is the image with number n, read()[:, :, n], as the line n of the PAR describes it.
# Seen: image n / 2. The values have two bytes, and the place in the file is counted in values, but sought in bytes.
# The first slice at 4 s, number 18, is that at 2 s. An odd number is the second half of one image above the first half
# of the next. A film that is read frame by frame, as large ones are, moves at half its speed and ends in its middle;
# no frame is missing, and PAR and REC have the same number. read() is right, and so is nibabel.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder"
"$folder/bin/python" -m pip install --quiet --disable-pip-version-check \
	parrec-reader-py==0.2.0 nibabel==5.4.2 numpy==2.4.6
cd "$folder"
"$folder/bin/python" -W ignore - <<'END'
from pathlib import Path

import nibabel
import numpy as np
from parrec.recread import Recread

SLICES, FRAMES = 9, 3
header = Path(nibabel.__file__).parent / "tests/data/phantom_EPI_asc_CLEAR_2_1.PAR"
reader = Recread(str(header))
film = reader.read()
times = [line["DynScanBeginTime"] for line in reader.parameter["ImageInformation"]]
other = np.asarray(nibabel.load(header).dataobj.get_unscaled())
assert film.shape == (64, 64, SLICES * FRAMES) and other.shape == (64, 64, SLICES, FRAMES)
assert all(np.array_equal(film[..., frame * SLICES + place], other[..., place, frame])
           for place in range(SLICES) for frame in range(FRAMES))

for number in range(SLICES * FRAMES):
    image = reader.read_image(number)
    same = [n for n in range(SLICES * FRAMES) if np.array_equal(image, film[..., n])]
    if number % 2 == 0:
        print(f"number {number}, at {times[number]:.0f} s: read_image has number {same[0]}, at {times[same[0]]:.0f} s")
        assert same == [number // 2], "the image that is asked for is read now"
    else:
        before, after = film[..., number // 2], film[..., number // 2 + 1]
        assert same == [] and np.array_equal(image, np.hstack([before[:, 32:], after[:, :32]]))
END
