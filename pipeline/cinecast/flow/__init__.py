"""Dense motion of every frame against the reference frame."""

from cinecast.flow.lucas_kanade import FlowEstimator as FlowEstimator
from cinecast.flow.lucas_kanade import estimate_flow as estimate_flow
from cinecast.flow.registration import registration_nrmse as registration_nrmse
from cinecast.flow.registration import translate as translate

__all__ = [
    "FlowEstimator",
    "estimate_flow",
    "registration_nrmse",
    "translate",
]
