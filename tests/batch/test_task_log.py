"""What a thread logs is kept for its sequence, and goes to nobody else meanwhile."""

from __future__ import annotations

import logging

import pytest

from cinecast.batch.task_log import listening

_LOG = logging.getLogger("cinecast.batch.tasks")


def test_what_is_logged_is_kept_and_said_to_nobody_else(caplog: pytest.LogCaptureFixture) -> None:
    with listening() as lines:
        _LOG.warning("the disk is slow")
    assert [line.text for line in lines] == ["the disk is slow"]
    assert caplog.messages == []


def test_once_nobody_listens_it_is_said_again(caplog: pytest.LogCaptureFixture) -> None:
    with listening(), listening():
        pass
    _LOG.warning("the disk is full")
    assert caplog.messages == ["the disk is full"]


def test_who_still_listens_has_it_alone(caplog: pytest.LogCaptureFixture) -> None:
    with listening() as lines:
        with listening():
            pass
        _LOG.warning("the disk is slow")
    assert [line.text for line in lines] == ["the disk is slow"]
    assert caplog.messages == []
