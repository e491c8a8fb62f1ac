"""The transformer against its formulas written out in numpy, its training against Adam's, and torch left as it was."""

from __future__ import annotations

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pytest
import torch

from cinecast_models import METHODS, ForecastingError, method_settings
from cinecast_models.forecaster import Array
from cinecast_models.transformer.network import TransformerNetwork, sinusoidal_places, train
from cinecast_models.transformer.transformer import Transformer
from cinecast_models.windows import histories

LENGTH, COMPONENTS, WIDTH = 5, 3, 8


def transformer(runs: int = 2, seed: int = 4, **overrides: object) -> Transformer:
    chosen = {"history_length": LENGTH, "model_width": WIDTH, "layers": 2, "epochs": 2, **overrides}
    forecaster = METHODS["transformer"].create(
        method_settings("transformer", chosen), components=COMPONENTS, runs=runs, seed=seed
    )
    assert isinstance(forecaster, Transformer)
    return forecaster


def network(dropout: float = 0.5) -> TransformerNetwork:
    torch.manual_seed(1)
    made = TransformerNetwork(LENGTH, COMPONENTS, width=WIDTH, layers=2, feedforward=2 * WIDTH, dropout=dropout)
    return made.eval()


def pairs(rng: np.random.Generator, frames: int = 60) -> tuple[Array, Array]:
    series = np.sin(np.arange(frames)[:, None] / [3.0, 4.0, 5.0]) + 0.1 * rng.normal(size=(frames, COMPONENTS))
    return histories(series, LENGTH)[:-2], series[LENGTH + 1 :]


# The formulas, one history at a time


def normalised(x: Array, weight: Array, bias: Array) -> Array:
    return (x - x.mean(axis=1, keepdims=True)) / np.sqrt(x.var(axis=1, keepdims=True) + 1e-5) * weight + bias


