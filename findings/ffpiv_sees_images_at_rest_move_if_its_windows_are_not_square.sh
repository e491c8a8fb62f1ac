#!/bin/sh
# ffpiv 0.2.1 (particle image velocimetry), piv(): a texture, at rest, and moved by whole pixels and parts of them, with
# "window_size: Interrogation window size in y (first) and x (second) dimension".
#
# Expected: the motion, to a tenth or two of a pixel, with windows of any size: tall ones are chosen for tall motion.
# Seen: right for square windows. The place of the peak is found as row = index // rows in place of index // columns.
# With windows of 48 rows and 32 columns images at rest move by 8 pixels in y, with 64 by 16, as if the patient had been
# moved; a motion of 3 pixels is -6 or -15. As the parts of a pixel are looked for beside that wrong peak, there are
# none: half a pixel across is 0. All engines use this peak. Wide windows give wrong values, too, or end with an error,
# depending on the motion.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder"
"$folder/bin/python" -m pip install --quiet --disable-pip-version-check \
	numpy==2.4.6 scipy==1.17.1 numba==0.68.1 pyFFTW==0.15.1 psutil==7.2.2 platformdirs==4.14.9
"$folder/bin/python" -m pip install --quiet --disable-pip-version-check --no-deps ffpiv==0.2.1
cd "$folder"
XDG_CACHE_HOME="$folder/cache" "$folder/bin/python" -W ignore - <<'END'
import ffpiv
import numpy as np
from scipy.ndimage import gaussian_filter, shift

frame = gaussian_filter(np.random.default_rng(0).standard_normal((240, 240)), 1.5)
WINDOWS = [(24, 24), (32, 32), (48, 32), (64, 32)]
found = {}
for motion in ((0.0, 0.0), (3.0, 5.0), (1.0, 0.5)):
    later = shift(frame, motion, order=3, mode="wrap")
    for window in WINDOWS:
        overlap = (window[0] // 2, window[1] // 2)
        for engine in ("numpy", "fftw"):
            across, down = (float(np.nanmedian(part)) for part in ffpiv.piv(frame, later, window, overlap, engine))
            found[motion, window, engine] = down, across
        print(f"moved by {motion[0]} down, {motion[1]} across; window {window}: {down:.2f} down, {across:.2f} across")
        off = down - motion[0], across - motion[1]
        if window[0] == window[1]:
            assert abs(off[0]) < 0.3 and abs(off[1]) < 0.3
        else:
            assert -off[0] > 0.8 * (window[0] - window[1]) / 2, "windows that are not square are right now"
for (motion, window, engine), values in found.items():
    assert np.allclose(values, found[motion, window, "numpy"], atol=0.01), "engines differ"
assert found[(0.0, 0.0), (48, 32), "fftw"][0] == -8 and found[(0.0, 0.0), (64, 32), "fftw"][0] == -16
assert found[(1.0, 0.5), (64, 32), "fftw"][1] == 0
END
