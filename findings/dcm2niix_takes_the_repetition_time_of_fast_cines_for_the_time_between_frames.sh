#!/bin/sh
# dcm2niix 1.0.20260724 on cines of 40 MR images of one plane, with AcquisitionTime in each of them.
#
# Expected: the time step of the NIfTI file is that of the AcquisitionTimes. It says so by itself: where these and
# RepetitionTime do not agree, it warns of a "discrepancy", and takes the measured one.
# Seen: so it is for 0.25 s a frame and a RepetitionTime of 3.5 ms. But a difference below 0.05 s, small beside a volume
# of a brain, is taken for none. At 40 ms a frame, the file says 3.5 ms, with no such warning. At 125 ms, 80 of which
# are measured in, it says 80. Where Manufacturer is GE, times are not compared: 0.25 s becomes 3.5 ms.
# A horizon in s counted in such frames, a velocity and a breathing rate are wrong by that factor.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder"
"$folder/bin/python" -m pip install --quiet --disable-pip-version-check \
	dcm2niix==1.0.20260724 nibabel==5.4.2 numpy==2.4.6 pydicom==3.0.2
cd "$folder"
"$folder/bin/python" -W ignore - <<'END'
import subprocess
from importlib.metadata import version
from pathlib import Path

import dcm2niix
import nibabel
import numpy as np
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import ExplicitVRLittleEndian, MRImageStorage, generate_uid

print("dcm2niix", version("dcm2niix"))


def cine(folder, maker, interval, repetition_time):
    study, series, plane = generate_uid(), generate_uid(), generate_uid()
    folder.mkdir()
    for t in range(40):
        image, seconds = Dataset(), 10 + t * interval
        image.file_meta = FileMetaDataset()
        image.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
        for keyword, value in {
            "SOPClassUID": MRImageStorage, "SOPInstanceUID": generate_uid(), "StudyInstanceUID": study,
            "SeriesInstanceUID": series, "FrameOfReferenceUID": plane, "Modality": "MR", "Manufacturer": maker,
            "SeriesNumber": 5, "InstanceNumber": t + 1, "AcquisitionNumber": t + 1,
            "AcquisitionDate": "20260101", "AcquisitionTime": f"1000{seconds:09.6f}",
            "RepetitionTime": repetition_time, "EchoTime": 1.5, "MRAcquisitionType": "2D",
            "ScanningSequence": "GR", "SequenceVariant": "SS", "PixelSpacing": [2, 2],
            "SliceThickness": 5, "ImagePositionPatient": [-40, 10, 30],
            "ImageOrientationPatient": [1, 0, 0, 0, 0, -1],
            "Rows": 48, "Columns": 40, "SamplesPerPixel": 1, "PhotometricInterpretation": "MONOCHROME2",
            "BitsAllocated": 16, "BitsStored": 16, "HighBit": 15, "PixelRepresentation": 0,
            "PixelData": np.full((48, 40), 100 + t, np.uint16).tobytes(),
        }.items():
            setattr(image, keyword, value)
        image.save_as(folder / f"{t:02d}.dcm", enforce_file_format=True)


found = {}
for maker, interval, repetition_time in (
    ("SIEMENS", 0.25, 3.5), ("SIEMENS", 0.04, 3.5), ("SIEMENS", 0.125, 80), ("GE MEDICAL SYSTEMS", 0.25, 3.5),
):
    folder = Path(f"{maker[:2]}{interval}_{repetition_time}")
    cine(folder, maker, interval, repetition_time)
    done = subprocess.run([dcm2niix.bin, "-f", "cine", folder], capture_output=True, text=True, check=True)
    image = nibabel.load(folder / "cine.nii")
    assert image.shape == (40, 48, 1, 40) and image.header.get_xyzt_units()[1] == "sec"
    step, warned = round(float(image.header.get_zooms()[3]), 4), "Discrepancy" in done.stdout
    found[maker, interval, repetition_time] = step, warned
    print(f"{maker}, {interval} s a frame, RepetitionTime {repetition_time} ms: {step} s a frame, warned: {warned}")
assert list(found.values()) == [(0.25, True), (0.0035, False), (0.08, False), (0.0035, False)], "times are compared now"
END
