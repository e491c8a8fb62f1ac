#!/bin/sh
# med-imagetools 2.16.0, RTStructureSet.get_vector_mask: a structure set with a target at (32, 32) mm and a cord at
# (10, 50) mm, drawn onto two images of one patient and one size, of which the second lies 10 mm further left and 10 mm
# further to the front, as after the table has moved.
#
# Expected: on each image the mask lies at the place of the contours in mm. A mask bears the name of the region that its
# contours refer to (ReferencedROINumber): DICOM does not say that both lists have one order.
# Seen: masks are kept by the name of the structure, whatever the image. For the second image those of the first are
# returned with the place of the second, 14 mm beside the contours. A set that was read anew is right. Where the list of
# contours runs the other way, target and cord exchange their names. No word is said.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder"
"$folder/bin/python" -m pip install --quiet --disable-pip-version-check \
	med-imagetools==2.16.0 pydicom==3.0.2 SimpleITK==2.5.7 numpy==2.4.6 scikit-image==0.26.0
cd "$folder"
"$folder/bin/python" -W ignore - <<'END'
import numpy as np
import SimpleITK
from imgtools.coretypes.base_medimage import MedImage
from imgtools.coretypes.masktypes.roi_matching import ROIMatcher
from imgtools.coretypes.masktypes.structureset import RTStructureSet
from pydicom.dataset import Dataset, FileDataset, FileMetaDataset
from pydicom.uid import ExplicitVRLittleEndian, generate_uid

REGIONS = {"target": (32.0, 32.0, 12.0), "cord": (10.0, 50.0, 5.0)}  # mm: middle and radius
turn = np.linspace(0, 2 * np.pi, 100, endpoint=False)


def structures(backwards=False):
    meta = FileMetaDataset()
    meta.TransferSyntaxUID = ExplicitVRLittleEndian
    file = FileDataset("structures.dcm", {}, file_meta=meta, preamble=bytes(128))
    file.SOPClassUID, file.SOPInstanceUID = "1.2.840.10008.5.1.4.1.1.481.3", generate_uid()
    file.Modality, file.PatientID = "RTSTRUCT", "phantom"
    file.SeriesInstanceUID, file.StudyInstanceUID = generate_uid(), generate_uid()
    file.StructureSetROISequence, file.ROIContourSequence = [], []
    for number, (name, (left, back, radius)) in enumerate(REGIONS.items(), 1):
        region, contours = Dataset(), Dataset()
        region.ROINumber = contours.ReferencedROINumber = number
        region.ROIName, contours.ContourSequence = name, []
        for height in (0.0, 3.0, 6.0):
            x, y = left + radius * np.cos(turn), back + radius * np.sin(turn)
            contour = Dataset()
            contour.ContourGeometricType, contour.NumberOfContourPoints = "CLOSED_PLANAR", len(turn)
            contour.ContourData = np.stack([x, y, 0 * x + height], axis=1).round(3).ravel().tolist()
            contours.ContourSequence.append(contour)
        file.StructureSetROISequence.append(region)
        file.ROIContourSequence.append(contours)
    if backwards:
        file.ROIContourSequence = file.ROIContourSequence[::-1]
    return RTStructureSet.from_dicom(file)


def drawn(words, structure_set, corner):
    image = SimpleITK.Image(64, 64, 5, SimpleITK.sitkInt16)
    image.SetSpacing((1.0, 1.0, 3.0))
    image.SetOrigin((*corner, 0.0))
    matcher = ROIMatcher(match_map={name: [name] for name in REGIONS})
    masks = structure_set.get_vector_mask(MedImage(image), matcher)
    voxels = SimpleITK.GetArrayFromImage(masks)[1]
    found = {}
    for channel, name in enumerate(REGIONS):
        found[name] = np.argwhere(voxels[..., channel]).mean(axis=0)[::-1] + masks.GetOrigin()[:2]
    print(f"{words}: " + ", ".join(f"{name} at {middle.round(1)} mm" for name, middle in found.items()))
    return found


once = structures()
first, second = drawn("first image", once, (0.0, 0.0)), drawn("second image", once, (10.0, -10.0))
anew = drawn("second image, structures read anew", structures(), (10.0, -10.0))
turned = drawn("contours listed the other way", structures(backwards=True), (0.0, 0.0))
assert np.allclose(first["target"], 32, atol=0.5) and np.allclose(anew["target"], 32, atol=0.5)
assert np.allclose(first["cord"], (10, 50), atol=0.5)
assert np.allclose(second["target"], (42, 22), atol=0.5), "structures are drawn onto each image now"
assert np.allclose(turned["target"], (10, 50), atol=0.5), "contours belong to the region they refer to now"
END
