"""Transformers trained on other sequences, and what is known of how they were trained."""
