"""DICOM: classic files, one frame each, and enhanced multi-frame files, from a folder or while they arrive."""
