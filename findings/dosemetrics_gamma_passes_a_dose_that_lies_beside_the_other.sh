#!/bin/sh
# dosemetrics 0.4.1, compare_gamma_index (3 %, 3 mm) of two doses that are read from DICOM (Dose.from_dicom). Pixels are
# 2 mm, planes 5 mm apart.
#
# Expected: a dose that lies 100 mm beside the other by its ImagePositionPatient fails, or is refused: "ValueError: If
# dose distributions have incompatible geometry". A dose that is moved by one plane, 5 mm, fails wherever it is steep.
# Seen: the place of the doses is not looked at: 100 mm beside, each point has gamma 0. And arrays are (plane, row,
# column), but spacings (column, row, plane): the first spacing, of the columns, is used between planes. So one plane
# is 2 mm away, and all points of the moved dose pass; worked out by hand, 59 % fail. A dose that is moved by one
# column, 2 mm, passes by hand, as 2 mm are less than 3, but fails at 34 % of its points, as that counts 5 mm. No word
# is said.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder"
"$folder/bin/python" -m pip install --quiet --disable-pip-version-check numpy==1.26.4 pandas==2.2.3 scipy==1.13.1 \
	numba==0.60.0 nibabel==5.2.1 pydicom==3.0.1 SimpleITK==2.5.7 scikit-image==0.24.0 matplotlib==3.8.4
"$folder/bin/python" -m pip install --quiet --disable-pip-version-check --no-deps dosemetrics==0.4.1
cd "$folder"
"$folder/bin/python" -W ignore - <<'END'
import numpy as np
from dosemetrics import Dose
from dosemetrics.metrics.gamma import compare_gamma_index
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import ExplicitVRLittleEndian, RTDoseStorage, generate_uid

PLANES, ROWS, COLUMNS, APART = 20, 40, 44, np.array([5.0, 2.0, 2.0])
FIRST = np.array([-43.0, -39.0, -47.5])


def dose(moved=(0.0, 0.0, 0.0), place=(0.0, 0.0, 0.0)):
    """Write a dose that is moved by mm along plane, row and column, whose first voxel is moved by mm (x, y, z)."""
    dataset = Dataset()
    dataset.file_meta = FileMetaDataset()
    dataset.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    dataset.SOPClassUID = dataset.file_meta.MediaStorageSOPClassUID = RTDoseStorage
    dataset.SOPInstanceUID = dataset.file_meta.MediaStorageSOPInstanceUID = generate_uid()
    dataset.Modality, dataset.DoseUnits, dataset.DoseType = "RTDOSE", "GY", "PHYSICAL"
    dataset.DoseSummationType = "PLAN"
    dataset.ImagePositionPatient, dataset.ImageOrientationPatient = (FIRST + place).tolist(), [1, 0, 0, 0, 1, 0]
    dataset.PixelSpacing, dataset.GridFrameOffsetVector = APART[1:].tolist(), (APART[0] * np.arange(PLANES)).tolist()
    dataset.FrameIncrementPointer, dataset.NumberOfFrames = 0x3004000C, PLANES
    dataset.Rows, dataset.Columns, dataset.SamplesPerPixel = ROWS, COLUMNS, 1
    dataset.PhotometricInterpretation, dataset.PixelRepresentation = "MONOCHROME2", 0
    dataset.BitsAllocated, dataset.BitsStored, dataset.HighBit, dataset.DoseGridScaling = 32, 32, 31, 1e-5
    at = np.stack(np.meshgrid(*map(np.arange, (PLANES, ROWS, COLUMNS)), indexing="ij"), axis=-1) * APART
    far = np.linalg.norm(at - APART * [(PLANES - 1) / 2, ROWS / 2, COLUMNS / 2] - moved, axis=-1)
    dataset.PixelData = np.round(60e5 / (1 + np.exp((far - 22) / 3))).astype("<u4").tobytes()
    dataset.save_as("dose.dcm", enforce_file_format=True)
    return Dose.from_dicom("dose.dcm")


def by_hand(reference, evaluated):
    """Return gamma from voxels alone, as the package does it, with the distances of (plane, row, column)."""
    limit, best = 0.03 * reference.max(), np.full(reference.shape, np.inf)
    reach = np.ceil(9 / APART).astype(int)
    padded = np.pad(evaluated, [(each, each) for each in reach], constant_values=np.inf)
    for step in np.ndindex(*(2 * reach + 1)):
        far = np.linalg.norm((np.array(step) - reach) * APART)
        if far <= 9:
            part = padded[tuple(slice(a, a + n) for a, n in zip(step, reference.shape))]
            best = np.minimum(best, np.hypot(far / 3, (part - reference) / limit))
    return np.where(reference < 0.1 * reference.max(), np.nan, best)


def failed(gamma):
    return 100 * float(np.mean(gamma[~np.isnan(gamma)] > 1))


reference = dose()
print(f"array {reference.dose_array.shape}, spacing {reference.spacing}")
beside = failed(compare_gamma_index(reference, dose(place=(100, 0, 0))))
print(f"100 mm beside by its position: {beside:.0f} % fail, gamma at most", end=" ")
print(float(np.nanmax(compare_gamma_index(reference, dose(place=(100, 0, 0))))))
found = {}
for name, moved in (("one plane, 5 mm", (5, 0, 0)), ("one row, 2 mm", (0, 2, 0)), ("one column, 2 mm", (0, 0, 2))):
    other = dose(moved)
    found[name] = failed(compare_gamma_index(reference, other)), failed(by_hand(reference.dose_array, other.dose_array))
    print(f"moved by {name}: {found[name][0]:.0f} % fail, by hand {found[name][1]:.0f} %")
assert beside == 0, "the place of doses is looked at now"
assert found["one plane, 5 mm"][0] == 0 and found["one plane, 5 mm"][1] > 10, "planes have their distance now"
assert found["one row, 2 mm"] == (0, 0)
assert found["one column, 2 mm"][0] > 5 and found["one column, 2 mm"][1] == 0, "columns have their distance now"
END
