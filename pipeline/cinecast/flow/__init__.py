"""Dense motion of every frame against the reference frame."""

from cinecast.flow.brightness import LARGEST_TRUSTED_SPREAD as LARGEST_TRUSTED_SPREAD
from cinecast.flow.brightness import brightness_spread as brightness_spread
from cinecast.flow.lucas_kanade import FlowEstimator as FlowEstimator
from cinecast.flow.lucas_kanade import estimate_flow as estimate_flow
from cinecast.flow.registration import registration_nrmse as registration_nrmse
from cinecast.flow.registration import translate as translate

__all__ = [
    "LARGEST_TRUSTED_SPREAD",
    "FlowEstimator",
    "brightness_spread",
    "estimate_flow",
    "registration_nrmse",
    "translate",
]
