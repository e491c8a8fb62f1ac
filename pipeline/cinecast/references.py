"""Rows that always stand beside the forecasters: the simplest forecast, and the floors that modes and flow leave."""

from __future__ import annotations

PERSISTENCE = "persistence"
ORACLE = "oracle"
# The measured motion itself, which has a score only against what does not come from it.
MEASURED = "measured"
# Perfect knowledge, which has scores of gating alone: the beam is gated by where the target really is.
PERFECT = "perfect"
# What forecasts nothing, and knows the frame itself. Only a method that follows the drift, where the
# oracle does not, can be below the oracle.
FLOORS = (ORACLE, MEASURED, PERFECT)
REFERENCES = (PERSISTENCE, *FLOORS)
