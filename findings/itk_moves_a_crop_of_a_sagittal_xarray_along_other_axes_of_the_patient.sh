#!/bin/sh
# itk 5.4.7 with xarray 2026.9.0, xarray_from_image and image_from_xarray: a stack of 5 slices of 30 x 40 pixels, cut
# to rows 4 to 19 and columns 10 to 29 while it is an xarray.
#
# Expected: "Origin and spacing metadata is preserved in the xarray's coords", and so the cut image lies where its
# tissue lies, as itk's own RegionOfInterestImageFilter has it.
# Seen: right for transversal slices alone. The coordinates are made of origin and spacing as if the axes of the image
# were those of the patient; the direction rides along as an attribute. Back in itk, the first coordinates of the cut
# are taken as its origin, and the direction is laid on. A sagittal cut lies 18 mm beside its place: it was moved along
# right and left by the columns that were cut off from front to back. Each step looks right by itself, and nothing is
# said. A mask cut in this way and saved lies on other tissue. The whole image comes back right.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder"
"$folder/bin/python" -m pip install --quiet --disable-pip-version-check \
	itk==5.4.7 xarray==2026.9.0 numpy==2.4.6 pandas==3.1.1
cd "$folder"
"$folder/bin/python" -W ignore - <<'END'
import itk
import numpy as np

DIRECTIONS = {
    "transversal": np.eye(3),
    "sagittal": np.array([[0.0, 0, -1], [1, 0, 0], [0, -1, 0]]),
    "coronal": np.array([[1.0, 0, 0], [0, 0, 1], [0, -1, 0]]),
}
pixels = np.random.default_rng(0).random((5, 30, 40)).astype(np.float32)
off = {}
for name, direction in DIRECTIONS.items():
    image = itk.image_from_array(pixels)
    image.SetOrigin([-20.0, -60.0, 80.0])
    image.SetSpacing([1.5, 2.0, 5.0])
    image.SetDirection(direction)
    labelled = itk.xarray_from_image(image)
    whole = itk.image_from_xarray(labelled)
    assert np.allclose(whole.GetOrigin(), image.GetOrigin()) and np.allclose(whole.GetDirection(), direction)

    cut = itk.image_from_xarray(labelled.isel(y=slice(4, 20), x=slice(10, 30)).copy())
    region = itk.ImageRegion[3]()
    region.SetIndex([10, 4, 0])
    region.SetSize([20, 16, 5])
    other = itk.region_of_interest_image_filter(image, region_of_interest=region)
    assert np.array_equal(itk.array_from_image(cut), itk.array_from_image(other))
    assert np.allclose(cut.GetDirection(), other.GetDirection()) and np.allclose(cut.GetSpacing(), other.GetSpacing())
    place = np.array(image.TransformIndexToPhysicalPoint([10, 4, 0]))
    assert np.allclose(other.GetOrigin(), place)
    off[name] = float(np.linalg.norm(np.array(cut.GetOrigin()) - place))
    print(f"{name}: first pixel of the cut at {list(cut.GetOrigin())} mm, its place {place.tolist()}: "
          f"{off[name]:.1f} mm off")
assert off["transversal"] < 1e-6
assert off["sagittal"] > 15 and off["coronal"] > 10, "the cut stays at its place now"
END
