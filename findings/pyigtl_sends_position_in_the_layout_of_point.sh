#!/usr/bin/env bash
# pyigtl 0.3.4 on a POSITION message of OpenIGTLink (a tracked place: 3 coordinates and a quaternion, 28 bytes).
# Guessed: it sends 28 bytes, and understands such a message. Seen: its POSITION has 152 bytes, name, group, colour and
# owner among them as a POINT has, so that other programs cannot read it. A message as the standard has it comes
# back without any position and without a word: a tool that is tracked is nowhere.
# Exits 0 while this is so, 1 when it has changed.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet pyigtl==0.3.4 crcmod==1.7 numpy==2.2.6
cd "$folder"
"$folder/venv/bin/python" - <<'PYTHON'
import struct
import sys

from pyigtl.messages import MessageBase, PositionMessage

own = PositionMessage(positions=[1.0, 2.0, 3.0], quaternions=[0.0, 0.0, 0.0, 1.0], timestamp=1.0, device_name="Tool")
sent = MessageBase.parse_header(own.pack()[:58])["body_size"]
standard = struct.pack(">7f", 1.0, 2.0, 3.0, 0.0, 0.0, 0.0, 1.0)
got = PositionMessage()
got.unpack({"header_version": 1, "message_type": "POSITION", "device_name": "Tool", "timestamp": 1.0}, standard)
print(f"the standard: {len(standard)} bytes\nsent by pyigtl: {sent} bytes\nunderstood of the standard's: {got.positions}")
same = (len(standard), sent, list(got.positions)) == (28, 152, [])
print("as found" if same else "changed")
sys.exit(0 if same else 1)
PYTHON
