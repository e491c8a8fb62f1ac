"""The mixture: linear, kernel and analogue experts, each with its own view of the samples, weighted by how they did."""
