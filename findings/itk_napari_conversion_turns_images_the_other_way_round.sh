#!/bin/sh
# itk-napari-conversion 0.5.1 (with napari 0.9.2 and ITK 5.4.7), image_layer_from_image and points_layer_from_point_set,
# on three ITK images with a bright pixel each, and a landmark on it: axial, sagittal, and turned by 30 degrees.
#
# Expected: the landmark lies on the bright pixel in napari, at its place in mm (in the order z, y, x), as in ITK.
# Seen: so it is on the axial image. The sagittal one is turned the other way round: its pixel lies 29 mm from the
# landmark; that of the turned one 16 mm. The direction is transposed on its way, so that all are turned by the inverse.
# Back by image_from_image_layer it is transposed once more, so that a round trip shows nothing. No word is said.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder"
"$folder/bin/python" -m pip install --quiet --disable-pip-version-check \
	itk-napari-conversion==0.5.1 napari==0.9.2 itk-core==5.4.7 itk-io==5.4.7 numpy==2.3.5
cd "$folder"
"$folder/bin/python" -W ignore - <<'END'
import itk
import numpy as np
from itk_napari_conversion import image_from_image_layer, image_layer_from_image, points_layer_from_point_set

COSINE, SINE = np.cos(np.deg2rad(30)), np.sin(np.deg2rad(30))
DIRECTIONS = {
    "axial": np.eye(3),
    "sagittal": np.array([[0.0, 0, 1], [1, 0, 0], [0, -1, 0]]),
    "turned": np.array([[COSINE, -SINE, 0], [SINE, COSINE, 0], [0, 0, 1]]),
}
PIXEL = np.array([3, 5, 2])  # column, row, slice

apart = {}
for name, direction in DIRECTIONS.items():
    pixels = np.zeros((4, 9, 8), dtype=np.float32)
    pixels[tuple(PIXEL[::-1])] = 1
    image = itk.image_from_array(pixels)
    image.SetSpacing([2.0, 3, 7])
    image.SetOrigin([10.0, -20, 5])
    image.SetDirection(itk.matrix_from_array(direction))
    place = np.array(image.TransformIndexToPhysicalPoint(PIXEL.tolist()))
    assert np.allclose(place, [10, -20, 5] + direction @ (PIXEL * [2, 3, 7]))
    points = itk.PointSet[itk.F, 3].New()
    points.SetPoints(itk.vector_container_from_array(place[None].astype(np.float32).ravel()))
    landmark = points_layer_from_point_set(points)
    layer = image_layer_from_image(image)
    in_napari = np.array(layer.data_to_world(PIXEL[::-1]))
    marked = np.array(landmark.data_to_world(landmark.data[0]))
    assert np.allclose(marked, place[::-1], atol=1e-4)
    apart[name] = float(np.linalg.norm(in_napari - marked))
    back = image_from_image_layer(layer).TransformIndexToPhysicalPoint(PIXEL.tolist())
    print(f"{name}: pixel at (z, y, x) {in_napari.round(1)}, landmark at {marked.round(1)}: {apart[name]:.1f} mm apart")
    assert np.allclose(back, place), "the round trip"
assert apart["axial"] < 1e-3
assert apart["sagittal"] > 20 and apart["turned"] > 10, "directions are not transposed now"
END
