#!/bin/sh
# physio-cassette 0.2.15 (Python 3.11) or 0.2.16 (Python 3.12 and later), Signal - Signal (and +, *, /): the same
# breathing of 4 s, taken at 25 Hz by a belt and by a camera that was started 10 s after it.
#
# Expected: a Signal knows when it begins. A warning says "Different start times or length. Only overlapping samples
# will be stored", and the difference begins when the camera does. Both saw the same, so that it is 0.
# Seen: the seconds between the two beginnings are divided by the sampling rate to get samples, not multiplied with it.
# Ten seconds become 0 samples instead of 250: the first value of the belt is taken from the first of the camera, and
# the result is dated 10 s later. The "residual" is as large as breathing itself, up to 2 mm of 1 mm, and it lasts as
# long as the whole recordings, 10 s more than they have in common. At 1 Hz all is right.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder"
"$folder/bin/python" -m pip install --quiet --disable-pip-version-check numpy==2.4.6 scipy==1.17.1 \
	'physio-cassette==0.2.15; python_version < "3.12"' 'physio-cassette==0.2.16; python_version >= "3.12"'
cd "$folder"
"$folder/bin/python" -W ignore - <<'END'
from datetime import datetime, timedelta

import numpy as np
from physio_cassette import Signal

BREATH, SECONDS, LATE = 4.0, 80, 10  # s
start = datetime(2026, 1, 1, 12)


def breathing(rate, late):  # mm; the clock of the patient begins with the belt
    values = np.sin(2 * np.pi * (late + np.arange(SECONDS * rate) / rate) / BREATH)
    return Signal(label="mm", data=values, fs=float(rate), start_time=start + timedelta(seconds=late))


largest = {}
for rate, late in ((1, LATE), (25, 0), (25, LATE), (25, LATE + 3)):
    difference = breathing(rate, 0) - breathing(rate, late)
    largest[rate, late] = np.abs(difference.data).max()
    begins = (difference.start_time - start).total_seconds()
    print(f"{rate} Hz, camera {late} s later: the difference begins at {begins} s, lasts {len(difference) / rate} s "
          f"instead of {SECONDS - late} s, and is at most {largest[rate, late]:.2f} mm")
    assert begins == late
assert largest[1, LATE] < 1e-9 and largest[25, 0] < 1e-9
assert largest[25, LATE] > 1.9, "values of the same time are subtracted now"
assert largest[25, LATE + 3] > 1.4
END
