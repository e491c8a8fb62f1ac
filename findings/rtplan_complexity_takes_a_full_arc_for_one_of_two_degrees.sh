#!/bin/sh
# rtplan-complexity 1.1.0 (parse_rtplan, calculate_plan_metrics) on RT Plans of one clockwise arc of 300 MU with a
# control point each 2 degrees, that pydicom writes. The machine turns at 4.8 degrees a second at most and gives 600 MU
# a minute.
#
# Expected: an arc from 181 over 0 to 179 degrees is one of 358 degrees, takes 75 s and gives 0.84 MU a degree.
# Seen: it is one of 2 degrees, takes 149 s and gives 150 MU a degree: the arc is the difference of its first and last
# angle, and the step over 0, from 359 to 1, is timed as a turn of 358 degrees. The mean gantry speed is 0.01 degrees a
# second. The same arc begun at 1 and ended at 359 takes 75 s, and is one of 2 degrees, too. Half an arc, 181 to 359, is
# right. Where the meterset weights run to 100 and not to 1, as DICOM allows, the half arc takes 3000 s.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder"
"$folder/bin/python" -m pip install --quiet --disable-pip-version-check \
	rtplan-complexity==1.1.0 pydicom==3.0.2 numpy==2.4.6 scipy==1.17.1 pandas==3.1.1 shapely==2.2.0
cd "$folder"
"$folder/bin/python" -W ignore - <<'END'
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import ExplicitVRLittleEndian, RTPlanStorage, generate_uid
from rtplan_complexity import calculate_plan_metrics, parse_rtplan

DOSE, SPEED, PAIRS = 300.0, 4.8, 60


def item(**values):
    made = Dataset()
    for keyword, value in values.items():
        setattr(made, keyword, value)
    return made


def arc(angles, last_weight=1.0):
    leaves = [-20.0] * PAIRS + [20.0] * PAIRS
    points = [
        item(
            ControlPointIndex=index, NominalBeamEnergy=6.0, GantryAngle=float(angle), GantryRotationDirection="CW",
            BeamLimitingDeviceAngle=0.0, IsocenterPosition=[0.0, 0.0, 0.0],
            CumulativeMetersetWeight=round(last_weight * index / (len(angles) - 1), 6),
            BeamLimitingDevicePositionSequence=[
                item(RTBeamLimitingDeviceType="ASYMX", LeafJawPositions=[-50.0, 50.0]),
                item(RTBeamLimitingDeviceType="ASYMY", LeafJawPositions=[-50.0, 50.0]),
                item(RTBeamLimitingDeviceType="MLCX", LeafJawPositions=leaves),
            ],
        )
        for index, angle in enumerate(angles)
    ]
    made = item(
        SOPClassUID=RTPlanStorage, SOPInstanceUID=generate_uid(), Modality="RTPLAN", RTPlanLabel="arc",
        BeamSequence=[item(
            BeamNumber=1, BeamName="arc", BeamType="DYNAMIC", RadiationType="PHOTON", PrimaryDosimeterUnit="MU",
            NumberOfControlPoints=len(points), FinalCumulativeMetersetWeight=last_weight, ControlPointSequence=points,
            BeamLimitingDeviceSequence=[item(
                RTBeamLimitingDeviceType="MLCX", NumberOfLeafJawPairs=PAIRS,
                LeafPositionBoundaries=[5.0 * edge - 150 for edge in range(PAIRS + 1)],
            )],
        )],
        FractionGroupSequence=[item(
            FractionGroupNumber=1, NumberOfFractionsPlanned=5, NumberOfBeams=1,
            ReferencedBeamSequence=[item(ReferencedBeamNumber=1, BeamMeterset=DOSE)],
        )],
    )
    made.file_meta = FileMetaDataset()
    made.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    made.file_meta.MediaStorageSOPClassUID = RTPlanStorage
    made.file_meta.MediaStorageSOPInstanceUID = made.SOPInstanceUID
    made.save_as("plan.dcm", enforce_file_format=True)
    return calculate_plan_metrics(parse_rtplan("plan.dcm")).beam_metrics[0]


found = {}
for name, angles, last_weight in (
    ("half an arc, 181 to 359", range(181, 360, 2), 1.0),
    ("half an arc, weights to 100", range(181, 360, 2), 100.0),
    ("full arc, 1 to 359", range(1, 360, 2), 1.0),
    ("full arc, 181 over 0 to 179", [*range(181, 360, 2), *range(1, 180, 2)], 1.0),
):
    beam = arc(angles, last_weight)
    turned = 2.0 * (len(angles) - 1)
    time = sum(max(DOSE / (len(angles) - 1) / 10, 2 / SPEED) for _ in angles[1:])
    found[name] = beam.arc_length / turned, beam.estimated_delivery_time / time
    print(f"{name}: arc {beam.arc_length:.0f} degrees, truth {turned:.0f}; {beam.estimated_delivery_time:.0f} s, truth "
          f"{time:.0f}; {beam.MU_per_degree:.2f} MU a degree, truth {DOSE / turned:.2f}")
half, weights, once, over = found.values()
assert abs(half[0] - 1) < 0.01 and abs(half[1] - 1) < 0.01
assert weights[1] > 50, "weights are of the last one now"
assert abs(once[0] - 2 / 358) < 1e-6 and abs(once[1] - 1) < 0.01
assert abs(over[0] - 2 / 358) < 1e-6 and over[1] > 1.9, "arcs are counted along their turn now"
END
