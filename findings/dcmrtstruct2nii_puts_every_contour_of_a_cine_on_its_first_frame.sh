#!/usr/bin/env bash
# dcmrtstruct2nii 5 (with pydicom 2.4.4 and SimpleITK 2.4.1) on a cine: five MR images of one plane, all at one position,
# and an RTSTRUCT whose one contour names the fourth image by ReferencedSOPInstanceUID.
# Guessed: the mask is on the fourth image. Seen: it is on the first one, and so is the mask of a contour that names any
# other image; no word is said. The contour's mm are matched to slices, and the UID is not asked.
# Exits 0 while this is so, 1 when it has changed.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet dcmrtstruct2nii==5 pydicom==2.4.4 SimpleITK==2.4.1 'numpy<2'
cd "$folder"
"$folder/venv/bin/python" - <<'PYTHON'
import sys

import numpy as np
import SimpleITK
from dcmrtstruct2nii import dcmrtstruct2nii
from pathlib import Path
from pydicom.dataset import Dataset, FileDataset, FileMetaDataset
from pydicom.uid import ExplicitVRLittleEndian, MRImageStorage, RTStructureSetStorage, generate_uid

STUDY, SERIES, SPACE = generate_uid(), generate_uid(), generate_uid()


def item(**elements):
    made = Dataset()
    for keyword, value in elements.items():
        setattr(made, keyword, value)
    return made


def save(path, sop_class, **elements):
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID, meta.MediaStorageSOPInstanceUID = sop_class, generate_uid()
    meta.TransferSyntaxUID = ExplicitVRLittleEndian
    dataset = FileDataset(path, {}, file_meta=meta, preamble=b"\0" * 128)
    dataset.is_little_endian, dataset.is_implicit_VR = True, False
    dataset.SOPClassUID, dataset.SOPInstanceUID, dataset.StudyInstanceUID = sop_class, meta.MediaStorageSOPInstanceUID, STUDY
    for keyword, value in elements.items():
        setattr(dataset, keyword, value)
    dataset.save_as(path, write_like_original=False)
    return dataset.SOPInstanceUID


Path("cine").mkdir()
uids = []
for t in range(5):
    pixels = np.random.default_rng(t).integers(1, 900, (24, 30)).astype(np.uint16)
    uids.append(save(
        f"cine/{t}.dcm", MRImageStorage, Modality="MR", SeriesInstanceUID=SERIES, FrameOfReferenceUID=SPACE,
        InstanceNumber=t + 1, AcquisitionTime=f"1000{t:02d}.000000", PixelSpacing=[2.0, 2.0], SliceThickness=4.0,
        ImagePositionPatient=[-92.0, -112.0, 134.0], ImageOrientationPatient=[0, 1, 0, 0, 0, -1],
        Rows=24, Columns=30, SamplesPerPixel=1, PhotometricInterpretation="MONOCHROME2", BitsAllocated=16,
        BitsStored=16, HighBit=15, PixelRepresentation=0, PixelData=pixels.tobytes(),
    ))

corners = [(7.6, 4.5), (12.4, 4.5), (12.4, 9.5), (7.6, 9.5)]
points = [number for x, y in corners for number in (-92.0, -112.0 + 2 * x, 134.0 - 2 * y)]
found = []
for named in (0, 3):
    image = item(ReferencedSOPClassUID=MRImageStorage, ReferencedSOPInstanceUID=uids[named])
    contour = item(ContourImageSequence=[image], ContourGeometricType="CLOSED_PLANAR", NumberOfContourPoints=4,
                   ContourData=points)
    series = item(SeriesInstanceUID=SERIES)
    save(
        "rs.dcm", RTStructureSetStorage, Modality="RTSTRUCT", SeriesInstanceUID=generate_uid(),
        ReferencedFrameOfReferenceSequence=[item(
            FrameOfReferenceUID=SPACE, RTReferencedStudySequence=[item(RTReferencedSeriesSequence=[series])])],
        StructureSetROISequence=[item(ROINumber=1, ROIName="GTV", ReferencedFrameOfReferenceUID=SPACE)],
        ROIContourSequence=[item(ReferencedROINumber=1, ROIDisplayColor=[255, 0, 0], ContourSequence=[contour])],
    )
    dcmrtstruct2nii("rs.dcm", "cine", f"out{named}")
    mask = SimpleITK.GetArrayFromImage(SimpleITK.ReadImage(f"out{named}/mask_GTV.nii.gz"))
    found.append([int(count) for count in (mask > 0).sum(axis=(1, 2))])
    print(f"contour names image {named}; pixels of the mask on images 0 to 4: {found[-1]}")
same = found[0] == found[1] and found[1][3] == 0 and found[1][0] > 0
print("as found" if same else "changed")
sys.exit(0 if same else 1)
PYTHON
