"""The inner loops of propagation, compiled: the motion inverted by fixed point, and the distance map sampled there."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from cinecast_models.compiled import compiled

# The fixed point is near enough once a step is shorter than this, in pixels: far below what a mask can show.
_SETTLED_PX = 1e-3
# Where neighbouring vectors differ by less than 0.8 pixel the fixed point settles in fewer steps.
_MOST_STEPS = 40


@compiled()
def sample(field: NDArray[np.float64], y: float, x: float) -> float:  # pragma: no cover - compiled
    """Interpolate a map (H, W) bilinearly at row y and column x; beyond its edge it is that of the edge.

    Parameters
    ----------
    field
        The map.
    y, x
        Row and column, in pixels.

    Returns
    -------
    float
        Its value there.
    """
    rows, columns = field.shape
    y, x = min(max(y, 0.0), rows - 1.0), min(max(x, 0.0), columns - 1.0)
    i, j = min(int(y), rows - 2), min(int(x), columns - 2)
    a, b = y - i, x - j
    above = (1 - b) * field[i, j] + b * field[i, j + 1]
    below = (1 - b) * field[i + 1, j] + b * field[i + 1, j + 1]
    return float((1 - a) * above + a * below)


@compiled()
def pull(  # pragma: no cover - compiled
    distance: NDArray[np.float64],
    motion: NDArray[np.float64],
    own: NDArray[np.float64],
    corner: tuple[int, int],
    first: tuple[int, int],
    levels: NDArray[np.float64],
) -> None:
    """Write the distance map at the places that the pixels of a frame come from.

    A pixel q comes from the place p of the reference frame with ``p + u(p) = q``, found by ``p <- q - u(p)``. It lies
    in the target where ``p + u_own(p)`` does in the target's own frame: two motions composed, the map sampled once.

    Parameters
    ----------
    distance
        Signed distance map of the mask in its own frame, with a border of one pixel.
    motion
        u of the frame, shape (2, h, w), pixels, (x, y) first, in a box of the reference frame.
    own
        Likewise of the target's own frame; shape (2, 0, 0) where that is the reference frame.
    corner
        Row and column of the box.
    first
        Row and column of the first pixel q.
    levels
        Written: the map for each pixel q from the first on.
    """
    rows, columns = levels.shape
    composed = own.shape[1] > 0
    for i in range(rows):
        for j in range(columns):
            q_y, q_x = float(first[0] + i - corner[0]), float(first[1] + j - corner[1])
            y, x = q_y, q_x
            for _ in range(_MOST_STEPS):
                new_y, new_x = q_y - sample(motion[1], y, x), q_x - sample(motion[0], y, x)
                step = abs(new_y - y) + abs(new_x - x)
                y, x = new_y, new_x
                if step < _SETTLED_PX:
                    break
            own_y, own_x = 0.0, 0.0
            if composed:
                own_y, own_x = sample(own[1], y, x), sample(own[0], y, x)
            levels[i, j] = sample(distance, y + own_y + corner[0] + 1, x + own_x + corner[1] + 1)
