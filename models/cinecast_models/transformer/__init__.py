"""Encoder-only transformers, trained on the sequence that they forecast."""
