#!/bin/sh
# auto-lattice-planner 0.1.2 (places spheres of high dose in a tumour), compute_volumes, on a CT with pixels of 1 mm and
# slices of 3 mm. An organ at risk of 10 x 10 mm and 4 slices lies inside the target. The margin around it is 10 mm, one
# of the two that its window offers.
#
# Expected: the region that spheres must avoid reaches 10 mm beyond the organ along each axis.
# Seen: 2 to 3 mm to right and left, 10 mm to front and back, 30 mm to head and feet. The spacing is in the order of
# ITK, x, y, z, and the mask in that of arrays, z, y, x. The distance maps of the same function turn it round. What is
# left of the target is 3 mm beside the organ. With slices as thick as pixels are wide all is right.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder"
"$folder/bin/python" -m pip install --quiet --disable-pip-version-check --no-deps auto-lattice-planner==0.1.2
"$folder/bin/python" -m pip install --quiet --disable-pip-version-check gatetools==0.12.9 itk==5.4.7 rt-utils==1.2.7 \
	pydicom==3.0.2 alive-progress==3.3.0 numpy==2.4.6 scipy==1.17.1 matplotlib==3.11.2 click==8.5.1
cd "$folder"
"$folder/bin/python" -W ignore - >talk.txt <<'END'
import os
import sys
from pathlib import Path

import itk
import numpy as np
from auto_lattice_planner.lattice_planner_helper import LatticeData, compute_volumes
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import CTImageStorage, ExplicitVRLittleEndian, generate_uid
from rt_utils import RTStructBuilder

COUNT, SIDE, PIXEL, MARGIN = 40, 96, 1.0, 10.0


def write(distance):
    study, series, frame = generate_uid(), generate_uid(), generate_uid()
    for number in range(COUNT):
        made = Dataset()
        made.file_meta = FileMetaDataset()
        made.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
        made.file_meta.MediaStorageSOPClassUID = made.SOPClassUID = CTImageStorage
        made.file_meta.MediaStorageSOPInstanceUID = made.SOPInstanceUID = generate_uid()
        made.StudyInstanceUID, made.SeriesInstanceUID, made.FrameOfReferenceUID = study, series, frame
        made.PatientName, made.PatientID, made.Modality, made.StudyID = "phantom", "1", "CT", "1"
        made.PatientBirthDate, made.PatientSex, made.StudyDate, made.StudyTime = "", "O", "20260101", "120000"
        made.SeriesNumber, made.InstanceNumber, made.SliceThickness = 1, number + 1, distance
        made.ImagePositionPatient, made.PixelSpacing = [-48.0, -48.0, -60 + distance * number], [PIXEL, PIXEL]
        made.ImageOrientationPatient = [1, 0, 0, 0, 1, 0]
        made.Rows, made.Columns, made.SamplesPerPixel, made.PhotometricInterpretation = SIDE, SIDE, 1, "MONOCHROME2"
        made.BitsAllocated, made.BitsStored, made.HighBit, made.PixelRepresentation = 16, 16, 15, 1
        made.RescaleSlope, made.RescaleIntercept = 1, 0
        made.PixelData = np.zeros((SIDE, SIDE), np.int16).tobytes()
        made.save_as(Path("ct") / f"{number:03d}.dcm", enforce_file_format=True)


def reach(mask):
    """First and last index along x, y and z."""
    found = np.argwhere(mask)[:, ::-1]
    return np.array([found.min(axis=0), found.max(axis=0)])


for distance, seen in ((1.0, [10, 10, 10]), (3.0, [3, 10, 30])):
    Path(f"slices of {distance} mm", "ct").mkdir(parents=True)
    os.chdir(f"slices of {distance} mm")
    write(distance)
    target, organ = np.zeros((SIDE, SIDE, COUNT), bool), np.zeros((SIDE, SIDE, COUNT), bool)
    target[8:88, 8:88, 2:38], organ[43:53, 43:53, 18:22] = True, True
    structures = RTStructBuilder.create_new(dicom_series_path="ct")
    structures.add_roi(mask=target, name="target")
    structures.add_roi(mask=organ, name="organ")
    structures.save("structures.dcm")
    compute_volumes(LatticeData("ct", "structures.dcm", False, "Normal (Duriseti)", 1.0, ["target"], None,
                                [("organ", MARGIN)], "."))
    avoided = itk.imread("OARs_combined.mhd")
    beyond = np.abs(reach(itk.GetArrayFromImage(avoided) > 0) - reach(organ.transpose(2, 0, 1)))
    millimetres = beyond * np.array(avoided.GetSpacing())
    print(f"slices of {distance} mm, margin of {MARGIN:.0f} mm: kept before and after the organ along x, y and z: "
          f"{millimetres.tolist()} mm", file=sys.stderr)
    # Contours end up to a pixel further in or out, on one side or the other.
    assert np.all(np.abs(millimetres.mean(axis=0) - seen) <= np.array(avoided.GetSpacing())), "margins are in mm now"
    os.chdir("..")
END
