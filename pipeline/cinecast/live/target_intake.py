"""Targets come in beside the stream: their files are awaited from the end of the calibration on, read and set."""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from threading import Event, Thread
from time import perf_counter
from typing import NamedTuple

import numpy as np

from cinecast.errors import CinecastError, SettingsError
from cinecast.frames.masks import Target, settings_of_files, targets_of_file
from cinecast.frames.masks.awaited import AwaitedFiles
from cinecast.frames.masks.formats import mask_format
from cinecast.live.calibration import Calibration
from cinecast.live.forecaster import LiveForecaster
from cinecast.live.live_target import LiveTarget
from cinecast.sequence import Sequence
from cinecast.settings import TargetSettings
from cinecast.target.registration import registration_at
from cinecast.target.still import STANDS_STILL, stands_still

_LOG = logging.getLogger(__name__)

_LOOK_EVERY_S = 0.25


class Drawn(NamedTuple):
    """The frames that a mask may have been drawn on.

    Parameters
    ----------
    sequence
        With their geometry.
    numbers
        The number of each of them in the stream.
    """

    sequence: Sequence
    numbers: tuple[int, ...]


DrawnOn = Callable[[Calibration, Mapping[int, str]], Drawn]


class TargetIntake:
    """Reads targets in a thread of its own, and hands them to the forecaster.

    What cannot be read yet, or does not fit, is said once, and tried again when it changes; the stream goes on.

    Parameters
    ----------
    own
        Files, labels, names and frame of the targets.
    margin_mm
        How far a centroid may be from the plan's while the beam is on, in mm.
    drawn_on
        Gives the frames that masks may have been drawn on, from the calibration and the `instance_digest` of its frames
        by their number in the stream.
    wait
        Whether files that exist when the calibration ends are read before the stream goes on.

    Attributes
    ----------
    sentences
        What is to be said of targets that have come in, the oldest first; whoever says one takes it away.
    """

    def __init__(self, own: TargetSettings, margin_mm: float, drawn_on: DrawnOn, *, wait: bool) -> None:
        self._own = dict(settings_of_files(own))
        self._margin_mm, self._drawn_on, self._wait = margin_mm, drawn_on, wait
        self._awaited = AwaitedFiles(self._own)
        self._numbers = _first_numbers(self._own)
        self._from: dict[str, Path] = {}
        self._said: dict[Path, str] = {}
        self._stop = Event()
        self._thread: Thread | None = None
        self.sentences: deque[str] = deque()

    @property
    def slots(self) -> int:
        """How many targets there may be: what the files are asked for."""
        return sum(map(_slots_of, self._own.values()))

    def begin(
        self,
        forecaster: LiveForecaster,
        calibration: Calibration,
        spacing_mm: tuple[float, float],
        instances: Mapping[int, str],
    ) -> None:
        """Begin to look for the files.

        Parameters
        ----------
        forecaster
            Just calibrated.
        calibration
            What was learned from the first frames.
        spacing_mm
            Pixel spacing along (rows, columns) in mm.
        instances
            `instance_digest` of the calibration frames by their number in the stream; empty texts where there is none.
        """

        def look(patient: bool) -> None:
            for path in self._awaited.look(perf_counter(), patient=patient):
                self._take(path, forecaster, calibration, spacing_mm, instances)

        def run() -> None:
            look(patient=True)
            while not self._stop.wait(_LOOK_EVERY_S):
                look(patient=True)

        if self._wait:
            look(patient=False)
        self.sentences += [f"Target: {path} is awaited." for path in self._own if not path.is_file()]
        self._thread = Thread(target=run, name="cinecast targets", daemon=True)
        self._thread.start()

    def finish(self) -> None:
        """End the look-out; files that never came are named in a warning."""
        if self._thread is None:
            return
        self._stop.set()
        self._thread.join()
        self._thread = None
        for path in self._awaited.missing:
            _LOG.warning("a target was awaited until the end of the stream, and %s never came", path)

    def _take(
        self,
        path: Path,
        forecaster: LiveForecaster,
        calibration: Calibration,
        spacing_mm: tuple[float, float],
        instances: Mapping[int, str],
    ) -> None:
        try:
            found = self._read(path, calibration, instances)
            for number, target in enumerate(found, self._numbers[path]):
                # One that its file calls otherwise now has the number of the old one, which would gate for ever.
                made = forecaster.set_target(target, spacing_mm=spacing_mm, margin_mm=self._margin_mm, number=number)
                self.sentences.append(_sentence(made, calibration))
            others = {name: source for name, source in self._from.items() if source != path}
            self._from = others | {target.name: path for target in found}
        except CinecastError as error:
            self._awaited.failed(path, perf_counter())
            if self._said.get(path) != str(error):
                self._said[path] = str(error)
                _LOG.warning("%s: %s (the stream goes on, and the file is tried again)", self._lacking(path), error)
        else:
            self._awaited.done(path)
            self._said.pop(path, None)

    def _lacking(self, path: Path) -> str:
        followed = [name for name, source in self._from.items() if source == path]
        if not followed:
            return f"no target from {path.name}"
        return f"{path.name} has changed and cannot be used: {', '.join(followed)} is followed as it was read before"

    def _read(self, path: Path, calibration: Calibration, instances: Mapping[int, str]) -> list[Target]:
        """Return the targets of a file, with the numbers of their frames in the stream."""
        sequence, numbers = self._drawn_on(calibration, instances)
        # A contour names its frame itself.
        own = self._own[path]
        wanted = 0 if own.frame is None and mask_format(path) != "rtstruct" else own.frame
        own = replace(own, frame=None if wanted is None else _index_of(wanted, numbers, calibration))
        targets = [replace(each, frame=numbers[each.frame]) for each in targets_of_file(path, sequence, own)]
        for target in targets:
            if self._from.get(target.name, path) != path:
                raise SettingsError(
                    f"each target must have a name of its own, got {target.name!r} in {path.name} and in "
                    f"{self._from[target.name].name}; name them with --target-name, once for each file"
                )
        return targets


