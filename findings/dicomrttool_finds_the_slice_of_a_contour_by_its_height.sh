#!/bin/sh
# DicomRTTool 6.2.0, DicomReaderWriter, on six slices 4 mm apart and a structure set with the same contour on two or
# three slices in the middle. The slices are axial or sagittal.
#
# Expected: each contour is filled on the slice that it lies on and refers to, as the DICOM standard allows any
# orientation. The two masks are the same but for their place.
# Seen: right on axial slices. On others, too, the slice is looked for by the third coordinate of the patient, that of
# height, and all sagittal slices have the same. Every contour comes to lie on the first slice of the array, and
# contours that overlap cancel each other as rings do. Two leave an empty mask; three leave a target 12 mm from where it
# is, of one slice. No word is said.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder"
"$folder/bin/python" -m pip install --quiet --disable-pip-version-check \
	dicomrttool==6.2.0 pydicom==3.0.2 SimpleITK==2.5.7 numpy==2.4.6
cd "$folder"
TQDM_DISABLE=1 "$folder/bin/python" -W ignore - <<'END'
import logging
import os

import numpy as np
from DicomRTTool.ReaderWriter import DicomReaderWriter
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.sequence import Sequence
from pydicom.uid import ExplicitVRLittleEndian, MRImageStorage, RTStructureSetStorage, generate_uid

logging.disable(logging.CRITICAL)


def made(storage, modality, **values):
    made = Dataset()
    made.file_meta = FileMetaDataset()
    made.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    made.SOPClassUID = made.file_meta.MediaStorageSOPClassUID = storage
    made.SOPInstanceUID = made.file_meta.MediaStorageSOPInstanceUID = generate_uid()
    made.PatientName, made.PatientID, made.Modality = "phantom", "1", modality
    for name, value in values.items():
        setattr(made, name, value)
    return made


def items(*entries):
    return Sequence([entry if isinstance(entry, Dataset) else made_item(entry) for entry in entries])


def made_item(values):
    item = Dataset()
    for name, value in values.items():
        setattr(item, name, value)
    return item


def masks(name, orientation, step, slices):
    study, frame, series = generate_uid(), generate_uid(), generate_uid()
    common = {"StudyInstanceUID": study, "FrameOfReferenceUID": frame}
    images, folder = [], f"{name}_{len(slices)}"
    os.mkdir(folder)
    for number in range(6):
        image = made(MRImageStorage, "MR", SeriesInstanceUID=series, InstanceNumber=number + 1, **common)
        image.ImagePositionPatient = [float(10 + number * each) for each in step]
        image.ImageOrientationPatient, image.PixelSpacing, image.SliceThickness = orientation, [2.0, 3.0], 4.0
        image.Rows, image.Columns, image.SamplesPerPixel, image.PhotometricInterpretation = 40, 50, 1, "MONOCHROME2"
        image.BitsAllocated, image.BitsStored, image.HighBit, image.PixelRepresentation = 16, 16, 15, 0
        image.PixelData = np.full((40, 50), number, dtype=np.uint16).tobytes()
        image.save_as(f"{folder}/{number}.dcm", enforce_file_format=True)
        images.append(image)
    references = [
        {"ReferencedSOPClassUID": MRImageStorage, "ReferencedSOPInstanceUID": image.SOPInstanceUID} for image in images
    ]
    contours = []
    for number in slices:
        start = np.array(images[number].ImagePositionPatient, dtype=float)
        along, down = np.array(orientation[:3]), np.array(orientation[3:])
        corners = [start + 3.0 * x * along + 2.0 * y * down for y, x in ((8, 10), (8, 30), (25, 30), (25, 10))]
        contours.append({
            "ContourImageSequence": items(references[number]), "ContourGeometricType": "CLOSED_PLANAR",
            "NumberOfContourPoints": 4, "ContourData": [float(v) for corner in corners for v in corner],
        })
    structures = made(RTStructureSetStorage, "RTSTRUCT", SeriesInstanceUID=generate_uid(), **common)
    structures.StructureSetLabel = "target"
    structures.StructureSetROISequence = items(
        {
            "ROINumber": 1, "ReferencedFrameOfReferenceUID": frame,
            "ROIName": "target", "ROIGenerationAlgorithm": "MANUAL",
        }
    )
    structures.ROIContourSequence = items({"ReferencedROINumber": 1, "ContourSequence": items(*contours)})
    structures.RTROIObservationsSequence = items(
        {"ObservationNumber": 1, "ReferencedROINumber": 1, "RTROIInterpretedType": "", "ROIInterpreter": ""}
    )
    referenced = {"SeriesInstanceUID": series, "ContourImageSequence": items(*references)}
    referenced = {"ReferencedSOPClassUID": "1.2.840.10008.3.1.2.3.1", "ReferencedSOPInstanceUID": study,
                  "RTReferencedSeriesSequence": items(referenced)}
    structures.ReferencedFrameOfReferenceSequence = items(
        {"FrameOfReferenceUID": frame, "RTReferencedStudySequence": items(referenced)}
    )
    structures.save_as(f"{folder}/structures.dcm", enforce_file_format=True)

    reader = DicomReaderWriter(description="test", arg_max=True, verbose=False)
    reader.walk_through_folders(folder)
    reader.set_contour_names_and_associations(contour_names=["target"])
    reader.set_index(0)
    reader.get_images_and_mask()
    return {int(image[0, 0]): int((mask > 0).sum()) for image, mask in zip(reader.ArrayDicom, reader.mask)}


found = {}
planes = (("axial", [1, 0, 0, 0, 1, 0], (0, 0, 4)), ("sagittal", [0, 1, 0, 0, 0, -1], (-4, 0, 0)))
for name, orientation, step in planes:
    for slices in ((2, 3), (2, 3, 4)):
        pixels = masks(name, orientation, step, slices)
        found[name, slices] = {number: count for number, count in sorted(pixels.items()) if count}
        print(f"{name}, contours on slices {slices}: pixels of the mask by slice {found[name, slices]}")
area = found["axial", (2, 3)][2]
assert found["axial", (2, 3)] == {2: area, 3: area} and found["axial", (2, 3, 4)] == {2: area, 3: area, 4: area}
assert found["sagittal", (2, 3)] == {}, "two contours on sagittal slices are kept now"
assert found["sagittal", (2, 3, 4)] == {0: area}, "contours on sagittal slices are on their slices now"
END
