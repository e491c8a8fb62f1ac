#!/bin/sh
# medio 0.7.1, read_img(path, header=True) of DICOM slices with a rescale slope, as of PET, of quantitative MR maps and
# of MR images of some makers.
#
# Expected: the same values as without the header. header is documented as "the returned metadata will include a header
# attribute with additional metadata".
# Seen: with the header, values are read as int16: the slope is applied and its result cut to whole numbers. A T1 map in
# seconds is 0, 1 and 2 all over, and of a PET in SUV all below 1 is 0. Of values above 32767, as activities in Bq/ml,
# the largest come out low or negative. No word is said. It is the same for a file and for the folder of a series.
# Without the header the values are those that SimpleITK reads. (The header comes with another reader of ITK, which is
# given medio's default type.)
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder"
"$folder/bin/python" -m pip install --quiet --disable-pip-version-check medio==0.7.1 itk==5.4.7 pydicom==3.0.2 \
	dicom-numpy==0.6.5 nibabel==5.4.2 numpy==2.4.6 simpleitk==2.5.7
cd "$folder"
"$folder/bin/python" -W ignore - <<'END'
import pathlib

import medio
import numpy as np
import pydicom
import SimpleITK as sitk
from pydicom.uid import ExplicitVRLittleEndian, MRImageStorage, generate_uid

STORED = np.random.default_rng(0).integers(0, 2500, (4, 5, 6)).astype(np.uint16)
SERIES, STUDY = generate_uid(), generate_uid()


def write(name, slope):
    pathlib.Path(name).mkdir()
    for k, pixels in enumerate(STORED):
        slice_ = pydicom.Dataset()
        slice_.file_meta = pydicom.dataset.FileMetaDataset()
        slice_.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
        slice_.SOPClassUID, slice_.SOPInstanceUID = MRImageStorage, generate_uid()
        slice_.SeriesInstanceUID, slice_.StudyInstanceUID, slice_.Modality = SERIES, STUDY, "MR"
        slice_.InstanceNumber, slice_.Rows, slice_.Columns = k + 1, 5, 6
        slice_.PixelSpacing, slice_.SliceThickness = [2, 1], 3
        slice_.ImageOrientationPatient, slice_.ImagePositionPatient = [1, 0, 0, 0, 1, 0], [0, 0, 3 * k]
        slice_.SamplesPerPixel, slice_.PhotometricInterpretation = 1, "MONOCHROME2"
        slice_.BitsAllocated, slice_.BitsStored, slice_.HighBit, slice_.PixelRepresentation = 16, 16, 15, 0
        slice_.RescaleSlope, slice_.RescaleIntercept, slice_.RescaleType = slope, 0, "US"
        slice_.PixelData = pixels.tobytes()
        slice_.save_as(f"{name}/{k}.dcm", enforce_file_format=True)
    return STORED.T * float(slope)


for name, slope in {"T1 in s": "0.001", "T1 in ms": "1", "activity in Bq per ml": "20.5"}.items():
    truth = write(name, slope)
    by_sitk = sitk.GetArrayFromImage(sitk.ReadImage(sorted(map(str, pathlib.Path(name).iterdir())))).T
    assert np.allclose(by_sitk, truth)
    for path in (name, f"{name}/2.dcm"):
        whole = truth if path == name else truth[..., 2:3]
        plain, _ = medio.read_img(path)
        headed, _ = medio.read_img(path, header=True)
        kept = np.allclose(headed, whole)
        print(f"{path}: maximum {whole.max():g}, read {plain.max():g}, with the header {headed.max():g}")
        assert np.allclose(plain.reshape(whole.shape), whole)
        assert kept == (slope == "1"), "values with the header are others now"
        small = whole < 32767
        assert np.array_equal(headed.reshape(whole.shape)[small], np.trunc(whole[small] + 1e-9)), "not cut any more"
        assert small.all() or headed.max() < 32768, "larger values are kept now"
END
