"""Forecasts by what followed the most similar histories."""
