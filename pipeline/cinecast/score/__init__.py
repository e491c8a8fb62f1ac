"""Scores of a forecast frame: how far its deformation is off in mm, and how alike the images are."""

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
