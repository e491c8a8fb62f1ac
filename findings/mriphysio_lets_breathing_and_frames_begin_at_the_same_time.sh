#!/bin/sh
# mriphysio 2023.8.8, PhysioDicom (and physio2bids): the physiological log of a Siemens scanner with a CMRR sequence.
# The log of the belt begins 6 s before the first image is acquired, as such logs do. All its times are ticks of 2.5 ms
# of one clock.
#
# Expected: one table with one clock. A comment in the source says "identical offset for all waveforms"; the README says
# that the waveforms match the acquisition period accurately. In the table, breathing and images have the distance in
# time that they have in the log; niphlem, which reads the same logs, keeps it.
# Seen: each waveform is moved by its own first tick. Breathing and the first image both begin at 0 s, so that all of
# breathing comes 6 s (1.5 breaths of 4 s) late beside the images: where an image was taken in full expiration, the
# table says full inspiration. Rates and shapes are right, and nothing is missing: what breathing lacks at the end is
# extrapolated. Gates, phases and lags taken from such a table are wrong by what nobody can tell from it.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder"
"$folder/bin/python" -m pip install --quiet --disable-pip-version-check mriphysio==2023.8.8 numpy==2.4.6 scipy==1.17.1 \
	pandas==3.0.5 pydicom==3.0.2 matplotlib==3.11.2
cd "$folder"
"$folder/bin/python" -W ignore - <<'END'
import contextlib
import io

import numpy as np
from mriphysio import PhysioDicom
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import ExplicitVRLittleEndian, MRImageStorage, generate_uid

TICK, BREATH, FIRST, LEAD = 0.0025, 4.0, 16_000_000, 6.0  # s, s, ticks of the clock, s
samples = FIRST + np.arange(0, round(60 / TICK), 8)  # the belt: 50 Hz for a minute
images = FIRST + np.round((LEAD + 0.5 * np.arange(100)) / TICK).astype(int)  # one each 0.5 s, from 6 s on


def belt(ticks):
    seconds = (np.asarray(ticks) - FIRST) * TICK
    return np.round(2048 + (1000 - 5 * seconds) * np.cos(2 * np.pi * seconds / BREATH))  # ever shallower


head = "UUID        = 0\nScanDate    = 20230808_120000\nLogVersion  = EJA_1\nLogDataType = {}\n"
respiration = head.format("RESP") + "SampleTime  = 8\n\nACQ_TIME_TICS  CHANNEL  VALUE  SIGNAL\n\n"
respiration += "".join(f"{tick}  RESP  {value:.0f}\n" for tick, value in zip(samples, belt(samples)))
information = head.format("ACQUISITION_INFO") + "NumSlices   = 1\nNumVolumes  = 100\nNumEchoes   = 1\n\n"
information += "VOLUME   SLICE   ACQ_START_TICS  ACQ_FINISH_TICS  ECHO\n\n"
information += "".join(f"{k}  0  {tick}  {tick + 40}  0\n" for k, tick in enumerate(images))
information += f"\nFirstTime = {FIRST}\nLastTime = {samples[-1]}\n"
rows = max(map(len, (respiration, information))) // 1024 + 2
blocks = b""
for name, text in (("Physio_RESP.log", respiration), ("Physio_Info.log", information)):
    sizes = len(text).to_bytes(4, "little") + len(name).to_bytes(4, "little")
    blocks += ((sizes + name.encode()).ljust(1024, b"\0") + text.encode()).ljust(1024 * rows, b"\0")
log = Dataset()
log.SOPClassUID, log.SOPInstanceUID, log.AcquisitionNumber = MRImageStorage, generate_uid(), rows
log.ImageType = ["ORIGINAL", "PRIMARY", "RAWDATA", "PHYSIO"]
log.add_new((0x7FE1, 0x0010), "LO", "SIEMENS CSA NON-IMAGE")
log.add_new((0x7FE1, 0x1010), "OB", blocks)
log.file_meta = FileMetaDataset()
log.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
log.save_as("physio.dcm", enforce_file_format=True)

with contextlib.redirect_stdout(io.StringIO()):
    table = PhysioDicom("physio.dcm").convert()
times, on, found = (table[name].to_numpy() for name in ("Time_s", "ACQ", "RESP"))
starts = np.flatnonzero(np.diff(np.round(on)) == 1) + 1  # rows in which an image begins
inside = starts[times[starts] < 50]  # where the log of the belt reaches
assert len(starts) == 100 and np.allclose(np.diff(times[starts]), 0.5, atol=TICK), "images lie elsewhere"
print(f"belt at the first four images: in the log {belt(images[:4])}, in the table {np.round(found[starts[:4]])}")
lags = np.arange(-2, 10.01, 0.25)  # s by which breathing would be late in the table
differences = [np.abs(found[inside] - belt(images[: len(inside)] - np.round(lag / TICK))).max() for lag in lags]
late = lags[int(np.argmin(differences))]
print(f"largest difference {differences[8]:.0f} of a range of 2000; {min(differences):.0f} if {late} s late")
assert lags[8] == 0 and differences[8] > 1800, "breathing and images have one clock now"
assert late == LEAD and min(differences) < 60
END
