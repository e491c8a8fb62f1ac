#!/bin/sh
# daikon 1.2.46 (npm, the DICOM reader of Papaya and others; here in node 20), Series.buildSeries, on a sagittal cine of
# one slice: 12 MR images with InstanceNumber 1 to 12 and AcquisitionTime 0.25 s apart. Their files, IM1 to IM12, are
# read in the order of the folder, as in the example of its README.
#
# Expected: buildSeries will "order the image files, determines number of frames, etc.". It finds that they are the 12
# frames of one slice, and it puts slices of a volume in order, so it does so with frames: 1 to 12.
# Seen: 1, 10, 11, 12, 2, 3, ... The images of one place stay in the order in which they were added. The number of each
# image is read there, and not used. concatenateImageData gives that film, in which a breath jumps. All is right with
# TemporalPositionIdentifier and NumberOfTemporalPositions in each file, which real-time cines often lack.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check pydicom==3.0.2 numpy==2.4.6
cd "$folder"
npm install --silent --no-audit --no-fund --ignore-scripts daikon@1.2.46 >npm.log
"$folder/venv/bin/python" - <<'END'
from pathlib import Path

import numpy as np
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import ExplicitVRLittleEndian, MRImageStorage, generate_uid

for kind in ("numbered", "with temporal positions"):
    Path(kind).mkdir()
    study, series, frame = generate_uid(), generate_uid(), generate_uid()
    for number in range(1, 13):
        made = Dataset()
        made.file_meta = FileMetaDataset()
        made.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
        made.file_meta.MediaStorageSOPClassUID = made.SOPClassUID = MRImageStorage
        made.file_meta.MediaStorageSOPInstanceUID = made.SOPInstanceUID = generate_uid()
        made.StudyInstanceUID, made.SeriesInstanceUID, made.FrameOfReferenceUID = study, series, frame
        made.PatientName, made.PatientID, made.Modality = "phantom", "1", "MR"
        made.SeriesNumber, made.InstanceNumber = 1, number
        made.AcquisitionDate, made.AcquisitionTime = "20260101", f"1200{0.25 * number:06.3f}"
        if kind != "numbered":
            made.TemporalPositionIdentifier, made.NumberOfTemporalPositions = number, 12
        made.ImagePositionPatient, made.ImageOrientationPatient = [5.0, -60.0, 80.0], [0, 1, 0, 0, 0, -1]
        made.PixelSpacing, made.SliceThickness, made.Rows, made.Columns = [2.0, 2.0], 7.0, 16, 12
        made.SamplesPerPixel, made.PhotometricInterpretation, made.PixelRepresentation = 1, "MONOCHROME2", 0
        made.BitsAllocated, made.BitsStored, made.HighBit = 16, 16, 15
        made.PixelData = np.full((16, 12), number, np.uint16).tobytes()
        made.save_as(Path(kind) / f"IM{number}.dcm", enforce_file_format=True)
END
cat >look.js <<'END'
const assert = require("assert");
const fs = require("fs");
const daikon = require("daikon");

const numbers = Array.from({ length: 12 }, (_, index) => index + 1);
const byName = [...numbers].sort(); // as text: 1, 10, 11, 12, 2, ...
for (const [kind, expected] of [["numbered", byName], ["with temporal positions", numbers]]) {
    const series = new daikon.Series();
    for (const name of fs.readdirSync(kind).sort()) {
        const bytes = new Uint8Array(fs.readFileSync(`${kind}/${name}`));
        series.addImage(daikon.Series.parseImage(new DataView(bytes.buffer)));
    }
    series.buildSeries();
    assert.strictEqual(series.numberOfFrames, 12);
    assert(series.isImplicitTimeseries);
    const order = series.images.map((image) => image.getImageNumber());
    series.concatenateImageData(null, (film) => {
        const frames = new Uint16Array(film);
        const values = numbers.map((_, index) => frames[index * 16 * 12]);
        console.log(`${kind}: images ${order.join(" ")}; frames of the film ${values.join(" ")}`);
        assert.deepStrictEqual(values, order);
        assert.deepStrictEqual(order, expected, "frames are put in order of their numbers now");
    });
}
END
node look.js
