from .estimator import FlowEstimator as FlowEstimator
from .estimator import estimate_flow as estimate_flow
from .reference import choose_reference as choose_reference
from .reference import reference_index as reference_index
from .reference import with_reference as with_reference
from .registration import registration_nrmse as registration_nrmse
from .registration import translate as translate
