"""The TrackRAD2025 challenge: its rules of evaluation, and label series in its layout.

In: label series (T, H, W) of forecasts and references, 0 outside the target.
Out: scores of a case as LMUK-RADONC-PHYS-RES/trackrad2025 computes them, or by cinecast's own rules.
"""
