"""Kernel methods: regression on how alike histories are, fitted once or kept on the newest of them."""
