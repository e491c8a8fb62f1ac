#!/bin/sh
# dicomhandler 0.0.1 (moves structures of radiotherapy to study errors of set-up), move and add_margin: three targets,
# "GTV", "GTV boost" and "GTV nodes", cylinders of 10 mm radius with contours on slices of 3 mm.
#
# Expected: as on a couch and in a cone-beam match, roll turns about the axis from head to feet (z of DICOM), pitch
# about that from left to right (x), yaw about that from front to back (y). Wikipedia, which the docs point to, has roll
# about the axis from nose to tail. A margin of 5 mm for "GTV", the "name of the structure", changes that one, its
# contours stay on their slices, and the wall of the cylinder moves out by 5 mm.
# Seen: roll turns about x, pitch about y and yaw about z: each name is that of another axis. A roll of 3 degrees moves
# a target 100 mm headwards of the point of rotation by 5 mm to the front and 2 mm to the head. The margin is added to
# each structure in whose name "GTV" occurs. Points are moved along the line from the middle of all points, so that the
# outer contours leave the planes of the images by 1.4 mm, and the wall there moves by 4.8 mm. No word is said.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder"
"$folder/bin/python" -m pip install --quiet --disable-pip-version-check \
	dicomhandler==0.0.1 pydicom==3.0.2 numpy==2.4.6 pandas==2.3.3
cd "$folder"
"$folder/bin/python" -W ignore - <<'END'
import numpy as np
from dicomhandler.dicom_info import DicomInfo
from pydicom.dataset import Dataset

NAMES = {"GTV": (30.0, 40.0, 100.0), "GTV boost": (0.0, 60.0, 0.0), "GTV nodes": (-50.0, 0.0, 20.0)}  # mm
AXES = {"pitch": 0, "yaw": 1, "roll": 2}  # of DICOM: left, back, head
turn = np.linspace(0, 2 * np.pi, 72, endpoint=False)

structures = Dataset()
structures.PatientName, structures.PatientID, structures.PatientBirthDate = "phantom", "phantom", "20000101"
structures.Modality, structures.StructureSetROISequence, structures.ROIContourSequence = "RTSTRUCT", [], []
for number, (name, middle) in enumerate(NAMES.items(), 1):
    region, contours = Dataset(), Dataset()
    region.ROINumber = contours.ReferencedROINumber = number
    region.ROIName, contours.ContourSequence = name, []
    for height in (-3.0, 0.0, 3.0):
        points = np.array(middle) + np.stack([10 * np.cos(turn), 10 * np.sin(turn), 0 * turn + height], axis=1)
        contour = Dataset()
        contour.ContourGeometricType, contour.NumberOfContourPoints = "CLOSED_PLANAR", len(turn)
        contour.ContourData = points.round(4).ravel().tolist()
        contours.ContourSequence.append(contour)
    structures.StructureSetROISequence.append(region)
    structures.ROIContourSequence.append(contours)
plan = DicomInfo(structures)


def points_of(plan):
    found = {}
    for name, contours in zip(NAMES, plan.dicom_struct.ROIContourSequence, strict=True):
        numbers = [np.array(contour.ContourData, float) for contour in contours.ContourSequence]
        found[name] = np.concatenate(numbers).reshape(-1, 3)
    return found


before = points_of(plan)
for key, axis in AXES.items():
    after = points_of(plan.move("GTV", 3.0, key, [0.0, 0.0, 0.0]))
    moved = after["GTV"].mean(axis=0) - before["GTV"].mean(axis=0)
    still = int(np.abs(moved).argmin())
    print(f"{key} by 3 degrees: the middle moves by {np.round(moved, 2)} mm, about {'xyz'[still]}, not {'xyz'[axis]}")
    assert np.isclose(moved[still], 0, atol=1e-6)
    assert still == {"roll": 0, "pitch": 1, "yaw": 2}[key] != axis, f"{key} turns about its own axis now"
    assert np.allclose(after["GTV boost"], before["GTV boost"])
after = points_of(plan.add_margin("GTV", 5.0))
for name in NAMES:
    step = after[name] - before[name]
    wall, rise = np.hypot(*step[:, :2].T), np.abs(step[:, 2])
    print(f"margin of 5 mm for GTV: {name} grows by {wall.min():.1f} to {wall.max():.1f} mm, "
          f"its contours leave their slices by up to {rise.max():.1f} mm")
    assert wall.max() > 4.9, "a margin is added to the structure of that name alone now"
    assert rise.max() > 1.4 and wall.min() < 4.9, "contours stay on their slices now"
END
