"""The tables of arXiv 2410.05882 (cine) and 2403.01607 (markers) again, in the published and in the causal protocol.

In: a folder of sequences with sidecars, or of marker recordings; the published figures; a budget of time, which decides
how much of the papers' grids is tried.
Out: a CSV with our figure beside the published one for each sequence, method, horizon and metric (errors in mm), and a
page in Markdown with plots.
A cell is one method at one horizon of one sequence; one that fails is left out and named on the page. Everything begins
with `cinecast.reproduce.run`.
"""
