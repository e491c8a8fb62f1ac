#!/bin/sh
# pydicomrt 0.9.1, rtstruct_to_masks: the contours of a target, disks of 20 mm radius from -9 to 27 mm on slices of
# 3 mm, drawn onto the grids of two axial image series from 0 to 30 mm, with slices of 3 and 5 mm. ("That grid comes
# from the images, not from the RTSTRUCT".)
#
# Expected: each slice from 0 to 27 mm holds the disk, and that at 30 mm is empty. What lies below 0 is not seen.
# Seen: a contour goes to the slice nearest to its first point, and contours on one slice are added modulo two, which is
# for holes. So two contours of one target that fall on the same slice cancel: with 5 mm the slices at 5, 10, 20 and
# 25 mm are empty, the target is cut into pieces. Slices below the first have negative numbers, which numpy counts from
# the last: they are drawn onto the top of the stack, or cancel what is there, and number -1 cancels slice 0, to which
# it is cut. Contours above the stack are an error. No word is said.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder"
"$folder/bin/python" -m pip install --quiet --disable-pip-version-check pydicom==3.0.2 \
	numpy==2.4.6 scipy==1.17.1 SimpleITK==2.5.7 opencv-python-headless==4.13.0.92
"$folder/bin/python" -m pip install --quiet --disable-pip-version-check --no-deps pydicomrt==0.9.1
cd "$folder"
"$folder/bin/python" -W ignore - <<'END'
import numpy as np
from pydicom.dataset import Dataset
from pydicomrt.rs import calc_image_series_affine_mapping, rtstruct_to_masks

SIZE, PIXEL, MIDDLE, RADIUS = 64, 1.0, 32.0, 20.0  # pixels; mm
HEIGHTS = np.arange(-9.0, 28.0, 3.0)  # mm, of the contours

turn = np.linspace(0, 2 * np.pi, 90, endpoint=False)
region, contours = Dataset(), Dataset()
region.ROINumber, region.ROIName = 1, "target"
contours.ReferencedROINumber, contours.ContourSequence = 1, []
for height in HEIGHTS:
    contour = Dataset()
    contour.ContourGeometricType, contour.NumberOfContourPoints = "CLOSED_PLANAR", len(turn)
    x, y = MIDDLE + RADIUS * np.cos(turn), MIDDLE + RADIUS * np.sin(turn)
    contour.ContourData = np.stack([x, y, np.full_like(x, height)], axis=1).round(3).ravel().tolist()
    contours.ContourSequence.append(contour)
structures = Dataset()
structures.StructureSetROISequence, structures.ROIContourSequence = [region], [contours]

found = {}
for spacing in (3.0, 5.0):
    series = []
    for place in np.arange(0, 30.1, spacing):
        image = Dataset()
        image.ImagePositionPatient, image.ImageOrientationPatient = [0.0, 0.0, float(place)], [1, 0, 0, 0, 1, 0]
        image.PixelSpacing, image.Rows, image.Columns = [PIXEL, PIXEL], SIZE, SIZE
        series.append(image)
    mapping, shape = calc_image_series_affine_mapping(series)
    mask = rtstruct_to_masks(structures, mapping, shape)["target"]["mask_volume"]
    places = [image.ImagePositionPatient[2] for image in series]
    share = mask.sum(axis=(1, 2)) * PIXEL**2 / (np.pi * RADIUS**2)  # 1: the whole disk
    print(f"slices of {spacing} mm: " + ", ".join(f"{place:.0f} mm {part:.0%}" for place, part in zip(places, share)))
    found[spacing] = dict(zip(places, (share > 0.5).tolist(), strict=True))
    assert set(share.round()) == {0.0, 1.0}
assert all(found[3.0][place] for place in np.arange(3.0, 25.0, 3.0))  # one contour a slice
assert not found[3.0][0.0], "a contour below the stack does not cancel that of its first slice now"
assert found[3.0][30.0] and found[5.0][30.0], "contours below the stack are not drawn onto its top now"
cancelled = [place for place in (5.0, 10.0, 20.0, 25.0) if not found[5.0][place]]
assert len(cancelled) == 4, "contours that share a slice do not cancel now"
END
