"""Stage 6, landmarks: the independent ruler, places followed in the real frames by a rule that looks at no flow.

In: frames, shape (T, H, W), in any unit; pixel spacing in mm along (rows, columns); the reference frame and the end of
the train span, which alone decides what is chosen. Or a user's own list of places.
Out: `Landmarks`, positions (N, 2) in the reference frame and displacements (N, T, 2), pixels, (x = column, y = row),
NaN where a landmark was not found well enough; quality (N, T), a normalised cross-correlation.
What is said of a frame depends on that frame, the reference frame and the one before it, which it must not repeat. So
no later frame moves a track, nor a gain or an offset of any frame. A frame that shows nothing gives no match. Where
nothing is good enough there are no landmarks: N is 0.
"""

from cinecast.landmarks.finding import find_landmarks as find_landmarks
from cinecast.landmarks.landmarks import Landmarks as Landmarks
from cinecast.landmarks.listed import listed_landmarks as listed_landmarks
from cinecast.landmarks.summary import LandmarkSummary as LandmarkSummary
from cinecast.landmarks.summary import summarise_landmarks as summarise_landmarks
from cinecast.landmarks.tracking import LandmarkTracker as LandmarkTracker
