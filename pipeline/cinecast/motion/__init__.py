"""Stage 3, motion: DVFs are split by PCA into static deformations and time weights.

In: DVFs, shape (T, H, W, 2), pixels, last axis (x = column, y = row), and the end of the train span in frames; for
weights of pixels also the frames.
Out: mean DVF (H, W, 2) and modes (K, H, W, 2), both of the train span alone; weights of every frame, (T, K), pixels
since the modes have unit norm; the share of variance that each mode explains, (K,); how much each pixel counts, (H, W),
where they do not all count alike; drifts of the mean DVF, (J, H, W, 2), pixels, for methods that follow them.
Where nothing moves there are no modes: that is an error, said with what to do.
"""

from cinecast.motion.drift import DriftTracker as DriftTracker
from cinecast.motion.drift import ForecastMotion as ForecastMotion
from cinecast.motion.drift import follow_drift as follow_drift
from cinecast.motion.model import MotionModel as MotionModel
from cinecast.motion.model import fit_motion_model as fit_motion_model
from cinecast.motion.pixel_weights import train_pixel_weights as train_pixel_weights
from cinecast.motion.train_span import fit_train_span as fit_train_span