def attention(x: Array, weights: dict[str, Array]) -> Array:
    queries, keys, values = np.split(x @ weights["in_proj_weight"].T + weights["in_proj_bias"], 3, axis=1)
    heads = []
    for columns in (slice(0, WIDTH // 2), slice(WIDTH // 2, WIDTH)):
        score = np.exp(queries[:, columns] @ keys[:, columns].T / np.sqrt(WIDTH / 2))
        heads.append(score / score.sum(axis=1, keepdims=True) @ values[:, columns])
    return np.concatenate(heads, axis=1) @ weights["out_proj.weight"].T + weights["out_proj.bias"]


def plain_forecast(history: Array, weights: dict[str, Array]) -> Array:
    x = history @ weights["embedding.weight"].T + weights["embedding.bias"]
    for place in range(LENGTH):
        for pair in range(WIDTH // 2):
            x[place, 2 * pair] += np.sin(place / 10_000 ** (2 * pair / WIDTH))
            x[place, 2 * pair + 1] += np.cos(place / 10_000 ** (2 * pair / WIDTH))
    for layer in range(2):
        prefix = f"encoder.layers.{layer}."
        own = {name.removeprefix(prefix): array for name, array in weights.items() if name.startswith(prefix)}
        attended = attention(x, {name.removeprefix("self_attn."): array for name, array in own.items()})
        x = normalised(x + attended, own["norm1.weight"], own["norm1.bias"])
        hidden = np.maximum(0, x @ own["linear1.weight"].T + own["linear1.bias"])
        x = normalised(
            x + hidden @ own["linear2.weight"].T + own["linear2.bias"], own["norm2.weight"], own["norm2.bias"]
        )
    hidden = np.maximum(0, weights["head.1.weight"] @ x.ravel() + weights["head.1.bias"])
    return np.asarray(weights["head.3.weight"] @ hidden + weights["head.3.bias"])


def test_the_network_is_the_published_formulas(rng: np.random.Generator) -> None:
    made, batch = network(), rng.normal(size=(6, LENGTH, COMPONENTS))
    weights = {name: parameter.detach().numpy() for name, parameter in made.named_parameters()}
    with torch.no_grad():
        forecasts = made(torch.from_numpy(batch)).numpy()
    for history, forecast in zip(batch, forecasts, strict=True):
        np.testing.assert_allclose(forecast, plain_forecast(history, weights), rtol=1e-10, atol=1e-12)


def test_sizes_of_the_head_and_the_encoder() -> None:
    sizes = {name: tuple(parameter.shape) for name, parameter in network().named_parameters()}
    assert sizes["head.1.weight"] == (int(np.sqrt(LENGTH * WIDTH * COMPONENTS)), LENGTH * WIDTH)
    assert sizes["head.3.weight"] == (COMPONENTS, int(np.sqrt(LENGTH * WIDTH * COMPONENTS)))
    assert sizes["encoder.layers.1.linear1.weight"] == (2 * WIDTH, WIDTH)


def test_places_at_a_few_points() -> None:
    places = sinusoidal_places(40, 6)
    assert places.shape == (40, 6)
    assert places[0].tolist() == [0, 1, 0, 1, 0, 1]
    assert places[7, 4] == pytest.approx(np.sin(7 / 10_000 ** (4 / 6)))
    assert places[7, 5] == pytest.approx(np.cos(7 / 10_000 ** (4 / 6)))


# Training


def test_one_step_over_all_pairs_is_adams(rng: np.random.Generator) -> None:
    windows, targets = pairs(rng)
    made, twin = network(dropout=0.0), network(dropout=0.0)
    loss = ((twin(torch.from_numpy(windows.copy())) - torch.from_numpy(targets)) ** 2).mean()
    loss.backward()  # type: ignore[no-untyped-call]  # torch's own
    train(made, windows, targets, learning_rate=0.01, epochs=1, batch=len(windows))
    for trained, start in zip(made.parameters(), twin.parameters(), strict=True):
        assert start.grad is not None
        # The first step of Adam is the sign of the gradient, softened at 1e-8; some gradients are 0 but for rounding.
        expected = start - 0.01 * start.grad / (start.grad.abs() + 1e-8)
        clear = start.grad.abs() > 1e-12
        np.testing.assert_allclose(trained[clear].detach(), expected[clear].detach(), rtol=0, atol=1e-5)


def test_training_brings_the_error_down(rng: np.random.Generator) -> None:
    windows, targets = pairs(rng, 200)
    forecaster = transformer(runs=1, epochs=40, learning_rate=0.003)

    def error() -> float:
        forecasts = [forecaster.predict(windows[i : i + 1])[0] for i in range(len(windows))]
        return float(((np.array(forecasts) - targets) ** 2).mean())

    before = error()
    forecaster.fit(windows, targets)
    assert error() < 0.3 * before


def test_the_array_of_parameters_is_the_networks(rng: np.random.Generator) -> None:
    windows, targets = pairs(rng)
    forecaster, other = transformer(), transformer(seed=5)
    before = forecaster.parameters.copy()
    forecaster.fit(windows, targets)
    assert (forecaster.parameters != before).mean() > 0.9
    fitted = forecaster.predict(windows[:1])
    other.parameters[...] = forecaster.parameters
    assert other.predict(windows[:1]).tobytes() == fitted.tobytes()


def test_a_forecaster_saved_before_its_fit_is_trained_to_the_same_bits(rng: np.random.Generator) -> None:
    windows, targets = pairs(rng)
    first, second = transformer(), transformer(seed=77)
    second.restore(first.state())
    first.fit(windows, targets)
    second.fit(windows, targets)
    assert first.parameters.tobytes() == second.parameters.tobytes()


def test_torch_is_left_as_it_was(rng: np.random.Generator) -> None:
    windows, targets = pairs(rng)
    torch.manual_seed(9)
    before, threads = torch.get_rng_state(), torch.get_num_threads()
    torch.set_num_threads(2)
    try:
        forecaster = transformer()
        forecaster.fit(windows, targets)
        forecaster.predict(windows[:1])
        assert torch.get_num_threads() == 2
    finally:
        torch.set_num_threads(threads)
    assert torch.equal(torch.get_rng_state(), before)


def test_trained_side_by_side_in_threads_they_are_what_they_are_alone(rng: np.random.Generator) -> None:
    """torch has one generator for all threads, of which each training draws its order and its dropout."""
    windows, targets = pairs(rng)

    def trained(seed: int) -> bytes:
        forecaster = transformer(seed=seed)
        forecaster.fit(windows, targets)
        return forecaster.parameters.tobytes()

    alone = [trained(seed) for seed in (1, 2, 3)]
    with ThreadPoolExecutor(3) as pool:
        assert list(pool.map(trained, (1, 2, 3))) == alone


def test_a_component_that_never_moves_is_forecast_to_the_bit(rng: np.random.Generator) -> None:
    windows, targets = (array.copy() for array in pairs(rng))
    windows[:, :, 1] = targets[:, 1] = 0.25
    forecaster = transformer()
    forecaster.fit(windows, targets)
    forecasts = forecaster.predict(windows[:1])
    assert (forecasts[:, 1] == 0.25).all()
    assert (forecasts[:, [0, 2]] != forecaster.predict(windows[9:10])[:, [0, 2]]).all()


def test_a_train_span_of_a_single_pair_makes_no_component_a_constant(rng: np.random.Generator) -> None:
    windows, targets = (array.copy() for array in pairs(rng))
    windows[:, :, 1] = targets[:, 1] = 0.25
    forecaster = transformer()
    forecaster.fit(windows[:1], targets[:1])
    one, other = (forecaster.predict(windows[place : place + 1]) for place in (0, 9))
    np.testing.assert_array_equal((one == other).all(axis=0), [False, True, False])


# Guards


def test_an_odd_width_is_refused() -> None:
    with pytest.raises(ForecastingError, match=r"transformer.model_width must be even, got 7; each of two heads"):
        transformer(model_width=7)


def test_without_torch_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "torch", None)
    with pytest.raises(
        ForecastingError,
        match=r"transformer needs torch.*in the folder of cinecast.*pip install --editable '\.\[torch\]'",
    ):
        transformer()


def test_the_library_is_imported_without_torch_and_scikit_learn() -> None:
    command = "import cinecast_models, sys; print(sorted({'torch', 'sklearn'} & set(sys.modules)))"
    environment: dict[str, Any] = {"PYTHONPATH": ":".join(sys.path)}
    done = subprocess.run([sys.executable, "-c", command], capture_output=True, text=True, check=True, env=environment)
    assert done.stdout.strip() == "[]"
