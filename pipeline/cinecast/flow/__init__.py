"""Stage 2, flow: how far the tissue at each pixel of the reference frame has moved by each frame.

In: frames, shape (T, H, W), in any unit; which of them is the reference.
Out: DVFs, one after the other, each of shape (H, W, 2), float32, pixels, last axis (x = column, y = row): the tissue at
pixel ``p`` of the reference frame is at ``p + dvf[p]``. 0 for the reference frame itself and on border pixels.
Where the reference has no gradient the flow comes from coarser levels and neighbours; where it has none at all it is 0.
A pyramid with too many levels for the frames is an error.
"""

from cinecast.flow.estimator import FlowEstimator as FlowEstimator
from cinecast.flow.estimator import estimate_flow as estimate_flow
from cinecast.flow.reference import choose_reference as choose_reference
from cinecast.flow.reference import reference_index as reference_index
from cinecast.flow.reference import with_reference as with_reference
from cinecast.flow.registration import registration_nrmse as registration_nrmse
from cinecast.flow.registration import translate as translate
