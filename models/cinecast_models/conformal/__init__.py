"""Online conformal prediction with delayed feedback: radii of forecasts, and the bands made of them."""
