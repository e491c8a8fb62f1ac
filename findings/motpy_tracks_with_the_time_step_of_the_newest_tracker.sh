#!/bin/sh
# motpy 0.0.10 (tracks of boxes), MultiObjectTracker: one tracker for a camera of 4 Hz and one for a camera of 100 Hz,
# with their other settings as they are, and a target that breathes.
#
# Expected: each tracker has its "dt", the time between two of its steps.
# Seen: dt is written into the one dictionary of the default model, which all trackers share, and is read again when a
# track begins. So the tracker of 4 Hz begins its tracks with 0.01 s once the other was made, and follows the target as
# if it could hardly speed up between two frames: its boxes are 6.9 mm off in place of 1.5, with the same detections, a
# breath of 10 mm. The tracker that was made last has its own. The presets of model_spec are shared as well. Each keeps
# its dt with a dictionary of its own as model_spec.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder"
"$folder/bin/python" -m pip install --quiet --disable-pip-version-check \
	motpy==0.0.10 filterpy==2.0.0 numpy==2.4.6 scipy==1.17.1
cd "$folder"
"$folder/bin/python" -W ignore - <<'END'
import numpy as np
from motpy import Detection, MultiObjectTracker

PERIOD, SIZE = 4, 40  # s, mm
PRESET = "constant_velocity_and_static_box_size_2d"


def followed(tracker, step):
    time = np.arange(0, 40, step)
    draw = np.random.default_rng(0)
    errors = []
    for now in time:
        place = 10 * np.sin(2 * np.pi * now / PERIOD)  # mm
        corner = place + draw.standard_normal(2)
        tracks = tracker.step([Detection(box=np.concatenate([corner, corner + SIZE]), score=1.0)])
        errors.append(tracks[0].box[0] - place)
        assert len(tracks) == 1
    return float(np.sqrt(np.mean(np.square(errors[len(errors) // 4 :])))), tracker.trackers[0].model.dt


for name, spec in (("default", {}), ("preset", {"model_spec": PRESET})):
    slow = MultiObjectTracker(dt=0.25, **spec)
    alone, own = followed(slow, 0.25)
    slow = MultiObjectTracker(dt=0.25, **spec)
    MultiObjectTracker(dt=0.01, **spec)
    beside, other = followed(slow, 0.25)
    print(f"{name}: the tracker of 4 Hz steps by {own} s and is {alone:.2f} mm off; after one of 100 Hz was made, it "
          f"steps by {other} s and is {beside:.2f} mm off")
    assert own == 0.25 and other == 0.01, "trackers keep their own time step now"
slow, _ = (MultiObjectTracker(dt=step, model_spec={"order_pos": 1, "dim_pos": 2}) for step in (0.25, 0.01))
assert followed(slow, 0.25) == (alone, own)
END
