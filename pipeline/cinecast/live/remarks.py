"""What is said of a frame that is not like the others: lost ones before it, a clock that was set back, a fault."""

from __future__ import annotations

from cinecast.clock.regular_clock import Arrival


def remark_on_fault(fault: str | None) -> list[str]:
    """Return what is said of a frame with a fault, in words; nothing of a good one."""
    return [] if fault is None else [f"it is {fault}: the motion of the frame before is held"]


def remarks_on(arrival: Arrival) -> list[str]:
    """Return what is said of what a frame means for the regular clock; nothing where it is the next one, on time."""
    if arrival.jump and not arrival.lost:
        return ["the clock was set back and starts anew: histories begin with it"]
    if arrival.jump:
        return [f"{arrival.lost} frames were lost before it, too many to fill: histories begin anew with it"]
    if arrival.on_time:
        return [f"{arrival.lost} frame(s) lost before it, filled by interpolation"] if arrival.lost else []
    return [f"it comes between two instants of the frames' clock; {arrival.lost} instant(s) filled by interpolation"]
