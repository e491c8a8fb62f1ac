"""Transformers trained on other sequences, and what is known of how they were trained (arXiv 2410.05882).

`training` makes a population, `file` keeps it, `choice` finds the one for a task, `transformer` forecasts with it.
"""
