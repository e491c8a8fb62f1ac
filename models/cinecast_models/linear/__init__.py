"""Linear methods: a forecast that is an affine map of the newest samples, fitted once or learned sample by sample.

Persistence, the newest sample itself, is the baseline that every method must beat.
"""
