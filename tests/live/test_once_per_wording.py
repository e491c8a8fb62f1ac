"""Warnings of a stream are said once for each wording, and counted."""

from __future__ import annotations

import logging

import pytest

from cinecast.live.once_per_wording import OncePerWording

LOG = logging.getLogger("cinecast.live.forecaster")


def test_warnings_that_differ_in_numbers_alone_are_said_once(caplog: pytest.LogCaptureFixture) -> None:
    with OncePerWording() as said:
        for number in range(5):
            LOG.warning("frame %d (%.4f s) is skipped: it comes from the past", number, 0.25 * number)
        LOG.warning("frame 5 (1.2500 s) is skipped: it repeats the time of the frame before it")
    assert len(caplog.messages) == 2
    assert said.repeated == ["5 times: frame # (# s) is skipped: it comes from the past"]


def test_after_it_all_is_said_again(caplog: pytest.LogCaptureFixture) -> None:
    with OncePerWording():
        LOG.warning("twice")
    LOG.warning("twice")
    assert caplog.messages == ["twice", "twice"]


def test_wordings_that_the_other_end_makes_up_take_no_memory() -> None:
    with OncePerWording() as said:
        for number in range(1000):
            LOG.warning("%s", "x" * number)
    assert len(said.counts) <= 201
