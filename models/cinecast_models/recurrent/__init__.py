"""Recurrent nets that learn online: one net (`base`), its settings, and one file for each way to its gradient.

The inner loops are compiled; random runs are advanced side by side in threads.
"""
