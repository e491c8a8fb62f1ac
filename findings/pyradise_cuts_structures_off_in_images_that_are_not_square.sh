#!/bin/sh
# pyradise 0.2.3, RTSSToSegmentConverter, the reader of DICOM structure sets below its DicomRTSSSeriesConverter. A
# target of 30 x 10 pixels in 4 slices is drawn in MR series of 96 x 96 pixels, of 72 rows and 96 columns, and the other
# way round.
#
# Expected: a mask of the size of its image, with all of the target: its voxels are those of the mask that was drawn.
# Seen: right in square images. In the other the mask has 96 rows and 72 columns: all that lies right of column 72 is
# lost, 720 of 1200 voxels here, and the target ends at 23 mm, not at 41. What is left is at its place, so that it lies
# well on the image. In an image that is higher than wide, what lies below the 72nd row is lost. No word is said.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder"
"$folder/bin/python" -m pip install --quiet --disable-pip-version-check pyradise==0.2.3 rt-utils==1.2.7 pydicom==3.0.2 \
	itk==5.4.7 SimpleITK==2.5.7 vtk==9.7.2 numpy==2.4.6 scipy==1.17.1 opencv-python==5.0.0.93
cd "$folder"
"$folder/bin/python" -W ignore - <<'END'
from pathlib import Path

import numpy as np
import SimpleITK as sitk
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import ExplicitVRLittleEndian, MRImageStorage, generate_uid
from pyradise.fileio.dicom_conversion import RTSSToSegmentConverter
from rt_utils import RTStructBuilder

COUNT, CORNER = 8, np.array([-48.0, -36.0, -12.0])


def write(folder, rows, columns):
    study, series, frame, paths = generate_uid(), generate_uid(), generate_uid(), []
    folder.mkdir()
    for number in range(COUNT):
        made = Dataset()
        made.file_meta = FileMetaDataset()
        made.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
        made.file_meta.MediaStorageSOPClassUID = made.SOPClassUID = MRImageStorage
        made.file_meta.MediaStorageSOPInstanceUID = made.SOPInstanceUID = generate_uid()
        made.StudyInstanceUID, made.SeriesInstanceUID, made.FrameOfReferenceUID = study, series, frame
        made.PatientName, made.PatientID, made.Modality, made.StudyID = "phantom", "1", "MR", "1"
        made.PatientBirthDate, made.PatientSex, made.StudyDate, made.StudyTime = "", "O", "20260101", "120000"
        made.SeriesNumber, made.InstanceNumber, made.SliceThickness = 1, number + 1, 3.0
        made.ImagePositionPatient = (CORNER + [0, 0, 3.0 * number]).tolist()
        made.ImageOrientationPatient, made.PixelSpacing = [1, 0, 0, 0, 1, 0], [1.0, 1.0]
        made.Rows, made.Columns, made.SamplesPerPixel, made.PhotometricInterpretation = rows, columns, 1, "MONOCHROME2"
        made.BitsAllocated, made.BitsStored, made.HighBit, made.PixelRepresentation = 16, 16, 15, 0
        made.PixelData = np.zeros((rows, columns), np.uint16).tobytes()
        paths.append(str(folder / f"{number:03d}.dcm"))
        made.save_as(paths[-1], enforce_file_format=True)
    return tuple(paths)


found = {}
for name, rows, columns, part in (("square", 96, 96, np.s_[30:40, 60:90]), ("wide", 72, 96, np.s_[30:40, 60:90]),
                                  ("high", 96, 72, np.s_[60:90, 30:40])):
    paths = write(Path(name), rows, columns)
    drawn = np.zeros((rows, columns, COUNT), bool)
    drawn[(*part, slice(2, 6))] = True
    structures = RTStructBuilder.create_new(dicom_series_path=name)
    structures.add_roi(mask=drawn, name="target")
    structures.save(f"{name}.rtstruct.dcm")
    mask = RTSSToSegmentConverter(f"{name}.rtstruct.dcm", paths).convert()["target"]
    values = sitk.GetArrayFromImage(mask) > 0
    last = mask.TransformIndexToPhysicalPoint([int(index) for index in np.argwhere(values).max(axis=0)[::-1]])
    truth = CORNER + [part[1].stop - 1, part[0].stop - 1, 15.0]
    found[name] = mask.GetSize(), int(values.sum())
    print(f"{name}: image of {columns} x {rows} pixels, mask of {mask.GetSize()[0]} x {mask.GetSize()[1]}; "
          f"{values.sum()} of {drawn.sum()} voxels; the last at {last} mm, truth {truth} mm")
    assert name != "square" or np.array_equal(values.transpose(1, 2, 0), drawn)
assert found["wide"] == ((72, 96, COUNT), 480), "the mask has the size of the image now"
assert found["high"] == ((96, 72, COUNT), 480), "the mask has the size of the image now"
END
