#!/bin/sh
# rosamllib 0.6.3, REGReader, on a deformable spatial registration that pydicomrt 0.9.1 writes: a grid of 6 x 5 x 4
# nodes, 2 x 3 x 5 mm apart, whose vectors point along x by 1 mm for each node in x, along y by 10 mm for each in y,
# along z by 100 mm for each in z.
#
# Expected: grid_data[x, y, z], of the shape (6, 5, 4, 3) that it has, is the vector of the node x, y, z.
# Seen: the vectors lie in the file with x changing fastest, and are read as if z did. 118 of the 120 nodes get the
# vector of another one: the node (1, 0, 0) that of (2, 3, 0). Where all sides have the same number of nodes, x and z
# are exchanged instead. And the one entry of the object, that of the moving image, is kept as that of the fixed one, so
# that ImageRegistration says that there is no grid.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder"
"$folder/bin/python" -m pip install --quiet --disable-pip-version-check \
	rosamllib==0.6.3 pydicomrt==0.9.1 pydicom==3.0.2 SimpleITK==2.5.7 numpy==2.4.6 ipython==9.18.1
"$folder/bin/python" -W ignore - <<'END'
import numpy as np
import SimpleITK as sitk
from pydicom.dataset import Dataset
from pydicom.uid import MRImageStorage, generate_uid
from pydicomrt.reg.builder import DeformableSpatialRegistrationBuilder
from pydicomrt.reg.parser import get_deformable_registrations
from rosamllib.readers import REGReader


def image(study):
    made = Dataset()
    made.SOPClassUID, made.SOPInstanceUID, made.StudyInstanceUID = MRImageStorage, generate_uid(), study
    made.SeriesInstanceUID, made.FrameOfReferenceUID, made.Modality = generate_uid(), generate_uid(), "MR"
    made.PatientName, made.PatientID, made.PatientBirthDate, made.PatientSex = "phantom", "1", "", "O"
    made.StudyDate, made.StudyTime, made.StudyID, made.AccessionNumber = "20260101", "120000", "1", ""
    made.ReferringPhysicianName, made.SeriesNumber, made.InstanceNumber = "", 1, 1
    return [made]


def read(size):
    # truth[x, y, z] is the vector of the node
    truth = np.stack(np.meshgrid(*map(np.arange, size), indexing="ij"), axis=-1) * np.array([1.0, 10.0, 100.0])
    field = sitk.GetImageFromArray(truth.transpose(2, 1, 0, 3), isVector=True)
    field.SetSpacing((2.0, 3.0, 5.0))
    study = generate_uid()
    builder = DeformableSpatialRegistrationBuilder(image(study))
    builder.add_registration(image(study), sitk.DisplacementFieldTransform(field))
    written = builder.build()
    grid = get_deformable_registrations(written)[0]["DeformableRegistrationGrid"]
    assert np.array_equal(grid["VectorGridData"], truth.transpose(2, 1, 0, 3)), "the writer is wrong"
    found = REGReader(written).read()
    return truth, found


truth, found = read((6, 5, 4))
info = found.fixed_image_info
wrong = np.any(info["grid_data"] != truth, axis=-1)
print(f"shape {info['grid_data'].shape}, wrong nodes {wrong.sum()} of {wrong.size}")
print(f"node (1, 0, 0): {info['grid_data'][1, 0, 0]}, truth {truth[1, 0, 0]}")
print(f"kept of the moving image: {found.moving_image_info}")
assert info["grid_data"].shape == truth.shape and found.moving_image_info == {}
assert wrong.sum() == 118, "the nodes are in their places now"
truth, found = read((4, 4, 4))
assert np.array_equal(found.fixed_image_info["grid_data"], truth.transpose(2, 1, 0, 3)), "x and z are not exchanged now"
END
