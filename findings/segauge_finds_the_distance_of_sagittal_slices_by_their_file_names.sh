#!/bin/sh
# segauge 0.1.0 with rt-utils 1.2.7, load_rtstruct and surface_metrics: a structure on 12 MR slices, 5 mm apart, whose
# files are named in the order of acquisition: each second slice first, then those between (interleaved).
#
# Expected: it reads the distance of slices "from the actual ImagePositionPatient differences", so 5 mm for each
# orientation and any names.
# Seen: right for axial slices. For sagittal and coronal ones it is 10 mm: slices are put in order by their height z,
# which is alike there, so that they stay in the order of the file names. All distances across the slices are doubled: a
# contour that ends one slice, 5 mm, too early gets a Hausdorff distance of 10 mm. The mask itself is in order.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder"
"$folder/bin/python" -m pip install --quiet --disable-pip-version-check segauge==0.1.0 rt-utils==1.2.7 pydicom==3.0.2 \
	trimesh==5.2.0 scikit-image==0.26.0 numpy==2.4.6 scipy==1.17.1 networkx==3.6.1
cd "$folder"
"$folder/bin/python" -W ignore - <<'END'
from pathlib import Path

import numpy as np
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import ExplicitVRLittleEndian, MRImageStorage, generate_uid
from rt_utils import RTStructBuilder
from segauge import load_rtstruct, surface_metrics

COUNT, DISTANCE, SIDE, PIXEL = 12, 5.0, 48, 2.0
ORDER = [*range(0, COUNT, 2), *range(1, COUNT, 2)]  # interleaved
PLANES = {"axial": [1, 0, 0, 0, 1, 0], "coronal": [1, 0, 0, 0, 0, -1], "sagittal": [0, 1, 0, 0, 0, -1]}


def write(folder, cosines):
    normal = np.cross(cosines[:3], cosines[3:])
    study, series, frame = generate_uid(), generate_uid(), generate_uid()
    for place, number in enumerate(ORDER):
        made = Dataset()
        made.file_meta = FileMetaDataset()
        made.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
        made.file_meta.MediaStorageSOPClassUID = made.SOPClassUID = MRImageStorage
        made.file_meta.MediaStorageSOPInstanceUID = made.SOPInstanceUID = generate_uid()
        made.StudyInstanceUID, made.SeriesInstanceUID, made.FrameOfReferenceUID = study, series, frame
        made.PatientName, made.PatientID, made.Modality, made.StudyID = "phantom", "1", "MR", "1"
        made.PatientBirthDate, made.PatientSex, made.StudyDate, made.StudyTime = "", "O", "20260101", "120000"
        made.SeriesNumber, made.InstanceNumber = 1, place + 1
        made.ImagePositionPatient = (np.array([-20.0, -30, 40]) + DISTANCE * number * normal).tolist()
        made.ImageOrientationPatient, made.PixelSpacing = cosines, [PIXEL, PIXEL]
        made.SliceThickness = made.SpacingBetweenSlices = DISTANCE
        made.Rows, made.Columns, made.SamplesPerPixel, made.PhotometricInterpretation = SIDE, SIDE, 1, "MONOCHROME2"
        made.BitsAllocated, made.BitsStored, made.HighBit, made.PixelRepresentation = 16, 16, 15, 0
        made.PixelData = np.zeros((SIDE, SIDE), np.uint16).tobytes()
        made.save_as(folder / f"{place + 1:04d}.dcm", enforce_file_format=True)


found = {}
for plane, cosines in PLANES.items():
    folder = Path(plane)
    folder.mkdir()
    write(folder, cosines)
    drawn = np.zeros((SIDE, SIDE, COUNT), bool)
    drawn[15:33, 12:30, 3:9] = True
    structures = RTStructBuilder.create_new(dicom_series_path=plane)
    structures.add_roi(mask=drawn, name="target")
    structures.save(f"{plane}.rtstruct.dcm")
    mask, spacing = load_rtstruct(plane, f"{plane}.rtstruct.dcm", "target")
    shorter = mask.copy()
    shorter[..., np.flatnonzero(mask.any((0, 1)))[-1]] = False
    assert np.array_equal(np.flatnonzero(mask.any((0, 1))), np.arange(3, 9)), "the mask is in order"
    far = surface_metrics(shorter, mask, spacing)["hd"]
    found[plane] = spacing[2]
    print(f"{plane}: slices {spacing[2]:.1f} mm apart; without its last slice the target is {far:.1f} mm off")
    assert abs(far - spacing[2]) < 0.5
assert found == {"axial": 5.0, "coronal": 10.0, "sagittal": 10.0}, "slices are put in order along their normal now"
END
