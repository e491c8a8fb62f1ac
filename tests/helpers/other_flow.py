"""The motion of frames by a flow that is not ours: OpenCV's dense inverse search."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray


def dis_flow(frames: NDArray[Any], reference: int) -> NDArray[np.float32]:
    """Return DVFs of frames (T, H, W) against one of them, shape (T, H, W, 2), pixels, last axis (x, y)."""
    bright = (frames.astype(np.float64) - frames.min()) / np.ptp(frames)
    eight_bit = (255 * bright).astype(np.uint8)
    flow = cv2.DISOpticalFlow_create(cv2.DISOPTICAL_FLOW_PRESET_MEDIUM)
    found: Any = [flow.calc(eight_bit[reference], frame, None) for frame in eight_bit]  # type: ignore[call-overload]
    return np.stack(found)
