#!/bin/sh
# medimgkit 0.18.1, assemble_dicoms and pixel_to_patient, on a sagittal cine: 12 single-frame MR images of one slice of
# 7 mm, 0.25 s apart, all with the same position (ImagePositionPatient) and TemporalPositionIdentifier 1 to 12.
#
# Expected: the pixel (10, 20) is at the same place of the patient in every frame; so says the file that is assembled:
# it keeps the one position that all frames have.
# Seen: the place of a frame is the position plus as many slice thicknesses as the number of the frame, along the normal
# of the slice: a target seen in frame 11 is put 77 mm to the right of where it is. The affine of the file has the 7 mm
# too. The way back takes every point of the slice for frame 0. Without a thickness in the file the step is 1 mm.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder"
"$folder/bin/python" -m pip install --quiet --disable-pip-version-check \
	medimgkit==0.18.1 pydicom==3.0.2 numpy==2.4.6 pyjpegls==1.5.1
cd "$folder"
"$folder/bin/python" - <<'END'
import numpy as np
from medimgkit.dicom_utils import assemble_dicoms, build_affine_matrix, patient_to_voxel, pixel_to_patient
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import ExplicitVRLittleEndian, MRImageStorage, generate_uid

COUNT, POSITION, THICKNESS = 12, (5.0, -60.0, 80.0), 7.0
study, series, reference = generate_uid(), generate_uid(), generate_uid()


def write(number):
    made = Dataset()
    made.file_meta = FileMetaDataset()
    made.file_meta.TransferSyntaxUID, made.file_meta.MediaStorageSOPClassUID = ExplicitVRLittleEndian, MRImageStorage
    made.SOPClassUID, made.SOPInstanceUID, made.StudyInstanceUID = MRImageStorage, generate_uid(), study
    made.SeriesInstanceUID, made.FrameOfReferenceUID, made.Modality = series, reference, "MR"
    made.file_meta.MediaStorageSOPInstanceUID = made.SOPInstanceUID
    made.PatientName, made.PatientID, made.PatientBirthDate, made.PatientSex = "phantom", "1", "", "O"
    made.StudyDate, made.StudyTime, made.StudyID, made.AccessionNumber = "20260101", "120000", "1", ""
    made.ReferringPhysicianName, made.SeriesNumber, made.InstanceNumber = "", 1, number + 1
    made.AcquisitionDate, made.AcquisitionTime = "20260101", f"1200{number * 0.25:05.2f}"
    made.TemporalPositionIdentifier, made.NumberOfTemporalPositions = number + 1, COUNT
    made.ImageType, made.ScanningSequence, made.SequenceVariant = ["ORIGINAL", "PRIMARY", "M"], "GR", "SS"
    made.MRAcquisitionType, made.RepetitionTime, made.EchoTime = "2D", 3.5, 1.5
    made.ImagePositionPatient, made.ImageOrientationPatient = list(POSITION), [0, 1, 0, 0, 0, -1]
    made.PixelSpacing, made.SliceThickness = [2.0, 3.0], THICKNESS
    made.Rows, made.Columns, made.SamplesPerPixel, made.PhotometricInterpretation = 40, 32, 1, "MONOCHROME2"
    made.BitsAllocated, made.BitsStored, made.HighBit, made.PixelRepresentation = 16, 16, 15, 0
    made.PixelData = np.full((40, 32), number, np.uint16).tobytes()
    made.save_as(f"{number:02d}.dcm", enforce_file_format=True)
    return f"{number:02d}.dcm"


(cine,) = assemble_dicoms([write(number) for number in range(COUNT)], progress_bar=False, infer_laterality=False)
assert cine.NumberOfFrames == COUNT and tuple(cine.ImagePositionPatient) == POSITION
truth = np.array(POSITION) + [0, 10 * 3.0, -20 * 2.0]
places = [pixel_to_patient(cine, 10, 20, frame) for frame in range(COUNT)]
for frame in (0, 1, COUNT - 1):
    print(f"frame {frame}: the pixel is at {places[frame]} mm, truth {truth} mm")
print(f"the affine steps {np.linalg.norm(build_affine_matrix(cine)[:3, 2])} mm from frame to frame")
print(f"the way back from the truth: {patient_to_voxel(cine, truth)}")
assert np.allclose(places[0], truth)
off = [float(np.linalg.norm(place - truth)) for place in places]
assert np.allclose(off, THICKNESS * np.arange(COUNT)), "the frames are at one place now"
END
