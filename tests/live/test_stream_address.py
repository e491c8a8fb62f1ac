"""Addresses of streams."""

from __future__ import annotations

from pathlib import Path

import pytest

from cinecast.errors import SettingsError
from cinecast.live.stream_address import StreamAddress, is_stream, parse_address


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("igtl://127.0.0.1:18944/Scan", StreamAddress("igtl", "127.0.0.1", 18944, "Scan")),
        ("igtl://scanner.hospital:1/A b", StreamAddress("igtl", "scanner.hospital", 1, "A b")),
        ("igtl://host:65535", StreamAddress("igtl", "host", 65535, "")),
        ("igtl://[::1]:9/A", StreamAddress("igtl", "::1", 9, "A")),
        ("mrd://host:9020", StreamAddress("mrd", "host", 9020, "")),
    ],
)
def test_an_address_is_understood_as_text_and_as_the_path_that_it_becomes(text: str, wanted: StreamAddress) -> None:
    assert is_stream(text)
    assert parse_address(text) == parse_address(str(Path(text))) == wanted


@pytest.mark.parametrize("text", ["igtl://host", "igtl://host:0/A", "igtl://host:65536/A", "igtl://:18944/A"])
def test_another_address_is_refused(text: str) -> None:
    with pytest.raises(SettingsError, match=r"a stream must be igtl://HOST:PORT/DEVICE or mrd://HOST:PORT"):
        parse_address(text)


def test_mrd_has_no_device() -> None:
    with pytest.raises(SettingsError, match="an MRD stream has no devices, got A"):
        parse_address("mrd://host:9020/A")


@pytest.mark.parametrize("text", ["phantom.nii.gz", "folder/igtl", "/igtl:/x", "c:/x"])
def test_files_are_no_streams(text: str) -> None:
    assert not is_stream(text)
