"""Stage 5, warp: the reference frame is pushed forward along a DVF into the frame that the DVF predicts.

In: reference frame, shape (H, W), any unit; DVF, shape (H, W, 2), pixels, last axis (x = column, y = row).
Out: predicted frame, shape (H, W), type and unit of the reference; black where no pixel lands, and everywhere for a
forecast that diverged: 0, or the lowest grey value where some are below 0.
"""

from cinecast.warp.push_forward import NARROWEST_SIGMA as NARROWEST_SIGMA
from cinecast.warp.push_forward import PushForward as PushForward
from cinecast.warp.push_forward import black_of as black_of
from cinecast.warp.push_forward import splat as splat
from cinecast.warp.push_forward import warp as warp
