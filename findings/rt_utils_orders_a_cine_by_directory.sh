#!/usr/bin/env bash
# rt-utils 1.2.7 on a cine: eight MR images of one plane, with instance numbers and acquisition times.
# Guessed: the third axis of its masks follows instance number or time where all positions are equal. Seen: it follows the
# order in which the directory lists the files, which differs between file systems and copies of one folder; a mask given
# for frame t is written as the contour of another image, and no word is said.
# Exits 0 while this is so, 1 when it has changed.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet rt-utils==1.2.7 pydicom==3.0.1 numpy==2.2.6 opencv-python-headless==4.11.0.86
cd "$folder"
"$folder/venv/bin/python" -W ignore - <<'PYTHON'
import os
import sys
from pathlib import Path

import numpy as np
import pydicom
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import ExplicitVRLittleEndian, MRImageStorage, generate_uid
from rt_utils import RTStructBuilder

COUNT, STUDY, SERIES, SPACE = 8, generate_uid(), generate_uid(), generate_uid()


def make(folder, seed):
    """Write frames into files of random names, in random order; return their instance UIDs in time."""
    Path(folder).mkdir()
    rng, uids = np.random.default_rng(seed), [generate_uid() for _ in range(COUNT)]
    for t in rng.permutation(COUNT).tolist():
        dataset = Dataset()
        dataset.file_meta = FileMetaDataset()
        dataset.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
        dataset.SOPClassUID = dataset.file_meta.MediaStorageSOPClassUID = MRImageStorage
        dataset.SOPInstanceUID = dataset.file_meta.MediaStorageSOPInstanceUID = uids[t]
        dataset.StudyInstanceUID, dataset.SeriesInstanceUID, dataset.FrameOfReferenceUID = STUDY, SERIES, SPACE
        dataset.Modality, dataset.InstanceNumber = "MR", t + 1
        dataset.AcquisitionTime, dataset.StudyDate, dataset.StudyTime = f"1000{t:02d}.000000", "20240101", "100000"
        dataset.StudyID, dataset.PatientName, dataset.PatientID = "1", "Phantom", "1"
        dataset.PatientBirthDate = dataset.PatientSex = dataset.PatientAge = ""
        dataset.PixelSpacing, dataset.SliceThickness, dataset.SliceLocation = [2.0, 2.0], 4.0, 0.0
        dataset.ImagePositionPatient, dataset.ImageOrientationPatient = [-92.0, -112.0, 134.0], [0, 1, 0, 0, 0, -1]
        dataset.Rows, dataset.Columns, dataset.SamplesPerPixel = 24, 30, 1
        dataset.PhotometricInterpretation, dataset.PixelRepresentation = "MONOCHROME2", 0
        dataset.BitsAllocated, dataset.BitsStored, dataset.HighBit = 16, 16, 15
        dataset.PixelData = rng.integers(1, 900, (24, 30)).astype(np.uint16).tobytes()
        dataset.save_as(f"{folder}/{rng.integers(10**9)}.dcm", enforce_file_format=True)
    return uids


same = True
for seed in range(3):
    folder = f"cine{seed}"
    uids = make(folder, seed)
    listed = [int(pydicom.dcmread(f"{folder}/{name}").InstanceNumber) - 1 for name in os.listdir(folder)]
    structures = RTStructBuilder.create_new(dicom_series_path=folder)
    mask = np.zeros((24, 30, COUNT), dtype=bool)
    mask[5:12, 8:13, 2] = True
    structures.add_roi(mask=mask, name="GTV")
    (contour,) = structures.ds.ROIContourSequence[0].ContourSequence
    named = uids.index(contour.ContourImageSequence[0].ReferencedSOPInstanceUID)
    print(f"directory lists frames {listed}; mask for frame 2 is the contour of frame {named}")
    same &= named == listed[2]
print("as found" if same else "changed")
sys.exit(0 if same else 1)
PYTHON
