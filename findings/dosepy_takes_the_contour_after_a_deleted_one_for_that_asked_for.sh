#!/bin/sh
# dosepy 0.12.2, StructureSet.get_coordinates and get_dose_in_structure, on a structure set that pydicom writes: body,
# tumour and heart, with the ROI numbers 1, 3 and 4, as number 2 was deleted. The tumour gets 60 Gy, the heart 5.
#
# Expected: get_coordinates("tumour") is the contour that refers to number 3, and its dose 60 Gy.
# Seen: it is the third contour of the file, that of the heart, and the dose "of the tumour" is 5 Gy. The number of a
# structure is taken for its place in the file, so that ReferencedROINumber is never read. The heart, number 4, ends in
# an IndexError. Where numbers run from 1 and contours lie in their order all is right, as in small trials.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder"
"$folder/bin/python" -m pip install --quiet --disable-pip-version-check --no-deps dosepy==0.12.2
"$folder/bin/python" -m pip install --quiet --disable-pip-version-check \
	numpy==2.4.6 scipy==1.17.1 pydicom==3.0.2 SimpleITK==2.5.7 scikit-image==0.26.0 plotly==7.1.0
cd "$folder"
"$folder/bin/python" -W ignore - <<'END'
import numpy as np
import SimpleITK as sitk
from Dosepy.rtdose import get_dose_in_structure, load_structures
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import ExplicitVRLittleEndian, RTStructureSetStorage, generate_uid

PLACES = {"body": (50.0, 50.0, 45.0), "tumour": (30.0, 50.0, 10.0), "heart": (70.0, 50.0, 10.0)}  # x, y, half width; mm
HEIGHTS = (0.0, 2.0, 4.0)


def item(**values):
    made = Dataset()
    for keyword, value in values.items():
        setattr(made, keyword, value)
    return made


def square(name, height):
    x, y, half = PLACES[name]
    return [value for a, b in ((-1, -1), (1, -1), (1, 1), (-1, 1)) for value in (x + a * half, y + b * half, height)]


def read(numbers):
    made = item(
        SOPClassUID=RTStructureSetStorage, SOPInstanceUID=generate_uid(), Modality="RTSTRUCT",
        StructureSetROISequence=[
            item(ROINumber=number, ROIName=name, ROIGenerationAlgorithm="MANUAL") for name, number in numbers.items()
        ],
        ROIContourSequence=[
            item(ReferencedROINumber=number, ContourSequence=[
                item(ContourGeometricType="CLOSED_PLANAR", NumberOfContourPoints=4, ContourData=square(name, height))
                for height in HEIGHTS
            ])
            for name, number in numbers.items()
        ],
    )
    made.file_meta = FileMetaDataset()
    made.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    made.file_meta.MediaStorageSOPClassUID = RTStructureSetStorage
    made.file_meta.MediaStorageSOPInstanceUID = made.SOPInstanceUID
    made.save_as("structures.dcm", enforce_file_format=True)
    return load_structures("structures.dcm")


x, y = np.meshgrid(np.arange(0, 100, 2.0), np.arange(0, 100, 2.0))
dose = np.where(np.hypot(x - 30, y - 50) < 18, 60.0, 5.0)
image = sitk.GetImageFromArray(np.repeat(dose[None], 4, axis=0))
image.SetSpacing((2.0, 2.0, 2.0))


def look(structures, name):
    coordinates = structures.get_coordinates(name)
    middle, mean = np.concatenate(coordinates).mean(axis=0), float(np.mean(get_dose_in_structure(image, coordinates)))
    print(f"  {name}: middle at {middle[:2].tolist()}, truth {list(PLACES[name][:2])}; mean dose {mean:.0f} Gy")
    return float(middle[0]), mean


print("numbers 1, 2, 3")
whole = read({"body": 1, "tumour": 2, "heart": 3})
assert look(whole, "tumour") == (30, 60) and look(whole, "heart") == (70, 5)
print("numbers 1, 3, 4")
gap = read({"body": 1, "tumour": 3, "heart": 4})
assert look(gap, "tumour") == (70, 5), "contours are found by the number that they refer to now"
try:
    look(gap, "heart")
except IndexError as error:
    print(f"  heart: IndexError, {error}")
else:
    raise AssertionError("contours are found by the number that they refer to now")
END
