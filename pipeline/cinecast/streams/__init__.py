"""Frames and forecasts over sockets: OpenIGTLink in and out, ISMRMRD images in.

In: bytes of messages, as they arrive. Out: messages with their facts: frames (H, W), the map from (column, row, plane,
1) to patient RAS+ in mm, times in ns since 1970.
What breaks a rule of a protocol is a `StreamError`. Sizes in headers are believed up to a limit,
so that no header takes the memory. Nothing here knows what a forecast is.
"""
