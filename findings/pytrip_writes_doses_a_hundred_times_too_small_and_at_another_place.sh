#!/bin/sh
# pytrip98 3.11.0 (treatment plans with ions, DICOM), DosCube.create_dicom, "to convert a TRiP98 Dose file to DICOM": an
# RT Dose file of a dose cube.
#
# Expected: the target dose is in Gy, 1000 in a cube of TRiP98 is the target dose (VolHist of the package says so, too),
# and offsets are in mm. So a cube of 1000 with a target dose of 60 Gy is one of 60 Gy, at the place of the CT cube that
# it is made for, as CtxCube.create_dicom writes it.
# Seen: the file holds 0.6 Gy, as the scaling is the target dose divided by 100 000. Its first voxel lies at -153.1,
# -153.1, -60 mm, the one of the CT at -61.25, -61.25, -60 mm: the offset is multiplied by the size of a pixel, 2.5 mm.
# With pixels of 1 mm the place is right. In the file, the peak of the dose lies 130 mm from where it is.
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
from pytrip.volhist import VolHist

TARGET, PEAK = 60.0, (12, 20, 30)  # Gy; slice, row, column
for pixel in (1.0, 2.5):
    grid = dict(dimx=50, dimy=50, dimz=40, pixel_size=pixel, slice_distance=3.0, xoffset=-61.25, yoffset=-61.25,
                slice_offset=-60.0)
    images, dose = pytrip.CtxCube(), pytrip.DosCube()
    images.create_empty_cube(0, **grid)
    dose.create_empty_cube(500, **grid)
    dose.cube[PEAK] = 1000
    dose.target_dose = TARGET
    edges, volume = VolHist.volume_histogram(dose.cube)
    histogram = VolHist(dose)
    file, slices = dose.create_dicom(), images.create_dicom()
    first, first_image = (np.array(each.ImagePositionPatient, dtype=float) for each in (file, slices[0]))
    spacing = np.array([pixel, pixel, 3.0])
    peak = np.unravel_index(np.argmax(file.pixel_array), file.pixel_array.shape)
    place, true = (corner + spacing * peak[::-1] for corner in (first, first_image))
    gray = file.pixel_array.max() * float(file.DoseGridScaling)
    print(f"pixels of {pixel} mm: peak of {gray:.2f} {file.DoseUnits} at {place} mm; by its histogram it has "
          f"{histogram.x[histogram.y > 0].max():.1f} {histogram.xlabel}, by its CT it lies at {true} mm: "
          f"{np.linalg.norm(place - true):.0f} mm away")
    assert peak == PEAK and file.DoseUnits == "GY" and abs(histogram.x[histogram.y > 0].max() - TARGET) < 0.5
    assert abs(gray - TARGET / 100) < 1e-9, "the dose in the file is that of the cube now"
    assert np.allclose(first[:2], pixel * first_image[:2], atol=0.01), "the place is that of the CT now"
    assert first[2] == first_image[2]
    assert abs(np.linalg.norm(place - true) - (130 if pixel > 1 else 0)) < 0.5
END
