"""Encoder-only transformers trained offline on the train span of the sequence that they forecast (arXiv 2410.05882).

They need torch, which is imported when a network is made.
"""
