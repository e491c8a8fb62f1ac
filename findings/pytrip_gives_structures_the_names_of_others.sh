#!/bin/sh
# pytrip98 3.11.0 (treatment plans with ions, DICOM), VdxCube.read_dicom: the structures of an RT Structure Set by name.
#
# Expected: the contours of a structure are found by its number: ReferencedROINumber of the contours is ROINumber of
# the name. DICOM gives the items of the three sequences no order, and a planning system that has deleted or redrawn a
# structure writes its contours where it likes.
# Seen: the first contours get the first name, the second the second. Take three names in the order target, lung,
# heart, and contours in the order lung, heart, target. The target of the package is then the lung, 63 mm away, and
# the heart is the target. A structure in the middle of the list that is not drawn gives its name to the next one. No
# word is said. In equal order all is right.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder"
"$folder/bin/python" -m pip install --quiet --disable-pip-version-check pytrip98==3.11.0 pydicom==3.0.2 numpy==2.4.6 \
	scipy==1.17.1
cd "$folder"
"$folder/bin/python" -W ignore - <<'END'
import numpy as np
import pytrip
from pydicom.dataset import Dataset

PLACES = {"target": (0.0, 0.0), "lung": (60.0, -20.0), "heart": (20.0, 50.0), "skin": None}  # mm; skin is not drawn
NUMBERS = {name: number for number, name in enumerate(PLACES, start=1)}


def item(**values):
    made = Dataset()
    for keyword, value in values.items():
        setattr(made, keyword, value)
    return made


def contours(name):
    """Ten squares of 10 mm about the place of the structure."""
    x, y = PLACES[name]
    corners = [(x - 5, y - 5), (x + 5, y - 5), (x + 5, y + 5), (x - 5, y + 5)]
    return [
        item(ContourGeometricType="CLOSED_PLANAR", NumberOfContourPoints=4,
             ContourData=[number for corner in corners for number in (*corner, 3.0 * index)])
        for index in range(10)
    ]


def places(names, drawn):
    """Where the package says that each structure lies, in mm, given the orders of names and of contours."""
    cube = pytrip.CtxCube()
    cube.create_empty_cube(0, dimx=100, dimy=100, dimz=20, pixel_size=2.0, slice_distance=3.0)
    sets = pytrip.VdxCube(cube)
    sets.read_dicom({"rtss": item(
        StudyInstanceUID="1.2", SeriesInstanceUID="1.2.3", SOPInstanceUID="1.2.4", PatientID="phantom",
        StructureSetROISequence=[item(ROINumber=NUMBERS[name], ROIName=name) for name in names],
        ROIContourSequence=[
            item(ReferencedROINumber=NUMBERS[name], ROIDisplayColor=[255, 0, 0], ContourSequence=contours(name))
            for name in drawn
        ],
        RTROIObservationsSequence=[
            item(ObservationNumber=NUMBERS[name], ReferencedROINumber=NUMBERS[name], RTROIInterpretedType="ORGAN")
            for name in names
        ],
    )})
    return {voi.name: tuple(float(x) for x in np.round(voi.calculate_center()[:2], 1)) for voi in sets.vois}


true = {name: place for name, place in PLACES.items() if place}
for told, names, drawn in (
    ("equal order", ("target", "lung", "heart"), ("target", "lung", "heart")),
    ("other order", ("target", "lung", "heart"), ("lung", "heart", "target")),
    ("one not drawn", ("target", "skin", "lung", "heart"), ("target", "lung", "heart")),
):
    found = places(names, drawn)
    print(f"{told}: {found}; truth {true}")
    assert (found == true) == (told == "equal order"), "structures are found by their number now"
    if told == "other order":
        assert found == {"target": true["lung"], "lung": true["heart"], "heart": true["target"]}
    if told == "one not drawn":
        assert found == {"target": true["target"], "skin": true["lung"], "lung": true["heart"]}
END
