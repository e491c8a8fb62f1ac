"""The leading eigenvectors of the inner products of all pairs of frames, of their matrix or without forming it."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from cinecast.motion.train_fields import Double, TrainFields

# The matrix of so many frames takes 8 MB and a second; beyond, its size and cost grow with the square of their number.
MOST_FRAMES_EXACT = 1024
# Eigenvalues below this fraction of the largest are rounding, not motion.
RANK_TOLERANCE = 1e-12
# Directions that are sought at a time beyond those that are asked for: the further their motion is below, the faster.
_MORE = 20
_MOST_STEPS = 20
# An eigenvector is settled once its residual is this share of the distance to the next eigenvalue, which bounds the
# angle that it is off by, or once it is rounding beside the largest eigenvalue.
_SETTLED, _ROUNDING = 1e-9, 1e-13
_SEED = 0


class Directions(NamedTuple):
    """The leading directions of the frames of a train span.

    Parameters
    ----------
    values
        Eigenvalues of the matrix of inner products, largest first, shape (K,).
    temporal
        Their eigenvectors, shape (T, K), of unit norm and of either sign.
    rank
        How many independent motions there are; where the matrix is not formed, no more than were looked for.
    total
        Sum of all eigenvalues.
    """

    values: Double
    temporal: Double
    rank: int
    total: float


def leading_directions(fields: TrainFields, modes: int, weights: Double | None) -> Directions:
    """Return the leading directions of centred fields.

    Parameters
    ----------
    fields
        DVFs of the train span less their mean.
    modes
        Number K of directions, where there are as many.
    weights
        How much each vector component counts, shape (size,); None where all count alike.

    Returns
    -------
    Directions
        Exact for up to 1024 frames; beyond, by an iteration that ends where they are as exact as rounding allows.
    """
    if fields.count <= MOST_FRAMES_EXACT:
        return _of_matrix(fields, modes, weights)
    return _iterated(fields, modes, weights)


def combined(fields: TrainFields, mixing: Double, weights: Double | None) -> Double:
    """Return sums of centred fields.

    Parameters
    ----------
    fields
        DVFs of the train span less their mean.
    mixing
        How much of each goes into each sum, shape (K, T).
    weights
        As `leading_directions` got them: they change no sum, and the same parts are read.

    Returns
    -------
    Double
        Shape (K, size).
    """
    sums = np.zeros((len(mixing), fields.size))
    if fields.count <= MOST_FRAMES_EXACT:
        for part, values in fields.columns(alike=weights is None):
            sums[:, part] = mixing @ values
        return sums
    for part, values in fields.rows():
        sums += mixing[:, part] @ values
    return sums


def _of_matrix(fields: TrainFields, modes: int, weights: Double | None) -> Directions:
    gram = np.zeros((fields.count, fields.count))
    roots = None if weights is None else np.sqrt(weights)
    for part, values in fields.columns(alike=weights is None):
        if roots is not None:
            values *= roots[part]
        gram += values @ values.T
    eigenvalues, temporal = np.linalg.eigh(gram)  # (T, T): far smaller than pixels x pixels
    eigenvalues, temporal = eigenvalues[::-1], temporal[:, ::-1]
    rank = min(fields.count - 1, _independent(eigenvalues))
    return Directions(eigenvalues[:modes], temporal[:, :modes], rank, float(eigenvalues[:rank].sum()))


def _iterated(fields: TrainFields, modes: int, weights: Double | None) -> Directions:
    """Return the directions by the block Krylov method (Musco and Musco, NeurIPS 2015), from a seeded start.

    All of the span is orthogonalised anew in each step: T x 32 numbers a step are little beside the fields.
    """
    start = np.random.default_rng(_SEED).normal(size=(fields.count, min(modes + _MORE, fields.count)))
    block = np.asarray(np.linalg.qr(start)[0])
    basis, images = block[:, :0], block[:, :0]
    while True:
        basis, image = np.hstack([basis, block]), _products(fields, block, weights)
        images = np.hstack([images, image])
        values, temporal, residuals = _ritz(basis, images, modes)
        block = _new_directions(image, basis, float(values[0]))
        if _settled(values, residuals, modes) or not block.size or basis.shape[1] > _MOST_STEPS * start.shape[1]:
            break
    rank = min(fields.count - 1, _independent(values))
    return Directions(values[:modes], temporal, rank, _energy(fields, weights))


def _products(fields: TrainFields, block: Double, weights: Double | None) -> Double:
    """Return the matrix of inner products times a block (T, n): the fields are read twice, and no matrix is formed."""
    mixed = np.zeros((fields.size, block.shape[1]))
    for part, values in fields.rows():
        mixed += values.T @ block[part]
    if weights is not None:
        mixed *= weights[:, np.newaxis]
    product = np.empty_like(block)
    for part, values in fields.rows():
        product[part] = values @ mixed
    return product


def _ritz(basis: Double, images: Double, modes: int) -> tuple[Double, Double, Double]:
    """Return all eigenvalues within the span of a basis, the leading vectors, and the norms of their residuals."""
    within = basis.T @ images
    values, vectors = np.linalg.eigh((within + within.T) / 2)
    values, vectors = values[::-1], vectors[:, ::-1][:, :modes]
    temporal = basis @ vectors
    residuals = np.linalg.norm(images @ vectors - temporal * values[: vectors.shape[1]], axis=0)
    return values, temporal, residuals


def _settled(values: Double, residuals: Double, modes: int) -> bool:
    apart = np.abs(np.diff(values[: modes + 1]))
    nearest = np.minimum(apart, np.concatenate([apart[:1], apart[:-1]]))[:modes]
    return bool((residuals[: len(nearest)] <= np.maximum(_SETTLED * nearest, _ROUNDING * values[0])).all())


def _new_directions(image: Double, basis: Double, largest: float) -> Double:
    """Return an orthonormal basis of what a block holds beside a basis; rounding is none of it."""
    for _ in range(2):  # once leaves rounding of the size of what it removes
        image = image - basis @ (basis.T @ image)
    left, singular, _ = np.linalg.svd(image, full_matrices=False)
    found = left[:, singular > RANK_TOLERANCE * largest]
    return np.asarray(np.linalg.qr(found - basis @ (basis.T @ found))[0])


def _energy(fields: TrainFields, weights: Double | None) -> float:
    each = np.zeros(fields.size)
    for _, values in fields.rows():
        each += np.square(values, out=values).sum(axis=0)
    return float(each.sum() if weights is None else each @ weights)


def _independent(values: NDArray[np.floating]) -> int:
    return int((values > RANK_TOLERANCE * max(values[0], np.finfo(float).tiny)).sum())
