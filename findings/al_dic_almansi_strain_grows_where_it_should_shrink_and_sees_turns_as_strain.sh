#!/bin/sh
# al-dic 1.0.3 (digital image correlation), compute_strain with strain_type=1, on displacements of a uniform motion of a
# mesh of 21 x 21 nodes: stretched by 10 and 30 %, compressed by 10 %, and turned by 10 degrees without any strain.
#
# Expected: "Eulerian-Almansi strain: E = (I - F^{-T} F^{-1}) / 2", as its help says: 0.087 and 0.204 for the stretches,
# -0.117 for the compression, and 0 for a turn. It lies below the engineering strain always, Green's above it.
# Seen: 0.111, 0.429 and -0.091: each derivative g becomes g / (1 - g), as if it were taken on the deformed image. The
# strain is above the engineering strain, above Green's too. A turn gives -0.015 along both axes. The principal and the
# von Mises strains follow. Types 0 and 2 (engineering, Green) are what they say. Up to 1 % all three look alike.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder"
"$folder/bin/python" -m pip install --quiet --disable-pip-version-check --no-deps al-dic==1.0.3 numpy==2.4.6 \
	scipy==1.17.1 numba==0.68.1 llvmlite==0.50.0 opencv-python-headless==5.0.0.93 pillow==13.0.0
cd "$folder"
"$folder/bin/python" -W ignore - <<'END'
from dataclasses import replace

import numpy as np
from al_dic.core.data_structures import DICPara
from al_dic.mesh.mesh_setup import mesh_setup
from al_dic.strain import compute_strain
from al_dic.utils.region_analysis import precompute_node_regions

SHAPE, UNIT = (200, 200), np.eye(2)
settings = DICPara(img_size=SHAPE, img_ref_mask=np.ones(SHAPE), winstepsize=8)
nodes = np.arange(20.0, 181, 8)
mesh = mesh_setup(nodes, nodes, settings)
regions = precompute_node_regions(mesh.coordinates_fem, settings.img_ref_mask, SHAPE)
middle = len(mesh.coordinates_fem) // 2
NAMES = {0: "engineering", 1: "Almansi", 2: "Green"}


def found(gradient, kind):
    """Strain along x and y in the middle, by plane fits; the finite elements of the package say the same."""
    moved = (mesh.coordinates_fem - 100) @ (gradient - UNIT).T
    both = []
    for method in (2, 3):
        chosen = replace(settings, strain_type=kind, method_to_compute_strain=method)
        strain = compute_strain(mesh, chosen, moved.ravel(), regions)
        both.append([float(strain.strain_exx[middle]), float(strain.strain_eyy[middle])])
    assert np.allclose(*both, atol=1e-6)
    return np.array(both[0])


def right(gradient, kind):
    inverse = np.linalg.inv(gradient)
    return np.diag({0: (gradient + gradient.T) / 2 - UNIT, 1: (UNIT - inverse.T @ inverse) / 2,
                    2: (gradient.T @ gradient - UNIT) / 2}[kind])


turn = np.radians(10)
motions = {"1 % longer": np.diag([1.01, 1]), "10 % longer": np.diag([1.1, 1]), "30 % longer": np.diag([1.3, 1]),
           "10 % shorter": np.diag([0.9, 1]),
           "turned": np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])}
for name, gradient in motions.items():
    for kind in NAMES:
        print(f"{name}: {NAMES[kind]} {found(gradient, kind).round(3)}, truth {right(gradient, kind).round(3)}")
    for kind in (0, 2):
        assert np.allclose(found(gradient, kind), right(gradient, kind), atol=1e-4)
    own = np.diag(gradient) - 1
    assert np.allclose(found(gradient, 1), own / (1 - own), atol=1e-4), "it is Almansi's strain now"
assert np.allclose(right(motions["turned"], 1), 0) and found(motions["turned"], 1)[0] < -0.014
assert right(motions["30 % longer"], 1)[0] < 0.21 and found(motions["30 % longer"], 1)[0] > 0.42
END
