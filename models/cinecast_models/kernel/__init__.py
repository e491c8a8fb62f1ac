"""Kernel methods: regression on how alike histories are, fitted once (`svr`) or kept on the newest (`kernel_ridge`)."""
