"""A phantom as a user's files."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from cinecast.errors import CinecastError, StoreError
from cinecast.frames import read_sequence, spool
from cinecast.phantom import Phantom, PhantomSettings, make_phantom
from cinecast.phantom.files import write_new_phantom, write_phantom
from helpers.command_line import digests

SETTINGS = PhantomSettings(rows=48, columns=40, pixel_spacing_mm=(6, 5), frame_count=12)


@pytest.fixture(scope="module")
def phantom() -> Phantom:
    return make_phantom(SETTINGS)


@pytest.mark.parametrize("name", ["made.nii", "made.nii.gz"])
def test_it_reads_back_as_the_sequence_that_it_is(tmp_path: Path, phantom: Phantom, name: str) -> None:
    files = write_phantom(tmp_path / "new" / name, phantom)
    assert [path.name for path in files] == [name, "made.json"]
    again, original = read_sequence(files[0]), phantom.sequence
    np.testing.assert_array_equal(again.frames, original.frames)
    assert again.frames.dtype == original.frames.dtype
    np.testing.assert_allclose(again.times_s, original.times_s, rtol=1e-6)
    np.testing.assert_allclose(again.spacing_mm, original.spacing_mm)
    np.testing.assert_allclose(again.affine, original.affine, atol=1e-4)  # type: ignore[arg-type]
    assert (again.roi, again.split, again.name) == (original.roi, original.split, "made")


def test_the_true_dvf_is_written_when_asked_for(tmp_path: Path, phantom: Phantom) -> None:
    files = write_phantom(tmp_path / "made.nii", phantom, with_dvf=True)
    assert [path.name for path in files] == ["made.nii", "made.json", "made_dvf.npy"]
    np.testing.assert_array_equal(np.load(files[2], allow_pickle=False), phantom.dvf)


def test_the_sidecar_says_that_it_is_simulated(tmp_path: Path, phantom: Phantom) -> None:
    write_phantom(tmp_path / "made.nii", phantom)
    assert "simulated" in json.loads((tmp_path / "made.json").read_text())["_note"]


def test_the_same_phantom_gives_the_same_bytes(tmp_path: Path, phantom: Phantom) -> None:
    for folder in ("one", "two"):
        write_phantom(tmp_path / folder / "made.nii.gz", phantom, with_dvf=True)
    assert digests(tmp_path / "one") == digests(tmp_path / "two")


@pytest.mark.parametrize("name", ["made.nii", "made.nii.gz"])
def test_one_that_memory_does_not_hold_has_the_same_bytes(
    tmp_path: Path, phantom: Phantom, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(spool, "MOST_IN_MEMORY", 0)
    write_new_phantom(tmp_path / "new" / name, SETTINGS, with_dvf=True)
    write_phantom(tmp_path / "old" / name, phantom, with_dvf=True)
    assert digests(tmp_path / "new") == digests(tmp_path / "old")


def test_the_dvf_of_another_phantom_does_not_stay_beside_it(tmp_path: Path, phantom: Phantom) -> None:
    write_phantom(tmp_path / "made.nii", phantom, with_dvf=True)
    before = digests(tmp_path)
    with pytest.raises(CinecastError, match=r"got made_dvf\.npy of an earlier one; remove it"):
        write_phantom(tmp_path / "made.nii", phantom)
    assert digests(tmp_path) == before


def test_a_name_that_is_no_nifti(tmp_path: Path, phantom: Phantom) -> None:
    with pytest.raises(CinecastError, match=r"must end in \.nii\.gz or \.nii, got made\.mha; rename it"):
        write_phantom(tmp_path / "made.mha", phantom)
    assert list(tmp_path.iterdir()) == []


def test_a_place_that_is_no_folder(tmp_path: Path, phantom: Phantom) -> None:
    (tmp_path / "file").write_text("mine")
    with pytest.raises(StoreError, match=r"the phantom needs a usable folder, .*choose another place"):
        write_phantom(tmp_path / "file" / "made.nii", phantom)


def test_a_place_that_takes_no_files(phantom: Phantom) -> None:
    with pytest.raises(StoreError, match="choose another place"):
        write_phantom(Path("/proc/made.nii"), phantom)
