"""The regular clock that forecasters need, among frames that come early, late or not at all.

`cinecast.clock.regular_clock` follows it frame by frame, live and in a run alike. `cinecast.clock.instants` says which
frame of a recorded sequence lies at which of its instants, and at which instants none came.
"""
