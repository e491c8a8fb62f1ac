"""Runs as layers of napari, which reads `napari.yaml` and calls `reader`; nothing of napari is imported here.

In: a run folder, finished or not. Out: layers as napari takes them: arrays, what is said of them, and their kind.
"""
