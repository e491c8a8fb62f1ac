#!/bin/sh
# inverse-optical-flow 0.0.2 (builds with a C++ compiler), avg_method and max_method: the flow from frame 2 back to
# frame 1, from that of frame 1 to 2, and which pixels of frame 2 cannot be seen in frame 1.
#
# Expected: a uniform flow of u has the inverse -u, and inside the frame nothing is hidden.
# Seen: so it is with max_method, and with avg_method for 0.51 pixels and more. For 0.49 and less, avg_method gives no
# motion at all, and says of every pixel that it could not be seen. The threshold for weights, 0.25, is held against
# the squared length of the vectors. Breathing that fades out from the diaphragm stops dead at half a pixel, 1.75 mm
# on a cine of 3.5 mm pixels, and two frames in which little moves have no part in common. No word is said.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder"
"$folder/bin/python" -m pip install --quiet --disable-pip-version-check inverse-optical-flow==0.0.2 numpy==2.4.6
cd "$folder"
"$folder/bin/python" - <<'END'
import inverse_optical_flow
import numpy as np

inside, found = (slice(3, -3), slice(3, -3)), {}
for name in ("max_method", "avg_method"):
    for u in (0.3, 0.49, 0.51, 1.3):
        flow = np.zeros((2, 20, 24), dtype=np.float32)
        flow[0] = u
        inverse, hidden = getattr(inverse_optical_flow, name)(flow)
        found[name, u] = np.unique(inverse[0][inside].round(3)).tolist(), float(hidden[inside].mean())
        values, share = found[name, u]
        print(f"{name}, {u} pixels to the right: inverse {[round(value, 2) for value in values]}, hidden {share:.0%}")
    fading = np.zeros((2, 20, 24), dtype=np.float32)
    fading[1] = 0.1 * np.arange(20)[:, None]
    inverse, hidden = getattr(inverse_optical_flow, name)(fading)
    rows = [round(float(value), 1) for value in inverse[1, :, 5]]
    print(f"{name}, 0 to 1.9 pixels downwards: inverse by row {rows}")
right = {u: np.allclose(found["avg_method", u][0], -u, atol=1e-3) for u in (0.51, 1.3)}
assert all(right.values())
assert all(np.allclose(found["max_method", u][0], -u, atol=1e-3) for u in (0.3, 0.49, 0.51, 1.3))
assert found["avg_method", 0.3] == found["avg_method", 0.49] == ([0], 1), "small motion has an inverse now"
END
