"""The mixture of experts: linear and kernel methods, weighted by how they did."""
