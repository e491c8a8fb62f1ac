#!/bin/sh
# dicom-image-tools 25.0.0, CtSeries.get_patient_mask: finds the body in CT slices and PatientGeometricalOffset, "the
# patient volume geometrical offset from the scanner isocenter", in mm. By it one sees who lay too high on the table.
#
# Expected: of a cylinder in the isocentre, 0 and 0 mm; of one 20 mm to the left and 10 mm behind it, 20 and 10 mm.
# Seen: the place of the first pixel, the number of the middle pixel and the size of a pixel are added up, where number
# and size are to be multiplied. In images of 512 pixels of 500 mm, the cylinder in the isocentre lies 7.0 and 7.0 mm
# beside it, the other one 27.5 and 17.2 mm. In images of 360 mm, a cylinder in the isocentre lies 77 mm beside it. With
# pixels of 1 mm it is 1 mm off.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder"
"$folder/bin/python" -m pip install --quiet --disable-pip-version-check dicom-image-tools==25.0.0 pydicom==3.0.2 \
	numpy==2.4.6 scipy==1.17.1 scikit-image==0.26.0
cd "$folder"
"$folder/bin/python" -W ignore - <<'END'
from pathlib import Path

import numpy as np
from dicom_image_tools.dicom_handlers.ct import CtSeries
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import CTImageStorage, ExplicitVRLittleEndian, generate_uid

SIDE, RADIUS = 512, 80.0  # pixels, mm


def offset(field_of_view, left, behind):
    """What the package says of a cylinder that far from the isocentre, in mm."""
    size = field_of_view / SIDE
    corner = -(SIDE - 1) / 2 * size  # centre of the first pixel; the isocentre is the middle of the image
    y, x = corner + size * np.mgrid[:SIDE, :SIDE]
    hounsfield = np.where((x - left) ** 2 + (y - behind) ** 2 < RADIUS**2, 0, -1000).astype("<i2")
    uid = generate_uid()
    series = CtSeries(series_instance_uid=uid)
    for number in range(3):
        made = Dataset()
        for keyword, value in {
            "SOPClassUID": CTImageStorage, "SOPInstanceUID": generate_uid(), "SeriesInstanceUID": uid,
            "StudyInstanceUID": uid, "Modality": "CT", "Manufacturer": "GE MEDICAL SYSTEMS", "KVP": 120,
            "XRayTubeCurrent": 100, "Exposure": 50, "ExposureTime": 500, "InstanceNumber": number + 1,
            "ImagePositionPatient": [round(corner, 4), round(corner, 4), 5.0 * number], "SliceThickness": 5.0,
            "ImageOrientationPatient": [1, 0, 0, 0, 1, 0], "PixelSpacing": [size, size], "SliceLocation": 5.0 * number,
            "Rows": SIDE, "Columns": SIDE, "BitsAllocated": 16, "BitsStored": 16, "HighBit": 15,
            "PixelRepresentation": 1, "SamplesPerPixel": 1, "PhotometricInterpretation": "MONOCHROME2",
            "RescaleSlope": 1, "RescaleIntercept": 0, "PixelData": hounsfield.tobytes(),
        }.items():
            setattr(made, keyword, value)
        made.file_meta = FileMetaDataset()
        made.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
        made.file_meta.MediaStorageSOPClassUID = CTImageStorage
        made.file_meta.MediaStorageSOPInstanceUID = made.SOPInstanceUID
        path = Path(f"{uid}.{number}.dcm")
        made.save_as(path, enforce_file_format=True)
        series.add_file(path)
    series.import_image_volume()
    series.get_patient_mask()
    middle = series.PatientMassCenterImage[0]  # in pixels: right
    assert abs(corner + middle.x * size - left) < 0.2 and abs(corner + middle.y * size - behind) < 0.2
    return series.PatientGeometricalOffset[0].x, series.PatientGeometricalOffset[0].y


for field_of_view, left, behind, seen in (
    (500.0, 0.0, 0.0, (7.0, 7.0)), (500.0, 20.0, 10.0, (27.5, 17.2)), (512.0, 0.0, 0.0, (1.0, 1.0)),
    (360.0, 0.0, 0.0, (76.6, 76.6)),
):
    x, y = offset(field_of_view, left, behind)
    print(f"field of view {field_of_view:.0f} mm: offset {x:.1f} and {y:.1f} mm, truth {left:.0f} and {behind:.0f} mm")
    assert abs(x - seen[0]) < 0.1 and abs(y - seen[1]) < 0.1, "offsets are those of the cylinder now"
END
