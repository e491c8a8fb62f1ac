"""Targets that do not move or that an edge cuts, and labels unlike their target or not where they are needed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np
from numpy.typing import NDArray

from cinecast.frames.mask_edges import sides_reached
from cinecast.frames.masks import Target
from cinecast.score.gating_scores import centroids_of
from cinecast.score.mask_scores import dice
from cinecast.sequence import Sequence
from cinecast.target import MaskSeries
from cinecast.target.still import STANDS_STILL, stands_still

# Two observers' masks of one structure have more than this.
_UNLIKE_DSC = 0.5


def still_targets(targets: Iterable[Target], followed: MaskSeries, sequence: Sequence) -> list[str]:
    """Return a sentence for each target that the measured motion does not move.

    Parameters
    ----------
    targets
        The targets.
    followed
        Their masks along the measured motion, in their order, as `cinecast.store.artifacts.load_masks` has them.
    sequence
        The sequence, of which the train span counts.

    Returns
    -------
    list[str]
        None where all move.
    """
    parts = ((target, followed.part(place, 0)) for place, target in enumerate(targets))
    return [
        f"target {target.name}: {STANDS_STILL}"
        for target, masks in parts
        if stands_still(farthest_mm(target, masks, sequence), sequence.spacing_mm)
    ]


def farthest_mm(target: Target, followed: MaskSeries, sequence: Sequence) -> float:
    """Return how far the measured motion carries a target from its place in its own frame, in the train span.

    Parameters
    ----------
    target
        The target.
    followed
        Its masks along the measured motion, T of them.
    sequence
        The sequence.

    Returns
    -------
    float
        Of its centroid, in mm.
    """
    masks = MaskSeries(followed.bits[np.newaxis], followed.shape)
    places = centroids_of(masks, sequence.spacing_mm)[0, : sequence.split.train_end]
    return float(np.nanmax(np.linalg.norm(places - places[target.frame], axis=-1), initial=0))


def cut_targets(targets: Iterable[Target], followed: MaskSeries) -> list[str]:
    """Return a sentence for each target that reaches a side of the image somewhere along the measured motion.

    Its centroid is that of the part that is seen, so it moves less than the target does. That is so too where the mask
    reached that side in its own frame: nothing tells how much of it is carried beyond.

    Parameters
    ----------
    targets
        The targets.
    followed
        Their masks along the measured motion, in their order, as `cinecast.store.artifacts.load_masks` has them.

    Returns
    -------
    list[str]
        None where no edge comes in the way.
    """
    sentences = []
    for place, target in enumerate(targets):
        count = followed.bits.shape[2]
        cut = [t for t in range(count) if sides_reached(followed.mask(place, 0, t))]
        if cut:
            sentences.append(
                f"target {target.name}: along the measured motion it reaches the edge of the image in {len(cut)} of "
                f"{count} frames (frame {cut[0]} first): its centroid is that of the part that is seen, so motion and "
                "errors look smaller there than they are"
            )
    return sentences


def doubtful_labels(
    targets: Iterable[Target], labels: Mapping[str, tuple[MaskSeries, NDArray[np.bool_]]], sequence: Sequence
) -> list[str]:
    """Return a sentence for each target whose labels are unlike it in its own frame, or none or cut in the test span.

    Labels that an edge cuts have the centroid of the part that is seen: what is scored against them, and what a gate
    should have done, is not that of the whole target. That may be so where the measured motion carries it nowhere near.

    Parameters
    ----------
    targets
        The targets.
    labels
        Reference masks by the name of the target, and which frames have one, shape (T,).
    sequence
        The sequence, of which the test span counts.

    Returns
    -------
    list[str]
        None where all are as they should be.
    """
    test, sentences = sequence.split.test_frames, []
    for target in targets:
        if target.name not in labels:
            continue
        masks, labelled = labels[target.name]
        if not labelled[test.start : test.stop].any():
            sentences.append(
                f"labels of {target.name}: none in the test span, frames {test.start} to {test.stop - 1}: nothing is "
                "scored against them"
            )
        scored = test.start + np.flatnonzero(labelled[test.start : test.stop])
        cut = [t for t in scored.tolist() if sides_reached(masks.mask(t))]
        if cut:
            sentences.append(
                f"labels of {target.name} reach the edge of the image in {len(cut)} of {len(scored)} test frames "
                f"(frame {cut[0]} first): their centroid is that of the part that is seen, so motion, errors and what "
                "the gate should do are not those of the whole target"
            )
        if labelled[target.frame] and dice(target.mask, masks.mask(target.frame)) < _UNLIKE_DSC:
            sentences.append(f"labels of {target.name} are unlike it in its own frame: are they turned, or of another?")
    return sentences
