"""One run on the disk: what it consists of, what of it is up to date, the making of the rest, and what is drawn of it.

The seven stages are functions of arrays and settings; only this package knows their order and joins them to the store.
"""
