#!/bin/sh
# pymirc 0.30.2, labelvol_to_rtstruct(connect_holes=False) and binary_2d_image_to_contours, for a ring as of a
# myocardium or of a target less an organ.
#
# Expected: "connect_holes: whether to connect inner holes to their outer parents contour". So without, the outline and
# the hole are contours of their own, as many planning systems take them: a point is inside if it lies in an odd number.
# Seen: of what lies in one piece only the first contour, the outline, is kept. The hole is gone: a ring of 340 pixels
# comes into the RTSTRUCT as a disc of 440. No word is said.
# The default, connect_holes=True, needs a matplotlib before 3.9; with those of today only the other way runs.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder"
"$folder/bin/python" -m pip install --quiet --disable-pip-version-check pymirc==0.30.2 numpy==2.4.6 scipy==1.17.1 \
	numba==0.68.1 matplotlib==3.11.2 scikit-image==0.26.0 pydicom==3.0.2
cd "$folder"
MPLBACKEND=Agg "$folder/bin/python" -W ignore - <<'END'
import numpy as np
import pydicom
from pydicom.uid import CTImageStorage, ExplicitVRLittleEndian, generate_uid
from pymirc.fileio import labelvol_to_rtstruct

reference = pydicom.Dataset()
reference.file_meta = pydicom.dataset.FileMetaDataset()
reference.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
reference.SOPClassUID, reference.SOPInstanceUID = CTImageStorage, generate_uid()
reference.StudyInstanceUID, reference.SeriesInstanceUID = generate_uid(), generate_uid()
reference.FrameOfReferenceUID, reference.Modality = generate_uid(), "CT"
reference.save_as("reference.dcm", enforce_file_format=True)

STEPS = np.array([2.0, 1.0])  # mm


def inside(contours, shape):
    """The pixels that lie in an odd number of contours, by counting crossings of a ray along the first axis."""
    grid = np.moveaxis(np.indices(shape), 0, -1).reshape(-1, 2) + [0, 1e-6]
    odd = np.zeros(len(grid), bool)
    for contour in contours:
        for (x0, y0), (x1, y1) in zip(contour, np.roll(contour, -1, axis=0), strict=True):
            crosses = (y0 > grid[:, 1]) != (y1 > grid[:, 1])
            with np.errstate(divide="ignore", invalid="ignore"):
                odd ^= crosses & (grid[:, 0] < x0 + (grid[:, 1] - y0) / (y1 - y0) * (x1 - x0))
    return odd.reshape(shape)


def written(mask):
    labelvol_to_rtstruct(mask[..., None], np.diag([*STEPS, 3, 1]), "reference.dcm", "rs.dcm", connect_holes=False)
    roi = pydicom.dcmread("rs.dcm", force=True).ROIContourSequence[0]
    contours = [np.array(c.ContourData, float).reshape(-1, 3)[:, :2] / STEPS for c in roi.ContourSequence]
    return len(contours), inside(contours, mask.shape)


disc = np.zeros((30, 40), int)
disc[5:25, 8:30] = 1
ring = disc.copy()
ring[10:20, 12:22] = 0
for name, mask in {"disc": disc, "ring": ring}.items():
    number, back = written(mask)
    print(f"{name} of {mask.sum()} pixels: {number} contour, {back.sum()} pixels inside")
    assert number == 1, "the hole has a contour now"
    assert np.array_equal(back, disc), "the contours are others now"
END
