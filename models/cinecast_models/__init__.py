"""Forecasting of (T, K) series: what a sample will be `horizon` frames from now, learned causally as samples arrive.

The public names stand in the stub beside this file. Each is imported when it is first asked for: a program that only
wants to know the methods does not wait for numba, scipy or torch.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
