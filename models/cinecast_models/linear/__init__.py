"""Linear methods: a forecast that is an affine map of the newest samples, fitted once or learned sample by sample."""
