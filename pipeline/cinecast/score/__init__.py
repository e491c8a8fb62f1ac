"""Stage 8, score: forecasts against what was measured, over the test span.

In: real frames (T, H, W), measured DVFs (T, H, W, 2) in pixels, forecast weights (R, T, K), and predicted frames of
the test span.
Out: for each run, test frame and region, the geometric error in mm (mean, 95th percentile, maximum over the pixels),
how alike the images are, and how the bands held; means over runs and frames with half ranges; bands of the weights.
NaN where there is nothing to compare: a run that diverged, a constant image, a band before any error is known.
"""

from cinecast.score.by_phase import mean_by_phase as mean_by_phase
from cinecast.score.geometric import GeometricError as GeometricError
from cinecast.score.geometric import geometric_error as geometric_error
from cinecast.score.geometric import pixel_distance_mm as pixel_distance_mm
from cinecast.score.image import cross_correlation as cross_correlation
from cinecast.score.image import image_nrmse as image_nrmse
from cinecast.score.image import structural_similarity as structural_similarity

__all__ = [
    "GeometricError",
    "cross_correlation",
    "geometric_error",
    "image_nrmse",
    "mean_by_phase",
    "pixel_distance_mm",
    "structural_similarity",
]
