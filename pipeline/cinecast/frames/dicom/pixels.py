"""Grey values of DICOM frames: decoded, MONOCHROME1 turned round, rescaled."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from collections.abc import Sequence as SequenceOf
from itertools import groupby
from pathlib import Path
from typing import Any

import numpy as np
import pydicom
from numpy.typing import NDArray
from pydicom.dataset import FileDataset
from pydicom.pixels.decoders.base import get_decoder
from pydicom.tag import Tag
from pydicom.uid import UID, DeflatedExplicitVRLittleEndian, ImplicitVRLittleEndian

from cinecast.errors import ReadError
from cinecast.frames.detect import read_head
from cinecast.frames.dicom.claims import MEMORY_LIMIT_BYTES, check_memory, claimed_bytes
from cinecast.frames.dicom.deflated import HEADER_BYTES, inflated, is_deflated
from cinecast.frames.dicom.header import UNREADABLE, FrameHeader, quiet
from cinecast.frames.source import native
from cinecast.frames.spool import MEMORY, Spool, parts

_LOG = logging.getLogger(__name__)
_ELEMENTS = (
    *("SamplesPerPixel", "PhotometricInterpretation", "NumberOfFrames", "Rows", "Columns", "PlanarConfiguration"),
    *("BitsAllocated", "BitsStored", "HighBit", "PixelRepresentation", "PixelData", "FloatPixelData"),
    *("DoubleFloatPixelData", "ExtendedOffsetTable", "ExtendedOffsetTableLengths"),
)
_TAGS = [Tag(element) for element in _ELEMENTS]


def read_pixels(
    headers: SequenceOf[FrameHeader], memory_limit: int = MEMORY_LIMIT_BYTES, spool: Spool = MEMORY
) -> NDArray[Any]:
    """Return the grey values of the frames in the order given, shape (T, H, W).

    The integer type is kept unless a frame is rescaled by more than the identity; then all are float32.

    Parameters
    ----------
    headers
        One or more frames of one size.
    memory_limit
        Bytes that all grey values, and those of one file, may take.
    spool
        Where they go.

    Returns
    -------
    NDArray[Any]
        In the type of the files, or float32.

    Raises
    ------
    ReadError
        If a file is cut short, or compressed in a way that cannot be decoded here, or there is too much for memory.
    """
    # One byte a pixel is the least: whether it is more is checked with each file.
    first = headers[0].path
    least = sum(header.rows * header.columns for header in headers)
    check_memory(least, first.name if len(headers) == 1 else first.parent.name, memory_limit)
    runs: list[NDArray[Any]] = []
    alike = groupby(_frames(headers, memory_limit), key=lambda frame: (frame.dtype, frame.shape))
    for (kind, shape), frames in alike:
        left = len(headers) - sum(map(len, runs))
        runs.append(spool.frames((frame[np.newaxis] for frame in frames), (left, *shape), kind))
    if len(runs) == 1:
        return runs[0]
    common = np.result_type(*(run.dtype for run in runs))
    return spool.frames((part for run in runs for part in parts(run)), (len(headers), *runs[0].shape[1:]), common)


def _frames(headers: SequenceOf[FrameHeader], memory_limit: int) -> Iterator[NDArray[Any]]:
    multi_frame: dict[Path, NDArray[Any]] = {}
    told = False  # one remark is enough for all files of a series
    for header in headers:
        frame = _raw_frame(header, memory_limit)
        if frame is None:
            stored = multi_frame.get(header.path)
            if stored is None:
                stored, remark = _stored_values(header.path, memory_limit)
                if remark and not told:
                    _LOG.warning("%s", remark)
                    told = True
                if len(stored) > 1:
                    multi_frame[header.path] = stored
            frame = stored[header.index]
        yield _rescaled(frame, header)


def _raw_frame(header: FrameHeader, memory_limit: int) -> NDArray[Any] | None:
    """Return the grey values of a frame that lie as plain numbers in its file; None where it has to be parsed."""
    raw = header.raw
    if raw is None:
        return None
    check_memory(raw.claimed, header.path.name, memory_limit)
    try:
        values = raw.frame(header.path, header.index, (header.rows, header.columns))
    except OSError:  # said where it is parsed
        return None
    if values is None or not raw.inverted:
        return values
    return _inverted(values, raw.bits_stored)


def _stored_values(path: Path, memory_limit: int) -> tuple[NDArray[Any], str]:
    """Return the grey values of all frames of a file, and what is to be said of them, if anything."""
    try:
        with quiet():
            dataset = _whole_file(path, memory_limit)
            _check_decoder(dataset, path)
            check_memory(claimed_bytes(dataset), path.name, memory_limit)
            pixels = native(dataset.pixel_array)
    except (*UNREADABLE, RuntimeError) as error:
        raise ReadError(
            f"the pixels of {path.name} cannot be read: the file is cut short or damaged; copy or export it again, "
            "or remove it"
        ) from error
    bits_stored = int(dataset.get("BitsStored") or 0)
    pixels, remark = _without_spare_bits(pixels, bits_stored, path.name)
    if dataset.PhotometricInterpretation == "MONOCHROME1":
        pixels = _inverted(pixels, bits_stored)
    return pixels if pixels.ndim == 3 else pixels[np.newaxis], remark


def _without_spare_bits(pixels: NDArray[Any], bits_stored: int, name: str) -> tuple[NDArray[Any], str]:
    """Return grey values without bits above those stored, which pydicom leaves in those of JPEG 2000; and a remark."""
    if pixels.dtype.kind != "u" or not 0 < bits_stored < 8 * pixels.dtype.itemsize:
        return pixels, ""
    largest = int(pixels.max())
    if largest < 1 << bits_stored:
        return pixels, ""
    remark = (
        f"the grey values of {name} must fit into the {bits_stored} bits that it says are stored, got {largest}: bits "
        "above, such as an overlay's, are left out; if they are of grey values, decompress the files and correct their "
        "BitsStored"
    )
    return pixels & np.array((1 << bits_stored) - 1, dtype=pixels.dtype), remark


def _whole_file(path: Path, memory_limit: int) -> FileDataset:
    if not is_deflated(read_head(path)):
        return pydicom.dcmread(path, specific_tags=list(_TAGS), force=True)
    source, _ = inflated(path, HEADER_BYTES)
    header = pydicom.dcmread(source, stop_before_pixels=True, specific_tags=list(_TAGS), force=True)
    claimed = claimed_bytes(header)
    check_memory(claimed, path.name, memory_limit)
    source, whole = inflated(path, claimed + HEADER_BYTES)
    if not whole:
        raise EOFError("more than it says")
    return pydicom.dcmread(source, specific_tags=list(_TAGS), force=True)


def _check_decoder(dataset: Any, path: Path) -> None:
    syntax = UID(dataset.file_meta.get("TransferSyntaxUID") or "")
    if not syntax:
        # Files without preamble are in the default syntax.
        dataset.file_meta.TransferSyntaxUID = ImplicitVRLittleEndian
        return
    if not syntax.is_compressed or syntax == DeflatedExplicitVRLittleEndian:
        return
    try:
        available = get_decoder(syntax).is_available
    except NotImplementedError:
        available = False
    if not available:
        raise ReadError(
            f"the pixels of {path.name} are compressed as {syntax.name}, for which no decoder is installed; decompress "
            "the files (for example with `gdcmconv --raw`) or install pylibjpeg with its plugins"
        )


def _inverted(pixels: NDArray[Any], bits_stored: int) -> NDArray[Any]:
    # Lowest value shown white: mirror within the stored range, the same for all files of a series.
    if pixels.dtype.kind == "f":
        mirrored = np.negative(pixels)
    elif pixels.dtype.kind == "i":
        mirrored = np.invert(pixels)
    else:
        mirrored = np.array((1 << bits_stored) - 1, dtype=pixels.dtype) - pixels
    return np.asarray(mirrored)


def _rescaled(pixels: NDArray[Any], header: FrameHeader) -> NDArray[Any]:
    if (header.slope, header.intercept) == (1.0, 0.0):
        return pixels
    return pixels.astype(np.float32) * np.float32(header.slope) + np.float32(header.intercept)
