#!/bin/sh
# metaimageio 1.3.2, write, and SimpleITK 2.5.7, which has the library of MetaImage files itself: labels of a target of
# 8 slices, 6 rows and 10 columns, as numpy counts them (int64, such as argmax gives them).
#
# Expected: SimpleITK reads the labels that were written, as it does those of int16, int32 and float64.
# Seen: the header says MET_LONG, which has four bytes in MetaImage files on any machine, and the numbers have eight.
# Every number is read as itself and a zero. Size, origin and spacing are right. The rows are torn to twice their
# length, so that the target is as large as before, but with holes, and 36 mm from its place. What lies in the second
# half of the slices is gone: the mask of another target is empty. Nothing is said. tiny-metaio reads the same as
# SimpleITK; metaimageio reads its own files back right.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder"
"$folder/bin/python" -m pip install --quiet --disable-pip-version-check \
	metaimageio==1.3.2 tiny-metaio==0.4.0 SimpleITK==2.5.7 numpy==2.4.6
cd "$folder"
"$folder/bin/python" -W ignore - <<'END'
import metaimageio
import metaio
import numpy as np
import SimpleITK as sitk

SPACING, ORIGIN = (1.5, 2.0, 3.0), (-30.0, -20.0, -60.0)


def target(first_slice):
    labels = np.zeros((40, 30, 36), np.int64)
    labels[first_slice : first_slice + 8, 8:14, 12:22] = 1
    return labels


def centre(image):
    voxels = np.argwhere(sitk.GetArrayFromImage(image) == 1)
    return np.array(image.TransformContinuousIndexToPhysicalPoint(voxels.mean(axis=0)[::-1].tolist()))


for first_slice in (6, 28):
    labels = target(first_slice)
    read, place = {}, np.array(ORIGIN) + (np.argwhere(labels).mean(axis=0) * SPACING[::-1])[::-1]
    for kind in (np.int16, np.int32, np.float64, np.int64):
        metaimageio.write("labels.mha", labels.astype(kind), ElementSpacing=SPACING, Position=ORIGIN,
                          TransformMatrix=np.eye(3))
        read[kind] = sitk.ReadImage("labels.mha")
        voxels = int((sitk.GetArrayFromImage(read[kind]) == 1).sum())
        where = f"{np.linalg.norm(centre(read[kind]) - place):.1f} mm off" if voxels else "nowhere"
        print(f"slices {first_slice} to {first_slice + 7} as {kind.__name__}: {voxels} voxels, {where}")
        assert read[kind].GetSpacing() == SPACING and read[kind].GetOrigin() == ORIGIN
        if kind != np.int64:
            assert np.array_equal(sitk.GetArrayFromImage(read[kind]), labels) and voxels == 480
    assert np.array_equal(metaimageio.read("labels.mha")[0], labels)
    seen = sitk.GetArrayFromImage(read[np.int64])
    assert np.array_equal(metaio.read("labels.mha").data, seen)
    assert np.array_equal(seen.ravel(), labels.ravel().view(np.int32)[: labels.size]), "labels are read as written now"
    assert (seen == 1).sum() == (480 if first_slice == 6 else 0)
END
