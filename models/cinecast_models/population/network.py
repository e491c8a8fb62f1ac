"""The network of the population transformer. This module needs torch; import it late."""

from __future__ import annotations

from cinecast_models.population.settings import PopulationSettings
from cinecast_models.transformer.network import TransformerNetwork


def new_network(settings: PopulationSettings, components: int) -> TransformerNetwork:
    """Return a network of these sizes with weights drawn from torch's generator.

    Parameters
    ----------
    settings
        Of the training of the population.
    components
        Number K of components of a sample.

    Returns
    -------
    TransformerNetwork
        In the state for forecasting, without dropout.
    """
    return TransformerNetwork(
        settings.history_length,
        components,
        width=2 * settings.head_width,
        layers=settings.layers,
        feedforward=settings.feedforward,
        dropout=settings.dropout,
    ).eval()
