"""The TrackRAD2025 challenge: targets tracked at horizon 0, its rules of evaluation, label series in its layout.

In: frames (T, H, W) and the mask of one of them, (H, W). Out: a label series (T, H, W), each mask made before the next
frame is looked at; useless frames keep the mask of the frame before.
In: label series (T, H, W) of forecasts and references, 0 outside the target.
Out: scores of a case as LMUK-RADONC-PHYS-RES/trackrad2025 computes them, or by cinecast's own rules.
"""
