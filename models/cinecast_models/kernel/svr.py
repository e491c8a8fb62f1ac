"""Support vector regression with a Gaussian kernel, fitted once on the train span."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from cinecast_models.errors import ForecastingError
from cinecast_models.forecaster import Array, ArrayForecaster
from cinecast_models.settings import MethodSettings, Range


@dataclass(frozen=True)
class SvrSettings(MethodSettings):
    """Settings of `Svr`, with the meaning they have in MATLAB's fitrsvm.

    Parameters
    ----------
    history_length
        Number L of newest samples that a forecast is made from, 1 to 100 000, default 6.
    kernel_scale
        Distance of two histories, in standard units, at which their kernel is 1/e, from 1e-6 to 1e6, default 20.
    epsilon
        Error that costs nothing, in standard units, from 0 to 10, default 0.05.
    box
        Bound on the coefficient of a support vector, above 0 to 1e6, default 100.

    Notes
    -----
    The defaults have the lowest nRMSE over the validation spans (never the test spans) of two weight series at
    horizons of 0.3 to 2 s. The published grids, for markers, have 100 to 1000 for scale and box.
    """

    method: ClassVar[str] = "svr"
    history_length: Annotated[int, Range(1, 100_000)] = 6
    kernel_scale: Annotated[float, Range(1e-6, 1e6)] = 20.0
    epsilon: Annotated[float, Range(0, 10)] = 0.05
    box: Annotated[float, Range(0, 1e6, above=True)] = 100.0


class Svr(ArrayForecaster):
    """Forecast ``intercept + sum_i c_i exp(-|x - x_i|^2 / kernel_scale^2)``, one regression per component.

    The solution is scikit-learn's (libsvm); what is kept of it are plain arrays.

    Parameters
    ----------
    settings
        Gives history length L, kernel scale, epsilon and box.
    components
        Number K of components of a sample.

    Attributes
    ----------
    vectors
        The N histories that support any of the components, shape (N, L * K); none before the fit.
    coefficients
        Shape (N, K), 0 where a history does not support a component.
    intercept
        Shape (K,).
    """

    learned = ("vectors", "coefficients", "intercept")

    def __init__(self, settings: SvrSettings, components: int) -> None:
        self.vectors: Array = np.zeros((0, settings.history_length * components))
        self.coefficients: Array = np.zeros((0, components))
        self.intercept: Array = np.zeros(components)
        self._settings = settings

    def fit(self, histories: Array, targets: Array) -> None:
        """Solve one support vector regression per component over the pairs of the train span.

        Parameters
        ----------
        histories, targets
            Of the train span, shapes (N, L, K) and (N, K), in standard units.
        """
        # scikit-learn takes a second to load, which no other method should pay
        from sklearn.metrics.pairwise import rbf_kernel
        from sklearn.svm import SVR

        flat = histories.reshape(len(histories), -1)
        kernel = rbf_kernel(flat, gamma=1 / self._settings.kernel_scale**2)  # once for all components
        coefficients = np.zeros_like(targets)
        for component in range(targets.shape[1]):
            # A tolerance this small costs little and makes the solution independent of rounding in the inputs.
            machine = SVR(kernel="precomputed", C=self._settings.box, epsilon=self._settings.epsilon, tol=1e-8)
            solution = machine.fit(kernel, targets[:, component])
            coefficients[solution.support_, component] = solution.dual_coef_[0]
            self.intercept[component] = solution.intercept_[0]
        support = coefficients.any(axis=1)
        self.vectors, self.coefficients = flat[support], coefficients[support]

    def predict(self, pending: Array) -> Array:
        """Forecast from the newest history, shape (1, K)."""
        distance = (((self.vectors - pending[-1].ravel()) / self._settings.kernel_scale) ** 2).sum(axis=1)
        forecast: Array = self.intercept + np.exp(-distance) @ self.coefficients
        return forecast[np.newaxis]

    def restore(self, state: Mapping[str, NDArray[Any]]) -> None:
        """Copy the arrays of `state` into this forecaster; the number of support vectors is that of `state`."""
        own = self.vectors, self.coefficients
        count = len(np.atleast_1d(state.get("vectors", self.vectors)))
        self.vectors, self.coefficients = (np.zeros((count, array.shape[1])) for array in own)
        try:
            super().restore(state)
        except ForecastingError:
            self.vectors, self.coefficients = own
            raise
