#!/bin/sh
# ITK 5.4.7, image_from_vtk_image, and SimpleITKUtilities 0.3.0, vtk2sitk, meet VTK 9.7.2: an image of 20 x 22 x 24
# voxels of 1 x 2 x 3 mm that VTK has cropped (vtkExtractVOI, vtkImageClip) or padded (vtkImageConstantPad). Each
# voxel holds its own place along x, y or z.
#
# Expected: the image lies where VTK says that it lies (GetPoint), so that each voxel holds its place. vtkImageShrink3D
# and vtkImageResample, which begin at voxel 0 again, come through like that.
# Seen: VTK keeps the number of the first voxel, say 5, 6 and 7, and the origin of voxel 0. Both conversions take the
# origin and forget the number. So the cropped image lies at the corner of the whole, here 5, 12 and 21 mm off, and the
# padded one 3, 6 and 9 mm off. Contours, doses and fields then meet it elsewhere. No word is said.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder"
"$folder/bin/python" -m pip install --quiet --disable-pip-version-check \
	itk==5.4.7 SimpleITK==2.5.7 SimpleITKUtilities==0.3.0 vtk==9.7.2 numpy==2.3.5
cd "$folder"
"$folder/bin/python" -W ignore - <<'END'
import itk
import numpy as np
import SimpleITK
import vtk
from SimpleITK.utilities.vtk import vtk2sitk
from vtk.util.numpy_support import numpy_to_vtk

SIZE, SPACING, ORIGIN = (20, 22, 24), np.array([1.0, 2.0, 3.0]), np.array([10.0, 20.0, 30.0])  # mm
PART = (5, 12, 6, 14, 7, 15)  # first and last voxel along x, y and z


def whole(axis):
    indices = np.indices(SIZE[::-1])[2 - axis]
    image = vtk.vtkImageData()
    image.SetDimensions(SIZE)
    image.SetSpacing(SPACING)
    image.SetOrigin(ORIGIN)
    image.GetPointData().SetScalars(numpy_to_vtk((ORIGIN[axis] + SPACING[axis] * indices).ravel(), deep=True))
    return image


FILTERS = {  # the filter, what is set, and whether the first voxel of the result has another number than 0
    vtk.vtkExtractVOI: ({"SetVOI": (PART,)}, True),
    vtk.vtkImageClip: ({"SetOutputWholeExtent": PART, "ClipDataOn": ()}, True),
    vtk.vtkImageConstantPad: ({"SetOutputWholeExtent": (-3, 22, -3, 24, -3, 26)}, True),
    vtk.vtkImageShrink3D: ({"SetShrinkFactors": (2, 2, 2), "MeanOff": ()}, False),
    vtk.vtkImageResample: ({"SetMagnificationFactors": (2, 2, 2)}, False),
}
for make, (settings, moves) in FILTERS.items():
    off = {"VTK": [], "ITK": [], "SimpleITK": []}
    for axis in range(3):
        filter_ = make()
        for method, values in settings.items():
            getattr(filter_, method)(*values)
        filter_.SetInputData(whole(axis))
        filter_.Update()
        part = filter_.GetOutput()
        index = [4, 4, 4]
        extent = part.GetExtent()
        number = part.ComputePointId([extent[2 * axis_] + index[axis_] for axis_ in range(3)])
        value = part.GetPointData().GetScalars().GetValue(number)
        off["VTK"].append(part.GetPoint(number)[axis] - value)
        for tool, image in (("ITK", itk.image_from_vtk_image(part)), ("SimpleITK", vtk2sitk(part))):
            assert np.isclose(image[tuple(index)] if tool == "SimpleITK" else image.GetPixel(index), value)
            off[tool].append(image.TransformIndexToPhysicalPoint(index)[axis] - value)
    print(f"{make.__name__}: " + ", ".join(f"{tool} {np.round(shift, 6)} mm off" for tool, shift in off.items()))
    assert np.allclose(off["VTK"], 0)
    right = SPACING * np.array(extent[::2]) if moves else np.zeros(3)
    assert np.allclose(off["ITK"], -right), "ITK knows the number of the first voxel now"
    assert np.allclose(off["SimpleITK"], -right), "SimpleITKUtilities knows the number of the first voxel now"
END
