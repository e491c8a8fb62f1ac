"""A browser page of a live session: the newest real frame, the forecast of it, and the figures, as they come."""

from cinecast.live.page.live_page import LivePage as LivePage

__all__ = ["LivePage"]
