#!/bin/sh
# VTK 9.7.2 (and so pyvista 0.49.1), vtkMetaImageReader and vtkMetaImageWriter, meet SimpleITK 2.5.7: MHA files of
# stacks of 20 x 22 x 24 voxels of 1 x 2 x 3 mm with one bright voxel.
#
# Expected: the voxel lies at one place in mm, whichever of the two writes the file and whichever reads it. VTK has
# kept a direction in its images since version 9, and reads and writes it here: TransformMatrix is not passed over.
# Seen: ITK, which the format comes from, writes the axes of the image one after the other, nine numbers for i, j and k;
# VTK takes the same nine numbers for the rows of the matrix, which is its transpose. Axial stacks, also mirrored ones,
# are right. A stack tilted by 10 degrees is tilted by 10 degrees the other way, and a sagittal one has its axes
# exchanged: the voxel lies 21 and 105 mm beside its place. Files that VTK writes are read so by ITK. What VTK has
# written and reads again is right, so that a round trip does not find it. No word is said.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder"
"$folder/bin/python" -m pip install --quiet --disable-pip-version-check \
	vtk==9.7.2 pyvista==0.49.1 SimpleITK==2.5.7 numpy==2.4.6
cd "$folder"
"$folder/bin/python" -W ignore - <<'END'
import numpy as np
import pyvista
import SimpleITK
import vtk

INDEX, TILT = (4, 15, 18), np.deg2rad(10)
ORIGIN, SPACING = (10.0, 20.0, 30.0), (1.0, 2.0, 3.0)  # mm
STACKS = {  # the directions of i, j and k of the patient: left, back, head
    "axial": ((1, 0, 0), (0, 1, 0), (0, 0, 1)),
    "axial, from the right and the back": ((-1, 0, 0), (0, -1, 0), (0, 0, 1)),
    "tilted": ((1, 0, 0), (0, np.cos(TILT), np.sin(TILT)), (0, -np.sin(TILT), np.cos(TILT))),
    "sagittal": ((0, 1, 0), (0, 0, -1), (-1, 0, 0)),
}


def brightest(image):
    return np.array(image.GetPoint(int(np.argmax(pyvista.wrap(image).point_data.active_scalars))))


def read(name):
    reader = vtk.vtkMetaImageReader()
    reader.SetFileName(name)
    reader.Update()
    return reader.GetOutput()


for name, axes in STACKS.items():
    voxels = np.zeros((24, 22, 20), np.int16)
    voxels[INDEX[::-1]] = 1
    image = SimpleITK.GetImageFromArray(voxels)
    image.SetOrigin(ORIGIN)
    image.SetSpacing(SPACING)
    image.SetDirection(np.array(axes, float).T.ravel().tolist())
    place = np.array(image.TransformIndexToPhysicalPoint(INDEX))
    SimpleITK.WriteImage(image, "itk.mha")
    off = brightest(read("itk.mha")) - place
    assert np.allclose(brightest(pyvista.read("itk.mha")), place + off)

    same = vtk.vtkImageData()
    same.DeepCopy(read("itk.mha"))
    same.SetDirectionMatrix(np.array(axes, float).T.ravel().tolist())
    assert np.allclose(brightest(same), place)
    writer = vtk.vtkMetaImageWriter()
    writer.SetFileName("vtk.mha")
    writer.SetInputData(same)
    writer.Write()
    back = np.array(SimpleITK.ReadImage("vtk.mha").TransformIndexToPhysicalPoint(INDEX)) - place
    print(f"{name}: voxel at {np.round(place, 1)} mm; VTK reads it {np.linalg.norm(off):.1f} mm off "
          f"({np.round(off, 1)}), ITK reads what VTK writes {np.linalg.norm(back):.1f} mm off")
    assert np.allclose(brightest(read("vtk.mha")), place, atol=1e-3)
    turned = np.array(ORIGIN) + np.array(axes, float) @ (np.array(SPACING) * INDEX)
    assert np.allclose(off, turned - place, atol=1e-3), "VTK reads the directions of ITK now"
    assert np.allclose(back, turned - place, atol=1e-3), "VTK writes the directions of ITK now"
    assert (np.linalg.norm(off) < 1e-3) == name.startswith("axial")
END
