"""Values that stand for no measurement: flags beside the samples, and codes among them."""

from __future__ import annotations

from itertools import product

import numpy as np
from numpy.typing import NDArray

from cinecast.errors import ReadError
from cinecast.series.recording import listed

# Few numbers, in few rows, far from all others, are codes: -9999 for no marker, 5000 for a trigger.
_MOST_CODES, _MOST_ROWS = 3, 0.2
# Of fewer samples nobody can say what is far.
_FEWEST_ROWS = 20
# Alone: so many times the range of the others away. Repeated: less, if no step between the others is nearly as large.
_FAR_ALONE, _FAR_REPEATED, _STEPS = 10.0, 0.5, 5.0
FLAG_NAMES = ("valid", "validflag", "valid_flag")
# As RPM has them: the marker was lost, or breathing is not periodic.
LOST, IRREGULAR = -1, -2


def codes_of(samples: NDArray[np.float64]) -> list[float]:
    """Return the values of one column that stand for something else than a measurement, lowest first.

    Parameters
    ----------
    samples
        Shape (n,), any unit; NaN is passed over. Of fewer than `_FEWEST_ROWS` nothing is said.

    Returns
    -------
    Values far outside all others, by `_FAR_ALONE` or, where one is repeated, by less.
    """
    kept = samples[np.isfinite(samples)]
    codes: list[float] = []
    if len(kept) < _FEWEST_ROWS:
        return codes
    while found := _outermost(kept):
        codes += found
        kept = kept[~np.isin(kept, found)]
    return sorted(codes)


def _outermost(samples: NDArray[np.float64]) -> list[float]:
    """Return codes at one end of the values, or at both: the fewest numbers that are far from all others."""
    values, counts = np.unique(samples, return_counts=True)
    numbers = range(_MOST_CODES + 1)
    for low, high in sorted(product(numbers, numbers), key=sum):
        if low + high == 0 or low + high > len(values) - 2:
            continue
        ends = np.concatenate([np.arange(low), np.arange(len(values) - high, len(values))])
        if counts[ends].sum() > _MOST_ROWS * len(samples):
            continue
        others = values[low : len(values) - high]
        distances = [others[0] - values[low - 1]] * (low > 0) + [values[-high] - others[-1]] * (high > 0)
        if _is_far(samples, values[ends], others, min(distances), bool((counts[ends] > 1).any())):
            return [float(value) for value in values[ends]]
    return []


def _is_far(
    samples: NDArray[np.float64],
    codes: NDArray[np.float64],
    others: NDArray[np.float64],
    distance: float,
    repeated: bool,
) -> bool:
    spread = float(np.ptp(others))
    if distance > _FAR_ALONE * spread:
        return True
    steps = np.abs(np.diff(np.where(np.isin(samples, codes), np.nan, samples)))
    largest = float(np.nanmax(steps)) if np.isfinite(steps).any() else np.inf
    return repeated and distance > _FAR_REPEATED * spread and distance > _STEPS * largest


def without_codes(
    samples: NDArray[np.float64],
    columns: tuple[str, ...],
    missing: tuple[float, ...] | None,
    places: NDArray[np.int64],
    where: str,
) -> tuple[NDArray[np.float64], list[str]]:
    """Return samples with NaN for the values that mean none, and what was done.

    Parameters
    ----------
    samples, columns
        Shape (n, K), and K names.
    missing
        Values that the user says mean no sample; empty: none does. None: he does not say.
    places, where
        Line or number of each sample in the file, shape (n,), and what these count.

    Returns
    -------
    Samples, and a sentence if any was taken out.

    Raises
    ------
    ReadError
        If values lie far outside all others and the user does not say what they mean.
    """
    if missing is None:
        for k, name in enumerate(columns):
            if codes := codes_of(samples[:, k]):
                rows = places[np.isin(samples[:, k], codes)]
                said = ", ".join(f"{code:g}" for code in codes)
                raise ReadError(
                    f"samples must not lie far outside all others, got {said} in column {name!r} {len(rows)} time(s) "
                    f"({where} {listed(rows)}); give --missing {codes[0]:g} if that means no sample, for each such "
                    "value, or --missing none to take them as measured"
                )
        return samples, []
    taken = np.isin(samples, missing)
    if not taken.any():
        return samples, []
    taken_rows = np.asarray(taken.any(axis=1))
    sentence = f"{taken_rows.sum()} sample(s) hold {', '.join(f'{v:g}' for v in missing)} and count as missing"
    return np.where(taken, np.nan, samples), [f"{sentence} ({where} {listed(places[taken_rows])})"]


def flagged_by(flags: NDArray[np.float64], name: str, file: str) -> tuple[NDArray[np.bool_], list[str]]:
    """Return which samples a column of flags calls lost, by the convention of RPM, and what it says.

    Parameters
    ----------
    flags
        Shape (n,): 0 for a good sample, -1 for a lost track, -2 for breathing that is not periodic.
    name, file
        Of the column, for sentences.

    Returns
    -------
    Which samples were lost, shape (n,), and a sentence for each kind of flag.

    Raises
    ------
    ReadError
        If there are other flags: what they mean is not known.
    """
    others = sorted(set(flags[np.isfinite(flags)].tolist()) - {0.0, float(LOST), float(IRREGULAR)})
    if others or not np.isfinite(flags).all():
        got = ", ".join(f"{flag:g}" for flag in others[:_MOST_CODES]) or "empty cells"
        raise ReadError(
            f"flags must be 0 for a good sample, -1 or -2 (as RPM has them), got {got} in column {name!r} of {file}; "
            f"say which samples are good with --valid-when {name}=VALUE, or choose columns with --column"
        )
    lost, irregular = flags == LOST, flags == IRREGULAR
    said = [f"{lost.sum()} sample(s) flagged as lost in column {name!r}"] if lost.any() else []
    if irregular.any():
        said.append(f"{irregular.sum()} sample(s) flagged as not periodic in column {name!r}, taken as measured")
    return lost, said
