#!/bin/sh
# rtplan-complexity 1.1.0, aperture modulation ("fraction of target projection that is blocked") of a target of 20 x 20
# mm, 60 mm long from head to feet, about the isocentre, in fields that just frame it: 20 mm wide and 60 mm long. RT
# Plans are written by pydicom. The target is given in the package's own class, as its reader of structure sets refuses
# each one: it takes the class of beam treatment records, ...481.4, for that of structure sets, ...481.3.
#
# Expected: nothing is blocked (0) at gantry 0 and at gantry 90, wherever in the patient the isocentre is.
# Seen: 0 at gantry 0, 0.67 at gantry 90, with the isocentre at the origin of the patient. Points are turned about the
# axis from front to back, "y_bev = y", as if one looked from the head; so the length of the target is taken for its
# width. With the isocentre elsewhere, as in every patient, its place is read and not taken off: all is blocked, 1.0.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder"
"$folder/bin/python" -m pip install --quiet --disable-pip-version-check \
	rtplan-complexity==1.1.0 pydicom==3.0.2 numpy==2.4.6 scipy==1.17.1 pandas==3.1.1 shapely==2.2.0
cd "$folder"
"$folder/bin/python" -W ignore - <<'END'
import numpy as np
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import ExplicitVRLittleEndian, RTPlanStorage, RTStructureSetStorage, generate_uid
from rtplan_complexity import calculate_plan_metrics, parse_rtplan
from rtplan_complexity.parser import parse_rtstruct
from rtplan_complexity.types import ContourSequence, Structure

HALF, PAIRS = np.array([10.0, 10.0, 30.0]), 60  # of the target, mm: left, back, head


def item(**values):
    made = Dataset()
    for keyword, value in values.items():
        setattr(made, keyword, value)
    return made


def write(made, name):
    made.file_meta = FileMetaDataset()
    made.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    made.file_meta.MediaStorageSOPClassUID, made.file_meta.MediaStorageSOPInstanceUID = (
        made.SOPClassUID, made.SOPInstanceUID
    )
    made.save_as(name, enforce_file_format=True)


def plan(gantry, isocentre):
    edges = [5.0 * edge - 150 for edge in range(PAIRS + 1)]
    points = [
        item(
            ControlPointIndex=index, GantryAngle=gantry, GantryRotationDirection="NONE", BeamLimitingDeviceAngle=0.0,
            IsocenterPosition=[float(place) for place in isocentre], CumulativeMetersetWeight=float(index),
            BeamLimitingDevicePositionSequence=[
                item(RTBeamLimitingDeviceType="ASYMX", LeafJawPositions=[-10.0, 10.0]),
                item(RTBeamLimitingDeviceType="ASYMY", LeafJawPositions=[-30.0, 30.0]),
                item(RTBeamLimitingDeviceType="MLCX", LeafJawPositions=[-10.0] * PAIRS + [10.0] * PAIRS),
            ],
        )
        for index in range(2)
    ]
    write(item(
        SOPClassUID=RTPlanStorage, SOPInstanceUID=generate_uid(), Modality="RTPLAN", RTPlanLabel="field",
        BeamSequence=[item(
            BeamNumber=1, BeamName="field", BeamType="STATIC", RadiationType="PHOTON", NumberOfControlPoints=2,
            FinalCumulativeMetersetWeight=1.0, ControlPointSequence=points,
            BeamLimitingDeviceSequence=[item(
                RTBeamLimitingDeviceType="MLCX", NumberOfLeafJawPairs=PAIRS, LeafPositionBoundaries=edges
            )],
        )],
        FractionGroupSequence=[item(
            FractionGroupNumber=1, NumberOfFractionsPlanned=1, NumberOfBeams=1,
            ReferencedBeamSequence=[item(ReferencedBeamNumber=1, BeamMeterset=100.0)],
        )],
    ), "plan.dcm")
    return parse_rtplan("plan.dcm")


def target(isocentre):
    square = np.array([(-10, -10), (10, -10), (10, 10), (-10, 10)])
    slices = [np.column_stack([square, np.full(4, height)]) + isocentre for height in range(-30, 31, 3)]
    return [[tuple(map(float, point)) for point in contour] for contour in slices]


def blocked(gantry, isocentre):
    # the truth: points of the target, seen along the beam, that lie outside of the field
    points = np.random.default_rng(0).uniform(-1, 1, (20000, 3)) * HALF
    turn = np.radians(gantry)
    across, along = points[:, 0] * np.cos(turn) + points[:, 1] * np.sin(turn), points[:, 2]
    true = float(np.mean((np.abs(across) > 10 + 1e-6) | (np.abs(along) > 30 + 1e-6)))
    contours = [ContourSequence(points=contour) for contour in target(np.array(isocentre))]
    found = calculate_plan_metrics(plan(gantry, isocentre), structure=Structure("target", 1, contours=contours)).PAM
    print(f"gantry {gantry:.0f}, isocentre {isocentre}: blocked {found:.2f}, truth {true:.2f}")
    assert true == 0
    return found


origin, patient = (0, 0, 0), (12, -150, 240)
seen = {(gantry, place): blocked(gantry, place) for place in (origin, patient) for gantry in (0.0, 90.0)}
assert seen[0.0, origin] == 0
assert 0.6 < seen[90.0, origin] < 0.7, "the gantry turns about the axis from head to feet now"
assert seen[0.0, patient] == seen[90.0, patient] == 1, "the isocentre is taken off now"

contours = [
    item(ContourGeometricType="CLOSED_PLANAR", NumberOfContourPoints=4, ContourData=list(np.ravel(contour)))
    for contour in target(np.zeros(3))
]
write(item(
    SOPClassUID=RTStructureSetStorage, SOPInstanceUID=generate_uid(), Modality="RTSTRUCT",
    StructureSetROISequence=[item(ROINumber=1, ROIName="target", ROIGenerationAlgorithm="MANUAL")],
    ROIContourSequence=[item(ReferencedROINumber=1, ContourSequence=contours)],
), "structures.dcm")
try:
    parse_rtstruct("structures.dcm")
except ValueError as error:
    print(f"parse_rtstruct: {error}")
    assert RTStructureSetStorage in str(error)
else:
    raise AssertionError("structure sets are read now")
END
