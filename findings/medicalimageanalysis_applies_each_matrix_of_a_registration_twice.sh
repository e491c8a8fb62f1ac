#!/bin/sh
# medicalimageanalysis 2.1.95, read_dicoms, on two CT series with one Gaussian spot each and a DICOM spatial
# registration object (rigid): the spot of the moving series is 12 mm beside that of the reference, and the matrix of
# its item moves it by 12 mm. A second object turns by 10 degrees about the axis from feet to head.
#
# Expected: DICOM (PS3.3, C.20.2.1.1): the matrix takes places of the moving frame of reference to those of the
# registered one. So the spots lie on one another: Rigid.get_display_matrix moves by 12 mm, or turns by 10 degrees.
# Seen: 24 mm and 20 degrees. Each matrix of the sequence is multiplied twice. The image is registered as far beside the
# reference as it was before, on the other side. No word is said, and the identity of the reference item stays right.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder"
"$folder/bin/python" -m pip install --quiet --disable-pip-version-check --no-compile medicalimageanalysis==2.1.95
cd "$folder"
"$folder/bin/python" -W ignore - <<'END'
from pathlib import Path

import medicalimageanalysis
import numpy as np
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import CTImageStorage, ExplicitVRLittleEndian, SpatialRegistrationStorage, generate_uid
from vtk.util.numpy_support import vtk_to_numpy

STUDY, COUNT, SIDE, PIXEL, SLICE = generate_uid(), 20, 64, 2.0, 3.0
CORNER = np.array([-64.0, -64, -30])


def begin(storage, frame, series, modality):
    made = Dataset()
    made.file_meta = FileMetaDataset()
    made.file_meta.TransferSyntaxUID, made.file_meta.MediaStorageSOPClassUID = ExplicitVRLittleEndian, storage
    made.SOPClassUID, made.SOPInstanceUID, made.Modality = storage, generate_uid(), modality
    made.StudyInstanceUID, made.SeriesInstanceUID, made.FrameOfReferenceUID = STUDY, series, frame
    made.PatientName, made.PatientID, made.StudyDate, made.StudyTime = "phantom", "1", "20260101", "120000"
    return made


def write_images(folder, name, centre):
    z, y, x = np.meshgrid(*(CORNER[::-1, None] + np.outer([SLICE, PIXEL, PIXEL], np.arange(SIDE))), indexing="ij")
    spot = 1000 * np.exp(-((x - centre) ** 2 + y**2 + z**2) / 200)
    frame, series, written = generate_uid(), generate_uid(), []
    for number in range(COUNT):
        made = begin(CTImageStorage, frame, series, "CT")
        made.ImagePositionPatient = [*CORNER[:2], CORNER[2] + SLICE * number]
        made.ImageOrientationPatient, made.InstanceNumber = [1, 0, 0, 0, 1, 0], number + 1
        made.PixelSpacing, made.SliceThickness = [PIXEL, PIXEL], SLICE
        made.Rows, made.Columns, made.SamplesPerPixel, made.PhotometricInterpretation = SIDE, SIDE, 1, "MONOCHROME2"
        made.BitsAllocated, made.BitsStored, made.HighBit, made.PixelRepresentation = 16, 16, 15, 1
        made.RescaleSlope, made.RescaleIntercept = 1, 0
        made.PixelData = spot[number].astype(np.int16).tobytes()
        made.save_as(folder / f"{name}{number:02d}.dcm", enforce_file_format=True)
        written.append(made)
    return written


def registration_item(images, matrix):
    item, step, inner = Dataset(), Dataset(), Dataset()
    inner.FrameOfReferenceTransformationMatrix = matrix.ravel().tolist()
    inner.FrameOfReferenceTransformationMatrixType = "RIGID"
    step.MatrixSequence, item.MatrixRegistrationSequence = [inner], [step]
    item.FrameOfReferenceUID, item.ReferencedImageSequence = images[0].FrameOfReferenceUID, []
    for image in images:
        one = Dataset()
        one.ReferencedSOPClassUID, one.ReferencedSOPInstanceUID = image.SOPClassUID, image.SOPInstanceUID
        item.ReferencedImageSequence.append(one)
    return item


shift, turn = np.eye(4), np.eye(4)
shift[0, 3] = 12.0
cosine, sine = np.cos(np.radians(10)), np.sin(np.radians(10))
turn[:2, :2] = [[cosine, -sine], [sine, cosine]]
displayed, laid = {}, {}
for name, matrix in (("shift", shift), ("turn", turn)):
    folder = Path(name)
    folder.mkdir()
    reference, moving = write_images(folder, "reference", 0.0), write_images(folder, "moving", -12.0)
    made = begin(SpatialRegistrationStorage, reference[0].FrameOfReferenceUID, generate_uid(), "REG")
    made.RegistrationSequence = [registration_item(reference, np.eye(4)), registration_item(moving, matrix)]
    made.save_as(folder / "registration.dcm", enforce_file_format=True)
    medicalimageanalysis.read_dicoms(folder_path=str(folder))
    rigid = medicalimageanalysis.Data.rigid[medicalimageanalysis.Data.rigid_list[-1]]
    assert medicalimageanalysis.Data.image[rigid.moving_name].series_uid == moving[0].SeriesInstanceUID
    displayed[name], laid[name] = rigid.get_display_matrix(), rigid.create_image()

far = displayed["shift"][0, 3]
image = laid["shift"]
values = vtk_to_numpy(image.GetPointData().GetScalars()).reshape(image.GetDimensions()[::-1])
peak = image.GetOrigin() + np.array(np.unravel_index(values.argmax(), values.shape))[::-1] * image.GetSpacing()
degrees = np.degrees(np.arctan2(*displayed["turn"][[1, 0], 0]))
print(f"a shift of 12 mm moves by {far:.1f} mm; the spot, which belongs at 0, is laid at {peak} mm")
print(f"a turn by 10 degrees turns by {degrees:.1f}")
assert np.isclose(far, 24) and np.allclose(peak, [12, 0, 0]) and np.isclose(degrees, 20), "matrices count once now"
END
