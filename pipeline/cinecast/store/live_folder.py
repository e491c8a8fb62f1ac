"""The folder of a live session: forecasts are written as they are made, and no disk stops the stream."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from cinecast.errors import StoreError
from cinecast.store import artifacts as art
from cinecast.store.arrays import save_array
from cinecast.store.disk_errors import as_store_error
from cinecast.store.growing_table import GrowingTable, rows_content
from cinecast.store.live_masks import MaskFiles
from cinecast.store.live_writing import LiveWriting
from cinecast.store.nifti import write_nifti
from cinecast.store.replacing import replacing
from cinecast.store.tables import Cell

if TYPE_CHECKING:
    from cinecast.frames.masks import Target
    from cinecast.landmarks import Landmarks, LandmarkSummary
    from cinecast.motion import MotionModel

FRAMES_FILE, FORECASTS_FILE, SUMMARY_FILE = "frames.csv", "forecasts.csv", "summary.json"
# Predicted frames in one file: a kill costs no more than these and the file that is being written.
CHUNK = 32
_STEPS = ("flow_ms", "projection_ms", "forecast_ms", "reconstruction_ms", "warp_ms")
_INSPECTED = ("landmark_error_mm", "measured_landmark_error_mm", "landmarks_found", "unexplained_share")
_MEASURED_TARGET = ("measured_row", "measured_column", "error_mm")


def frame_columns(targets: int) -> tuple[str, ...]:
    """Return the columns of ``frames.csv`` where so many targets were asked for."""
    own = [f"target_{number}_{name}" for number in range(1, targets + 1) for name in _MEASURED_TARGET]
    return ("name", "time_s", "state", "latency_ms", *_STEPS, "error_mm", *_INSPECTED, *own, "reason")


class LiveFolder:
    """Writes what a live session makes.

    ``frames.csv`` has a row for everything that arrived, ``forecasts.csv`` a row for every forecast and random run,
    with the file and the place in it of the predicted frame; ``predicted/`` has the predicted frames in files of 32;
    ``calibration_000/`` the reference frame and the motion model, from which weights make DVFs, and the drifts of its
    mean, for a method that follows them; ``landmarks/`` the landmarks, as in a run, with their tracks in the frames of
    the calibration; ``targets/target_N/`` each target as it was given, and its masks along the forecasts, in files of
    32; ``summary.json`` what came of it all.

    Parameters
    ----------
    root
        The folder: new or empty.
    settings
        Text of the settings, kept as ``settings.toml``.
    targets
        How many targets were asked for.

    Attributes
    ----------
    has_landmarks
        Whether landmarks were added, on the disk or not.

    Raises
    ------
    StoreError
        If the folder holds something or cannot be written.
    """

    def __init__(self, root: Path, settings: str, targets: int = 0) -> None:
        self.root, self.has_landmarks = root, False
        self._writing = LiveWriting(root)
        with as_store_error(root, "the live session"):
            self._made_root = not root.exists()
            root.mkdir(parents=True, exist_ok=True)
            if any(root.iterdir()):
                raise StoreError(
                    f"a live session needs a new or empty folder, got {root}, which holds files; choose another --out"
                )
            (root / art.SETTINGS_FILE).write_text(settings, encoding="utf-8")
            (root / "predicted").mkdir()
            self._frames = GrowingTable(root / FRAMES_FILE, frame_columns(targets))
        self._forecasts: GrowingTable | None = None
        self._calibrations = 0
        self._drift: NDArray[np.float32] | None = None
        self._drifts = 0
        self._chunk: list[NDArray[Any]] = []
        self._written = 0
        self._targets: dict[int, list[Target]] = {}
        self._masks = [self._mask_files(number) for number in range(1, targets + 1)]
        self._picture: dict[str, Any] = {}
        self._discarded = False

    @property
    def unwritten(self) -> int:
        """How many rows of tables and predicted frames found no place on the disk."""
        return self._writing.unwritten

    def calibrated(
        self,
        reference: NDArray[Any],
        model: MotionModel,
        weights: NDArray[np.float64],
        times_s: NDArray[np.float64],
        **picture: Any,
    ) -> None:
        """Write what the stream is measured with.

        Parameters
        ----------
        reference
            Reference frame, shape (H, W).
        model
            Mean DVF and modes that turn weights into DVFs.
        weights
            Weights of the frames that the model was fitted to, shape (T, K), pixels.
        times_s
            Times of these frames in s, shape (T,).
        **picture
            ``spacing_mm``, ``frame_period_s`` and ``affine`` as `cinecast.store.nifti.write_nifti` takes them.
        """
        folder = self.root / f"calibration_{self._calibrations:03d}"

        def write() -> None:
            folder.mkdir()
            save_array(folder / "reference.npy", reference)
            art.save_motion(folder, model, weights, times_s)

        self._picture = picture
        self._writing.write(write, 1, _size(reference, model.mean, model.modes, weights))
        self._drift, self._drifts = None, 0
        self._calibrations += 1

    def add_landmarks(self, landmarks: Landmarks, summary: LandmarkSummary, times_s: NDArray[np.float64]) -> None:
        """Write the landmarks that are followed.

        Parameters
        ----------
        landmarks
            With their tracks in T frames.
        summary
            What is said of each of them.
        times_s
            Times of these frames in s, shape (T,).
        """

        def write() -> None:
            folder = self.root / art.LANDMARKS
            folder.mkdir()
            art.save_landmarks(folder, landmarks, summary, times_s)

        self.has_landmarks = True
        self._writing.write(write, 1, _size(landmarks.displacements))

    def add_frame(self, row: Sequence[Cell]) -> None:
        """Add the row of something that arrived: values of `frame_columns`."""
        content = rows_content([row])
        self._writing.write(lambda: self._frames.add(content), 1, len(content))

    def add_target(self, number: int, target: Target) -> None:
        """Write a target as it was given, beside the one whose place it took; nothing where it is there already.

        Parameters
        ----------
        number
            Which of the targets that were asked for it is, from 1.
        target
            The target.
        """
        given = self._targets.setdefault(number, [])
        if given and given[-1] is target:
            return
        given.append(target)
        folder = self._target_folder(number) / f"given_{len(given) - 1:03d}"

        def write() -> None:
            folder.mkdir(parents=True, exist_ok=True)
            art.save_targets(folder, [target])

        self._writing.write(write, 1, _size(target.mask))

    def add_forecast(
        self,
        issued: str,
        issued_s: float,
        time_s: float,
        weights: NDArray[np.float64],
        radius: NDArray[np.float64],
        run: int,
        frame: NDArray[Any],
        drift: NDArray[np.float32] | None = None,
        *,
        targets: Sequence[Mapping[str, Cell]] = (),
        masks: Mapping[int, NDArray[np.bool_]] | None = None,
    ) -> None:
        """Add a forecast: its rows, and the predicted frame (H, W) of ``run``, the random run that it is of.

        Parameters
        ----------
        issued, issued_s
            Name and time in s of the frame that it was issued at.
        time_s
            Time that it is of, in s.
        weights, radius
            The weights and how far they may be off, shape (R, K).
        run, frame
            The predicted frame and its run.
        drift
            What the mean DVF had drifted by, shape (H, W, 2), pixels; written when it is another than that of the
            forecast before.
        targets
            Cells of each target that was asked for, by column, the same columns every time; they stand in the row of
            ``run``.
        masks
            Masks (H, W) of those of these that have come in, by their numbers, from 1.
        """
        own = self._target_cells(targets, masks or {})
        drifted = () if drift is None else (self._drift_file(drift),)
        place = f"predicted/{self._chunk_name()}", len(self._chunk)
        rows = [
            (
                issued,
                issued_s,
                time_s,
                r,
                *each.tolist(),
                *radius[r].tolist(),
                self._calibrations - 1,
                *drifted,
                *((*own.values(), *place) if r == run else (None,) * (len(own) + 2)),
            )
            for r, each in enumerate(weights)
        ]
        content, columns = rows_content(rows), (weights.shape[1], drift is not None, tuple(own))
        self._writing.write(lambda: self._table(*columns).add(content), len(rows), len(content))
        self._chunk.append(frame)
        if len(self._chunk) == CHUNK:
            self._write_chunk()

    def close(self, summary: dict[str, Any]) -> None:
        """Write the predicted frames that are left, and the summary; nothing after `discard`."""
        if self._discarded:
            return
        if self._chunk:
            self._write_chunk()
        for masks in self._masks:
            masks.flush(self._picture)

        def write() -> None:
            content = json.dumps(summary | {"unwritten": self.unwritten}, indent=1)  # of all that was before
            with replacing(self.root / SUMMARY_FILE) as temporary:
                temporary.write_text(content, encoding="utf-8")

        self._writing.write(write, 1, 0)
        self._writing.close()
        for table in (self._frames, self._forecasts):
            if table is not None:
                table.close()

    def discard(self) -> None:
        """Take back what was written of a session that came to no forecast."""
        self._writing.close()
        self._frames.close()
        self._discarded = True
        with suppress(OSError):
            (self.root / "predicted").rmdir()
            for name in (FRAMES_FILE, art.SETTINGS_FILE):
                (self.root / name).unlink()
            if self._made_root:
                self.root.rmdir()

    def _target_folder(self, number: int) -> Path:
        return self.root / "targets" / f"target_{number}"

    def _mask_files(self, number: int) -> MaskFiles:
        return MaskFiles(self._target_folder(number), CHUNK, self._writing.write)

    def _target_cells(
        self, targets: Sequence[Mapping[str, Cell]], masks: Mapping[int, NDArray[np.bool_]]
    ) -> dict[str, Cell]:
        """Return the cells of all targets by their columns, and collect their masks."""
        cells: dict[str, Cell] = {}
        for number, own in enumerate(targets, 1):
            mask = masks.get(number)
            file = (None, None) if mask is None else self._masks[number - 1].add(mask, self._picture)
            named = {**own, "file": file[0], "index": file[1]}
            cells |= {f"target_{number}_{name}": cell for name, cell in named.items()}
        return cells

    def _table(self, modes: int, drifts: bool, targets: Sequence[str]) -> GrowingTable:
        if self._forecasts is None:
            weights = [f"weight_{k + 1}" for k in range(modes)]
            radii = [f"radius_{k + 1}" for k in range(modes)]
            drift = ("drift",) if drifts else ()
            columns = ("issued_at", "issued_s", "time_s", "run", *weights, *radii, "calibration", *drift)
            self._forecasts = GrowingTable(self.root / FORECASTS_FILE, (*columns, *targets, "file", "index"))
        return self._forecasts

    def _drift_file(self, drift: NDArray[np.float32]) -> str:
        """Return the file of a drift, which is written if it is a new one."""
        new = drift is not self._drift
        self._drift, self._drifts = drift, self._drifts + new
        name = f"calibration_{self._calibrations - 1:03d}/drift_{self._drifts - 1:05d}.npy"
        if new:
            self._writing.write(lambda: save_array(self.root / name, drift), 1, _size(drift))
        return name

    def _chunk_name(self) -> str:
        return f"predicted_{self._written:06d}.nii"

    def _write_chunk(self) -> None:
        frames, picture = np.stack(self._chunk), self._picture
        target = self.root / "predicted" / self._chunk_name()

        def write() -> None:
            with replacing(target) as temporary:
                write_nifti(temporary, art.viewable(frames), **picture)

        self._writing.write(write, len(frames), _size(frames))
        self._written += 1
        self._chunk = []


def _size(*arrays: NDArray[Any]) -> int:
    return sum(each.nbytes for each in arrays)
