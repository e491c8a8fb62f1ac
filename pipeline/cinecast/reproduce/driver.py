"""All cells of a reproduction on the workers, kept as they come; the same command again goes on."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from cinecast.errors import CinecastError
from cinecast.parsed_text import parse_json
from cinecast.single_thread import one_thread, thread_pools
from cinecast.store import RunFolder, Status
from cinecast.store.digests import fingerprint
from cinecast.tuning.grid import Grid
from cinecast.tuning.trial import Series
from cinecast_models import ForecastingError

if TYPE_CHECKING:
    from distributed import Client

# Raised when a cell gives other results for the same inputs and settings.
_VERSION = 4
_RESULT_FILE = "result.json"


class Subject(Protocol):
    """A sequence or a recording, with a run folder; light enough to send to a worker."""

    @property
    def name(self) -> str:
        """Its name."""
        ...

    @property
    def run(self) -> Path:
        """Its run folder."""
        ...

    def series(self, method: str, horizon: int) -> Series:
        """Return what settings are chosen on.

        Parameters
        ----------
        method
            Name of the method, which decides the train span.
        horizon
            Horizon in samples.

        Returns
        -------
        Series
            Samples of shape (validation end, K), with train end and horizon; nothing of the test span is in them.
        """
        ...

    def grid(self, method: str, horizon: int) -> Grid:
        """Return the papers' grid of a method.

        Parameters
        ----------
        method
            Name of the method.
        horizon
            Horizon in samples; histories that leave no pair in the train span are left out.

        Returns
        -------
        The grid, not thinned.
        """
        ...


class ReproductionCell(Protocol):
    """A piece of work: one method at one horizon of one subject."""

    @property
    def subject(self) -> Subject:
        """What it forecasts."""
        ...

    @property
    def method(self) -> str:
        """Name of the method."""
        ...

    @property
    def horizon(self) -> int:
        """Horizon in frames."""
        ...

    @property
    def horizon_s(self) -> float:
        """Horizon in s."""
        ...

    @property
    def key(self) -> str:
        """Folder of the result in the run."""
        ...

    def values(self) -> dict[str, Any]:
        """Return the settings of the result."""
        ...

    def inputs(self, store: RunFolder) -> dict[str, str]:
        """Return the digests of what is read."""
        ...

    def compute(self) -> dict[str, Any]:
        """Return the result."""
        ...


class CellResult(NamedTuple):
    """A cell with its result; ``reason`` says why there is none."""

    cell: Any
    result: dict[str, Any] | None
    reason: str = ""


def stores(subjects: Sequence[Subject], names: Mapping[str, str], stack: ExitStack) -> dict[str, RunFolder]:
    """Open the run folder of every subject; each stays locked until the stack is closed.

    Parameters
    ----------
    subjects
        Sequences or recordings.
    names
        Name that the folder of each subject carries, by the subject's own name.
    stack
        Closes the folders.

    Returns
    -------
    Open folder by name of the subject.
    """
    return {each.name: stack.enter_context(RunFolder(each.run, names[each.name])) for each in subjects}


def stale_cells(cells: Sequence[ReproductionCell], folders: Mapping[str, RunFolder]) -> list[ReproductionCell]:
    """Return the cells whose results are not up to date.

    Parameters
    ----------
    cells
        Cells of any subjects.
    folders
        Open folder by name of the subject.

    Returns
    -------
    Those that are missing, damaged, or made with other inputs or settings.
    """
    return [cell for cell in cells if not _fresh(cell, folders)]


def compute_cells(
    client: Client, cells: Sequence[ReproductionCell], folders: Mapping[str, RunFolder]
) -> Iterator[CellResult]:
    """Compute cells on the workers and keep each result as it comes; a cell that fails does so alone.

    Parameters
    ----------
    client
        The workers; they must be able to read the run folders.
    cells
        What to compute.
    folders
        Open folder by name of the subject.

    Yields
    ------
    Each cell as it ends, with its result or the reason why it has none.
    """
    from distributed import as_completed

    futures = {client.submit(_computed, cell, pure=False): cell for cell in cells}
    for future in as_completed(list(futures), loop=client.loop):
        cell = futures.pop(future)
        result, reason = future.result()
        if result is not None:
            folder = folders[cell.subject.name]
            with folder.commit(cell.key, _mark(cell, folders), cell.values()) as target:
                (target / _RESULT_FILE).write_text(json.dumps(result), encoding="utf-8")
        yield CellResult(cell, result, reason)


def read_results(cells: Sequence[ReproductionCell], folders: Mapping[str, RunFolder]) -> list[CellResult]:
    """Return the kept results of all cells that are up to date.

    Parameters
    ----------
    cells
        Cells of any subjects.
    folders
        Open folder by name of the subject.

    Returns
    -------
    In the order of the cells; one without an up-to-date result is left out.
    """
    found = []
    for cell in cells:
        folder = folders[cell.subject.name]
        if _fresh(cell, folders):
            found.append(CellResult(cell, parse_json(folder.path(cell.key, _RESULT_FILE).read_text(encoding="utf-8"))))
    return found


def _computed(cell: ReproductionCell) -> tuple[dict[str, Any] | None, str]:
    try:
        with one_thread(thread_pools()):
            return cell.compute(), ""
    except (CinecastError, ForecastingError) as error:
        return None, str(error)


def _fresh(cell: ReproductionCell, folders: Mapping[str, RunFolder]) -> bool:
    return folders[cell.subject.name].status(cell.key, _mark(cell, folders)) is Status.FRESH


def _mark(cell: ReproductionCell, folders: Mapping[str, RunFolder]) -> str:
    return fingerprint("reproduce", _VERSION, cell.values(), cell.inputs(folders[cell.subject.name]))
