#!/bin/sh
# panimg 0.18.2, convert, on a 4D CT of 4 phases, 3 slices and pixels 3 mm wide and 2 mm high (PixelSpacing 2\3: rows
# lie 2 mm apart, columns 3 mm), with 100 for each phase as pixel value; once with the slices of a phase numbered from
# the feet up, once from the head down.
#
# Expected: either way the same 4D image, with the times of the phases (ContentTimes) in the order of the phases.
# Seen: the image is the same, and its slices are in place. But from the head down, ContentTimes begins with the time of
# the last phase: the list is turned round with the slices, the phases are not. Nothing else in the file says when a
# phase was, and the number of times is right. In both files a pixel is 2 mm wide and 3 mm high, so that motion along a
# row is too small by a third.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder"
"$folder/bin/python" -m pip install --quiet --disable-pip-version-check \
	panimg==0.18.2 pydicom==3.0.2 SimpleITK==2.5.7 numpy==2.4.6
cd "$folder"
"$folder/bin/python" - <<'END'
from pathlib import Path

import numpy as np
import SimpleITK as sitk
from panimg import convert
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import CTImageStorage, ExplicitVRLittleEndian, generate_uid

PHASES, HEIGHTS = 4, (10.0, 13.0, 16.0)


def write(folder, heights):
    study, series = generate_uid(), generate_uid()
    for number in range(PHASES * len(heights)):
        phase, height = number // len(heights), heights[number % len(heights)]
        made = Dataset()
        made.file_meta = FileMetaDataset()
        made.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
        made.file_meta.MediaStorageSOPClassUID = CTImageStorage
        made.SOPClassUID, made.SOPInstanceUID, made.StudyInstanceUID = CTImageStorage, generate_uid(), study
        made.SeriesInstanceUID, made.Modality, made.InstanceNumber = series, "CT", number + 1
        made.file_meta.MediaStorageSOPInstanceUID = made.SOPInstanceUID
        made.PatientName, made.PatientID, made.StudyDate, made.StudyTime = "phantom", "1", "20260101", "120000"
        made.ContentDate, made.ContentTime, made.Exposure = "20260101", f"1200{phase:02d}", 10
        made.TemporalPositionIndex = phase + 1
        made.ImagePositionPatient, made.ImageOrientationPatient = [0.0, 0.0, height], [1, 0, 0, 0, 1, 0]
        made.PixelSpacing, made.SliceThickness = [2.0, 3.0], 3.0
        made.Rows, made.Columns, made.SamplesPerPixel, made.PhotometricInterpretation = 6, 8, 1, "MONOCHROME2"
        made.BitsAllocated, made.BitsStored, made.HighBit, made.PixelRepresentation = 16, 16, 15, 0
        made.PixelData = np.full((6, 8), 100 * phase + height, np.uint16).tobytes()
        made.save_as(folder / f"{number:02d}.dcm", enforce_file_format=True)


found = {}
for name, heights in (("feet up", HEIGHTS), ("head down", HEIGHTS[::-1])):
    source, target = Path(name), Path(f"{name} converted")
    source.mkdir()
    target.mkdir()
    write(source, heights)
    convert(input_directory=source, output_directory=target)
    (file,) = target.rglob("*.mha")
    image = sitk.ReadImage(str(file))
    found[name] = sitk.GetArrayFromImage(image), image.GetMetaData("ContentTimes").split(), image.GetSpacing()
    print(f"{name}: phases {found[name][0][:, 0, 0, 0] // 100}, times {found[name][1]}, spacing {found[name][2]}")
truth = 100 * np.arange(PHASES)[:, None, None, None] + np.array(HEIGHTS)[:, None, None]
for image, _, spacing in found.values():
    assert np.array_equal(image, np.broadcast_to(truth, image.shape))
    assert spacing[:2] == (2, 3), "width and height of pixels are right now"
times = [f"1200{phase:02d}" for phase in range(PHASES)]
assert found["feet up"][1] == times
assert found["head down"][1] == times[::-1], "the times are those of the phases now"
END
