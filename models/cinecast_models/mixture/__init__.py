"""The mixture: linear and kernel experts, each with its own view of the samples, weighted online by how they did."""
