"""Forecast the frames of a cine-MR sequence, causally, with the error in millimetres."""

__version__ = "0.1.0"
