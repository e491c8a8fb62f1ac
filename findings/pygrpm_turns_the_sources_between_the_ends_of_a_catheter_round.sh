#!/bin/sh
# pygrpm 0.8.5, BrachyRtPlanWrapper and DoseCalculationService, on an RT Plan of one straight HDR catheter that pydicom
# writes: 7 dwell positions, 5 mm apart, 10 s each, the tip first, Ir-192 of 40700 U. The source shines less along its
# cable than towards its tip: the package's own table of it has 0.47 against 0.62 at 1 cm.
#
# Expected: the sources of a straight catheter all point one way, from the cable to the tip.
# Seen: the first and the last one point to the tip, the five between them to the cable ("source_positions[i + 1] -
# source_positions[i - 1]" there, "source_positions[0] - source_positions[1]" at the ends). 1 cm beyond the tip the dose
# is 9 % too small, 1 cm behind the last position 11 % too large; beside the catheter it is right, where plans are
# looked at. With two positions, or one, nothing is turned. DVHs are made from these directions, and nothing is said.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder"
"$folder/bin/python" -m pip install --quiet --disable-pip-version-check \
	pygrpm==0.8.5 dicompyler-core==0.5.6 pydantic==1.10.27 pydicom==2.4.5 numpy==2.4.6 scipy==1.17.1 \
	scikit-image==0.26.0 xarray==2026.9.0 matplotlib==3.11.2
cd "$folder"
"$folder/bin/python" -W ignore - <<'END'
from pathlib import Path

import numpy as np
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.sequence import Sequence
from pydicom.uid import ExplicitVRLittleEndian, RTPlanStorage, generate_uid
from pygrpm.brachy_dvh.dicom.brachy_rt_plan_wrapper import BrachyRtPlanWrapper
from pygrpm.brachy_dvh.dose_calculation_service import DoseCalculationService
from pygrpm.brachy_dvh.dose_parameters import DoseControlParameters
from pygrpm.tg43.seed import SourceType

SECONDS = 10.0


def item(**values):
    made = Dataset()
    for keyword, value in values.items():
        setattr(made, keyword, Sequence(value) if keyword.endswith("Sequence") else value)
    return made


def plan(positions):
    # two control points for each dwell position: when the source comes and when it leaves
    points, count = [], len(positions)
    for number, place in enumerate(positions):
        for leaves in (0, 1):
            points.append(item(
                ControlPointIndex=len(points), CumulativeTimeWeight=str(SECONDS * (number + leaves)),
                ControlPointRelativePosition=str(5.0 * number),
                ControlPoint3DPosition=[f"{value:g}" for value in place],
            ))
    channel = item(
        ChannelNumber=1, ChannelTotalTime=str(SECONDS * count), FinalCumulativeTimeWeight=str(SECONDS * count),
        BrachyControlPointSequence=points,
    )
    made = item(
        SOPClassUID=RTPlanStorage, SOPInstanceUID=generate_uid(), Modality="RTPLAN", BrachyTreatmentType="HDR",
        SourceSequence=[item(
            SourceNumber=1, SourceIsotopeName="Ir-192", ReferenceAirKermaRate="40700", SourceManufacturer="made up",
            SourceStrengthReferenceDate="20260101",
        )],
        FractionGroupSequence=[item(
            ReferencedBrachyApplicationSetupSequence=[item(BrachyApplicationSetupDose="7")],
        )],
        TreatmentMachineSequence=[item(ManufacturerModelName="made up")],
        ReferencedStructureSetSequence=[item(ReferencedSOPInstanceUID=generate_uid())],
        ApplicationSetupSequence=[item(ApplicationSetupType="UNDEFINED", ChannelSequence=[channel])],
    )
    made.file_meta = FileMetaDataset()
    made.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    made.file_meta.MediaStorageSOPClassUID = RTPlanStorage
    made.file_meta.MediaStorageSOPInstanceUID = made.SOPInstanceUID
    made.is_little_endian, made.is_implicit_VR = True, False
    made.save_as("plan.dcm", write_like_original=False)
    return BrachyRtPlanWrapper(Path("plan.dcm"))


def dose(wrapper, sources, points):
    settings = DoseControlParameters(
        brachy_treatment_type=wrapper.brachy_treatment_type, source_type=SourceType.Line, source_name="Flexisource"
    )
    return DoseCalculationService(settings, sources, wrapper.air_kerma_strength).calculate_dose(points)


wrapper = plan([(0, 0, 100 - 5 * number) for number in range(7)])  # mm; the tip at z = 100
sources, tip = wrapper.source_positions, np.array([0.0, 0.0, 1.0])
along = [float(np.dot(source.direction, tip)) for source in sources]
print("towards the tip (1) or the cable (-1):", along)
assert [source.weight for source in sources] == [SECONDS] * 7
points = np.array([(0.0, 0.0, 11.0), (0.0, 0.0, 6.0), (1.0, 0.0, 8.5)])  # cm
seen = dose(wrapper, sources, points)
for source in sources:
    source.direction = tuple(tip)
true = dose(wrapper, sources, points)
for name, got, right in zip(("beyond the tip", "behind the last position", "beside the middle"), seen, true):
    print(f"1 cm {name}: {got:.2f} Gy, all pointing to the tip {right:.2f} Gy, {got / right - 1:+.1%}")
short = [float(np.dot(source.direction, tip)) for source in plan([(0, 0, 100), (0, 0, 95)]).source_positions]
assert short == [1.0, 1.0]
assert along == [1.0, -1.0, -1.0, -1.0, -1.0, -1.0, 1.0], "all sources of a catheter point one way now"
off = seen / true - 1
assert off[0] < -0.08 and off[1] > 0.08 and abs(off[2]) < 0.01
END
