"""Rows that always stand beside the forecasters: the simplest forecast, and the floor that the modes leave."""

from __future__ import annotations

PERSISTENCE = "persistence"
ORACLE = "oracle"
REFERENCES = (PERSISTENCE, ORACLE)