def _slots_of(own: TargetSettings) -> int:
    return max(1, len(own.labels), len(own.names))


def _first_numbers(own: Mapping[Path, TargetSettings]) -> dict[Path, int]:
    """Return the number of the first target of each file: they are numbered as asked for, not as they come."""
    numbers, number = {}, 1
    for path, each in own.items():
        numbers[path] = number
        number += _slots_of(each)
    return numbers


def _index_of(number: int, numbers: tuple[int, ...], calibration: Calibration) -> int:
    """Return which of the frames has a number, which must be one that was calibrated on."""
    calibrated = [label.number for label in calibration.labels]
    if number not in calibrated:
        raise SettingsError(
            f"a target must be of a frame that was calibrated on, {calibrated[0]} to {calibrated[-1]}, got frame "
            f"{number}; draw it on one of these (--target-frame)"
        )
    return numbers.index(number)


def _sentence(made: LiveTarget, calibration: Calibration) -> str:
    target, reference = made.target, calibration.reference_label
    facts = [f"{int(target.mask.sum())} pixels in {calibration.labels[made.position].text}", *target.said]
    if made.position == calibration.reference_index:
        facts.append("motion is measured from this frame")
    else:
        of_calibration = replace(target, frame=made.position)
        likeness = registration_at(of_calibration, calibration.frames, calibration.reference_index, calibration.dvf)
        facts.append(f"registered to {reference.text}, with a correlation of {likeness:.3f}")
    facts.append(_motion(made, calibration))
    return f"Target {target.name}: {'; '.join(facts)}; beam on within {made.margin_mm:g} mm."


def _motion(made: LiveTarget, calibration: Calibration) -> str:
    """Return how far the measured motion carries a target in the calibration; that it stays is a warning."""
    away = np.array([made.place(dvf).distance_mm for dvf in calibration.dvf])
    farthest = float(np.nanmax(away, initial=0))
    if stands_still(farthest, made.spacing_mm):
        _LOG.warning("target %s: %s", made.target.name, STANDS_STILL)
    return f"moves by up to {farthest:.1f} mm in the calibration"
