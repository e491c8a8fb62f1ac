"""How long a gap may be that is filled in, unless the user says otherwise."""

from __future__ import annotations

LONGEST_GAP_S = 1.0
