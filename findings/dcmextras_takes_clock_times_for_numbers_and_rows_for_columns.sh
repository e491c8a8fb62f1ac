#!/bin/sh
# dcmextras 0.3.5, read_time_series and stack_from_mosaic_time_series, on two volumes of a Siemens mosaic series, taken
# 2 s apart, with pixels of 3 mm from row to row and 2 mm from column to column.
#
# Expected: the volumes (nt, nz, ny, nx) with their distances (dx, dy, dz, dt): 2, 3, 4 mm and 2 s, whenever the series
# was taken.
# Seen: AcquisitionTime, which DICOM writes as hours, minutes and seconds in one (100059.0 is a second before 10:01), is
# made a number and subtracted. Within a minute dt is 2. Across the turn of a minute it is 42, and across that of an
# hour 4042. Only the first two volumes are looked at: with 2 s between volumes one series in thirty has such a dt, with
# which rates of breathing are 21 times too low. And PixelSpacing has the distance of rows first: dx is 3 and dy is 2.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder"
"$folder/bin/python" -m pip install --quiet --disable-pip-version-check \
	dcmextras==0.3.5 pydicom==3.0.2 numpy==2.4.6
cd "$folder"
"$folder/bin/python" -W ignore - <<'END'
import numpy as np
import pydicom
from dcmextras.seriesio import read_time_series, stack_from_mosaic_time_series
from pydicom.dataset import Dataset, FileMetaDataset

ROWS, COLUMNS, SLICES = 12, 16, 4  # the mosaic has two tiles along each side


def write(name, time):
    volume = np.arange(SLICES * ROWS * COLUMNS, dtype=np.uint16).reshape(SLICES, ROWS, COLUMNS)
    mosaic = volume.reshape(2, 2, ROWS, COLUMNS).swapaxes(1, 2).reshape(2 * ROWS, 2 * COLUMNS)
    image = Dataset()
    image.file_meta = FileMetaDataset()
    image.file_meta.TransferSyntaxUID = pydicom.uid.ExplicitVRLittleEndian
    image.SOPClassUID, image.SOPInstanceUID = pydicom.uid.MRImageStorage, pydicom.uid.generate_uid()
    image.Rows, image.Columns, image.SamplesPerPixel = *mosaic.shape, 1
    image.PhotometricInterpretation, image.PixelRepresentation = "MONOCHROME2", 0
    image.BitsAllocated, image.BitsStored, image.HighBit = 16, 16, 15
    image.PixelSpacing, image.SpacingBetweenSlices = [3, 2], 4  # rows first, as the standard has it
    image.AcquisitionTime, image.PixelData = time, mosaic.tobytes()
    block = image.private_block(0x0019, "SIEMENS MR HEADER", create=True)
    block.add_new(0x0A, "US", SLICES)
    image.save_as(name, enforce_file_format=True)
    return volume


for times, said in (
    (("100010.500000", "100012.500000"), 2),
    (("100059.000000", "100101.000000"), 42),
    (("095959.000000", "100001.000000"), 4042),
):
    volumes = [write(f"{k}.dcm", time) for k, time in enumerate(times)]
    stacks, (dx, dy, dz, dt) = stack_from_mosaic_time_series(read_time_series("."))
    assert np.array_equal(stacks, volumes)
    print(f"taken at {times[0]} and {times[1]}, 2 s apart: dt {dt:g}; 2 mm along x and 3 along y: dx {dx:g}, dy {dy:g}")
    assert dt == said, "clock times are subtracted as times now"
    assert (dx, dy, dz) == (3, 2, 4), "dx is the distance of columns now"
END
