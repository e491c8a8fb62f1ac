"""Stage 7, target: masks carried along the measured motion and along every forecast one.

In: `Target`, a mask (H, W) of one frame of the train span; measured DVFs, (T, H, W, 2), pixels; the motion model and
forecast weights, (R, T, K).
Out: `FollowedTarget`, masks of the frames, packed, with the number of pixels at which the motion folds, (F,), and
whether there was a motion, (F,). The mask of frame t is ``{q : q = p + u_t(p), p in the mask of the reference frame}``;
it depends on the motion of that frame alone, and on that of the target's own frame where this is not the reference.
A target that has left the image has an empty mask. One that the reference frame does not show is refused.
"""

from cinecast.target.following import FollowedTarget as FollowedTarget
from cinecast.target.following import follow_forecast as follow_forecast
from cinecast.target.following import follow_measured as follow_measured
from cinecast.target.following import propagator_of as propagator_of
from cinecast.target.mask_series import MaskSeries as MaskSeries
from cinecast.target.mask_series import pack as pack
from cinecast.target.propagation import MaskPropagator as MaskPropagator
