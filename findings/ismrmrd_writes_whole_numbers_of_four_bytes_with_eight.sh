#!/usr/bin/env bash
# ismrmrd 1.15.0 (Python) on images of whole numbers with a sign: data type 4 is int32_t in the standard and in its own
# constants. Guessed: an int32 array becomes type 4 with 4 bytes a pixel. Seen (Linux): int32 is refused as "not supported",
# int64 becomes type 4 with 8 bytes a pixel, and an image of 4 bytes a pixel cannot be read. What follows such an image
# in a stream is read from the middle of its pixels by every other program.
# Exits 0 while this is so, 1 when it has changed.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet ismrmrd==1.15.0 numpy==2.2.6 h5py==3.16.0
cd "$folder"
"$folder/venv/bin/python" - <<'PYTHON'
import struct
import sys

import ismrmrd
import numpy as np

pixels = np.arange(12).reshape(3, 4)
try:
    ismrmrd.Image.from_array(pixels.astype(np.int32))
    refused = ""
except TypeError as error:
    refused = str(error)
written = ismrmrd.Image.from_array(pixels.astype(np.int64)).to_bytes()
kind = struct.unpack_from("<H", written, 2)[0]
attributes = struct.unpack_from("<Q", written, 198)[0]
size = (len(written) - 198 - 8 - attributes) // pixels.size
try:
    ismrmrd.Image.from_bytes(written[: 206 + attributes] + pixels.astype("<i4").tobytes())
    read = "read"
except ValueError as error:
    read = f"not read: {error}"
print(f"int32: {refused}\nint64: type {kind} with {size} bytes a pixel\ntype 4 with 4 bytes a pixel: {read}")
same = refused == "Datatype not supported: int32" and (kind, size) == (4, 8) and read.startswith("not read")
print("as found" if same else "changed")
sys.exit(0 if same else 1)
PYTHON
