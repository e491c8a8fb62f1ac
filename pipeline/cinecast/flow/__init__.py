"""Stage 2, flow: how far the tissue at each pixel of the reference frame has moved by each frame.

In: frames, shape (T, H, W), in any unit; which of them is the reference.
Out: DVFs, one after the other, each of shape (H, W, 2), float32, pixels, last axis (x = column, y = row): the tissue at
pixel ``p`` of the reference frame is at ``p + dvf[p]``. 0 for the reference frame itself.
Where the reference has no gradient the flow comes from coarser levels and neighbours; where it has none at all it is 0.
A pyramid with too many levels for the frames is an error.

The public names stand in the stub beside this file. Each is imported when it is first asked for: a plan needs to know
the reference frame, and none of the compiled code.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
