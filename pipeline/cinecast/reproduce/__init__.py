"""The published tables again: the papers' protocol and selection, in the published and in the causal protocol."""
