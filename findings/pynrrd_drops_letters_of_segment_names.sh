#!/usr/bin/env bash
# pynrrd 1.1.3 (and slicerio 1.1.2, which reads with it) on a .seg.nrrd with names in UTF-8, as Slicer writes them.
# Guessed: the name comes back, or there is an error. Seen: each letter outside ASCII is left out without a word, so that
# "Tumör" becomes "Tumr", two segments "Läsion" and "Lsion" get one name, and a segment cannot be found by its name.
# SimpleITK 2.5.3 gives the name as written.
# Exits 0 while this is so, 1 when it has changed.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet pynrrd==1.1.3 slicerio==1.1.2 SimpleITK==2.5.3 numpy==2.2.6
cd "$folder"
"$folder/venv/bin/python" - <<'PYTHON'
import sys
from pathlib import Path

import nrrd
import numpy as np
import SimpleITK
import slicerio

labels = np.zeros((8, 9, 1), dtype=np.uint8)
labels[2:4, 2:4], labels[5:7, 5:7] = 1, 2
header = """NRRD0005
type: uint8
dimension: 3
space: left-posterior-superior
sizes: 8 9 1
space directions: (1,0,0) (0,1,0) (0,0,1)
kinds: domain domain domain
encoding: raw
space origin: (0,0,0)
Segment0_ID:=Segment_1
Segment0_LabelValue:=1
Segment0_Layer:=0
Segment0_Name:=Läsion
Segment1_ID:=Segment_2
Segment1_LabelValue:=2
Segment1_Layer:=0
Segment1_Name:=Tumör

"""
Path("a.seg.nrrd").write_bytes(header.encode() + labels.tobytes(order="F"))
_, facts = nrrd.read("a.seg.nrrd")
by_pynrrd = [facts["Segment0_Name"], facts["Segment1_Name"]]
by_slicerio = slicerio.segment_names(slicerio.read_segmentation("a.seg.nrrd"))
image = SimpleITK.ReadImage("a.seg.nrrd")
by_itk = [image.GetMetaData("Segment0_Name"), image.GetMetaData("Segment1_Name")]
print(f"written: Läsion, Tumör\npynrrd: {by_pynrrd}\nslicerio: {by_slicerio}\nSimpleITK: {by_itk}")
same = by_pynrrd == list(by_slicerio) == ["Lsion", "Tumr"] and by_itk == ["Läsion", "Tumör"]
print("as found" if same else "changed")
sys.exit(0 if same else 1)
PYTHON
