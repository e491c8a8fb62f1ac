#!/bin/sh
# spydcmtk 1.2.29 (DICOM series as numpy and VTK), DicomSeries.getPixelDataAsNumpy and buildVTIDict: a real-time cine
# of 12 MR images at one place, a frame every 250 ms by AcquisitionTime; and a triggered one of a heart that beats
# once a second, a frame every 50 ms by TriggerTime, as prospective gating takes them from the first 60 % of the beat.
#
# Expected: the frames have the times of their images, "keys: TriggerTime", or a refusal where there is none.
# Seen: neither time is read. The triggered frames lie 83 ms apart: the beat, divided by the number of frames. Where
# no heart rate is noted, each frame lasts one second, without a word: the real-time cine goes on for 11 s instead of
# 2.75, and speeds in mm/s come out a quarter as large. A pause of 2 s in it is lost.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder"
"$folder/bin/python" -m pip install --quiet --disable-pip-version-check \
	spydcmtk==1.2.29 ngawari==0.1.21 vtk==9.7.2 pydicom==3.0.2 numpy==2.4.6
cd "$folder"
MPLBACKEND=Agg "$folder/bin/python" -W ignore - <<'END'
from pathlib import Path

import numpy as np
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import ExplicitVRLittleEndian, MRImageStorage, generate_uid
from spydcmtk import dcmTK

COUNT = 12


def write(folder, times, triggered):
    """A sagittal cine of which the frames were taken at these times, in s."""
    folder.mkdir()
    series, study = generate_uid(), generate_uid()
    for number, time in enumerate(times):
        meta = FileMetaDataset()
        meta.MediaStorageSOPClassUID, meta.MediaStorageSOPInstanceUID = MRImageStorage, generate_uid()
        meta.TransferSyntaxUID = ExplicitVRLittleEndian
        image = Dataset()
        image.file_meta = meta
        image.SOPClassUID, image.SOPInstanceUID = MRImageStorage, meta.MediaStorageSOPInstanceUID
        image.SeriesInstanceUID, image.StudyInstanceUID, image.PatientID, image.StudyID = series, study, "1", "1"
        image.Modality, image.Manufacturer, image.SeriesNumber = "MR", "SIEMENS", 1
        image.InstanceNumber, image.AcquisitionDate = number + 1, "20260101"
        image.AcquisitionTime = f"1000{10 + (0 if triggered else time):09.6f}"
        if triggered:
            image.NominalInterval, image.CardiacNumberOfImages, image.TriggerTime = 1000, COUNT, 1000 * time
        image.ImagePositionPatient, image.ImageOrientationPatient = [10, -100, 80], [0, 1, 0, 0, 0, -1]
        image.PixelSpacing, image.SliceThickness, image.SliceLocation = [2, 2], 7, 10
        image.Rows, image.Columns, image.SamplesPerPixel, image.PhotometricInterpretation = 16, 24, 1, "MONOCHROME2"
        image.BitsAllocated, image.BitsStored, image.HighBit, image.PixelRepresentation = 16, 16, 15, 0
        image.PixelData = np.full((16, 24), number, "<u2").tobytes()
        image.save_as(folder / f"{number:03d}.dcm", enforce_file_format=True)
    return str(folder)


late = 0.25 * np.arange(COUNT) + np.where(np.arange(COUNT) > 2, 2.0, 0.0)
for name, times, triggered, step in (
    ("real-time", 0.25 * np.arange(COUNT), False, 1.0),
    ("real-time, paused", late, False, 1.0),
    ("triggered", 0.05 * np.arange(COUNT), True, 1 / COUNT),
):
    series = dcmTK.DicomSeries.setFromDirectory(write(Path(name), times, triggered), HIDE_PROGRESSBAR=True)
    frames, meta = series.getPixelDataAsNumpy()
    assert np.array_equal(frames[0, 0, 0], np.arange(COUNT)), "the frames are in their order"
    keys = sorted(series.buildVTIDict())
    print(f"{name}: taken at {np.round(times[:4], 2)} ... {times[-1]:.2f} s, read as", end=" ")
    print(f"{np.round(meta.Times[:4], 2)} ... {meta.Times[-1]:.2f} s")
    assert np.allclose(keys, meta.Times)
    assert np.allclose(meta.Times, step * np.arange(COUNT)), "the times are those of the images now"
END
