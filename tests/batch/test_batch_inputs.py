"""Inputs of a batch: what is found, what it is called, and that all faults are said at once."""

from __future__ import annotations

import errno
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from cinecast.batch import BatchError, Request
from cinecast.batch.inputs import Entry, check_entries, find_entries
from cinecast.batch.list_file import read_list
from cinecast.batch.preparing import prepare_cohort, saved_cohort
from cinecast.errors import StoreError
from cinecast.store import CohortFolder, RunFolder
from helpers.command_line import ROOT

PHANTOM = ROOT / "data" / "phantom.nii.gz"


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A folder of sequences as they lie about: beside each other, nested, with other files between."""
    for name in ("one.nii.gz", "deep/er/two.nii.gz", "P1/cine.nii.gz", "P2/cine.nii.gz"):
        path = tmp_path / "data" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(PHANTOM, path)
    (tmp_path / "data" / "one.json").write_text("{}")
    (tmp_path / "data" / "notes.txt").write_text("of no format")
    (tmp_path / "data" / ".hidden.nii.gz").write_text("")
    RunFolder(tmp_path / "data" / "an-earlier-run", "one").close()
    shutil.copy(PHANTOM, tmp_path / "data" / "an-earlier-run" / "inner.nii.gz")
    return tmp_path / "data"


def found(text: str | Path) -> dict[str, Path]:
    faults: list[str] = []
    entries = find_entries(str(text), faults)
    assert faults == []
    return {entry.name: entry.source for entry in entries}


def test_a_folder_gives_all_sequences_in_it_by_their_paths(data: Path) -> None:
    assert found(data) == {
        "P1_cine": data / "P1/cine.nii.gz",
        "P2_cine": data / "P2/cine.nii.gz",
        "deep_er_two": data / "deep/er/two.nii.gz",
        "one": data / "one.nii.gz",
    }


def test_a_file_and_a_glob(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert found(data / "one.nii.gz") == {"one": data / "one.nii.gz"}
    monkeypatch.chdir(data)
    assert found("P1/*") == {"cine": data / "P1/cine.nii.gz"}
    assert found("on*") == {"one": data / "one.nii.gz"}  # the sidecar is passed over
    assert set(found("**/two*")) == {"two"}


def test_a_folder_of_dicom_files_and_a_trackrad_patient_are_sequences(tmp_path: Path) -> None:
    (tmp_path / "in" / "dicom").mkdir(parents=True)
    (tmp_path / "in" / "dicom" / "a").write_bytes(b"\0" * 128 + b"DICM")
    (tmp_path / "in" / "A_001" / "images").mkdir(parents=True)
    (tmp_path / "in" / "A_001" / "images" / "A_001_frames.mha").touch()
    assert found(tmp_path / "in") == {"A_001": tmp_path / "in" / "A_001", "dicom": tmp_path / "in" / "dicom"}
    assert found(tmp_path / "in" / "dicom") == {"dicom": tmp_path / "in" / "dicom"}


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("nowhere.nii", "nowhere.nii: there is no such file or folder"),
        ("x*.nii", "x*.nii: no file or folder matches"),
        ("empty", "empty: this folder holds no sequence of a known format"),
        ("notes.txt", "notes.txt is of no known format"),
    ],
)
def test_inputs_that_are_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str, fault: str) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "empty").mkdir()
    (tmp_path / "notes.txt").write_text("of no format")
    faults: list[str] = []
    find_entries(text, faults)
    assert len(faults) == 1
    assert fault in faults[0]


@pytest.mark.parametrize(
    ("second", "fault"),
    [
        (Entry("A", Path("/data/b.nii")), "/data/b.nii and /data/a.nii have the same name: 'A'"),
        (Entry("a", Path("/data/a.nii")), "/data/a.nii is given twice: 'a'"),
        (Entry("other", Path("/data/a.nii")), "/data/a.nii is given twice with the same settings, as 'a' and 'other'"),
        (Entry("logs", Path("/data/b.nii")), "the name 'logs' is taken by the batch itself"),
        (Entry("x/y", Path("/data/b.nii")), "'x/y' cannot be the name of a folder"),
        (Entry("..", Path("/data/b.nii")), "'..' cannot be the name of a folder"),
        (Entry("a\nb", Path("/data/b.nii")), "'a\\nb' cannot be the name of a folder"),
        (Entry("", Path("/data/b.nii")), "'' cannot be the name of a folder"),
    ],
)
def test_names_that_cannot_stand_beside_each_other(second: Entry, fault: str) -> None:
    (said,) = check_entries([Entry("a", Path("/data/a.nii")), second])
    assert fault in said


def test_one_file_may_be_two_sequences() -> None:
    file = Path("/data/a.nii")
    assert (
        check_entries([Entry("p0", file, {"frames": {"plane": 0}}), Entry("p1", file, {"frames": {"plane": 1}})]) == []
    )


def write_list(data: Path, text: str) -> tuple[list[Entry], list[str]]:
    (data / "list.csv").write_text(text, encoding="utf-8")
    faults: list[str] = []
    return read_list(data / "list.csv", faults), faults


@pytest.mark.parametrize("mark", ["", "\ufeff"])
@pytest.mark.parametrize("separator", [",", ";"])
def test_a_list_has_names_and_settings(data: Path, mark: str, separator: str) -> None:
    lines = [
        ["path", "name", "frames.frame_period_s", "flow.levels", "forecast.rls.ridge"],
        ["one.nii.gz", "anna", "0.31", "", "2"],
        ["", "", "", "", ""],
        ["P1/cine.nii.gz", "", "", "2", ""],
    ]
    entries, faults = write_list(data, mark + "\r\n".join(separator.join(cells) for cells in lines))
    assert faults == []
    assert entries == [
        Entry("anna", data / "one.nii.gz", {"frames": {"frame_period_s": 0.31}, "forecast": {"rls": {"ridge": 2}}}),
        Entry("cine", data / "P1/cine.nii.gz", {"flow": {"levels": 2}}),
    ]


def test_a_list_has_targets_under_short_names_relative_to_it(data: Path) -> None:
    entries, faults = write_list(
        data,
        "path,target,target_label,target_name,target_frame,labels\n"
        "one.nii.gz,masks/a.nrrd,2,GTV,4,truth.nii\n"
        "P1/cine.nii.gz,1.npy,,,,\n"
        "P2/cine.nii.gz,,,,,\n",
    )
    assert faults == []
    target = {"files": [str(data / "masks/a.nrrd")], "labels": ["2"], "names": ["GTV"], "frame": 4}
    assert [entry.tables for entry in entries] == [
        {"target": target, "score": {"labels": str(data / "truth.nii")}},
        {"target": {"files": [str(data / "1.npy")]}},
        {},
    ]


def test_a_frame_of_a_target_that_is_no_number(data: Path) -> None:
    _, faults = write_list(data, "path,target_frame\none.nii.gz,first\n")
    assert len(faults) == 1
    assert "target.frame (--target-frame) must be a whole number" in faults[0]


def test_the_first_label_of_a_trackrad_case_is_its_target_unless_one_is_named(tmp_path: Path) -> None:
    for case in ("A_001", "B_001"):
        for name in (f"images/{case}_frames.mha", f"targets/{case}_first_label.mha", f"targets/{case}_labels.mha"):
            (tmp_path / "in" / case / name).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / "in" / case / name).touch()
    (tmp_path / "list.csv").write_text("path,target\nin/A_001,mine.npy\nin/B_001,\n")
    with CohortFolder(tmp_path / "runs") as folder:
        named, found = prepare_cohort(folder, [str(tmp_path / "list.csv")], Request()).jobs()
    assert named.settings.target.files == (str(tmp_path / "mine.npy"),)
    assert found.settings.target.files == (str(tmp_path / "in/B_001/targets/B_001_first_label.mha"),)
    assert (named.found_target, found.found_target) == (False, True)
    assert named.settings.score.labels == found.settings.score.labels == ""


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("path,name\none.nii.gz," + "n" * 181 + "\n", "a name must have at most 180 bytes, got 181"),
        ("path,name\none.nii.gz," + "n" * 5000 + "\n", "a name must have at most 180 bytes, got 5000"),
        ("path\n" + "p" * 5000 + "\n", r"cannot be read \(File name too long\); check its name"),
        ("path," + "c" * 200_000 + "\none.nii.gz,3\n", "the list must be CSV, got field larger than field limit"),
        ("path,flow.levels\none.nii.gz," + "9" * 5000 + "\n", "where a number has thousands of digits"),
    ],
)
def test_what_is_too_long_for_a_list(data: Path, tmp_path: Path, text: str, words: str) -> None:
    (data / "list.csv").write_text(text)
    with CohortFolder(tmp_path / "runs") as folder, pytest.raises(BatchError, match=words):
        prepare_cohort(folder, [str(data / "list.csv")], Request())


def test_a_name_that_a_table_kept_from_being_a_formula_is_the_same_name(data: Path) -> None:
    entries, faults = write_list(data, "path,name\none.nii.gz,'=one\n")
    assert faults == []
    assert [entry.name for entry in entries] == ["=one"]


def test_all_faults_of_a_list_are_said_at_once(data: Path) -> None:
    _, faults = write_list(
        data,
        "path,flow.levels,flow.levelz,forecast.rls.ridge\n"
        "gone.nii.gz,2,,\n"
        "one.nii.gz,99,,\n"
        "one.nii.gz,,3,-1\n"
        "one.nii.gz,1,,1,surplus\n"
        ",1,,\n"
        "one.nii.gz,many,,\n",
    )
    expected = [
        ("line 2", "there is no file or folder"),
        ("line 3", "flow.levels must be a whole number from 1 to 8, or auto, got 99"),
        ("line 4", "got 'levelz'; did you mean levels?"),
        ("line 4", "ridge"),
        ("line 5", "more cells than the header has columns"),
        ("line 6", "the cell 'path' is empty"),
        ("line 7", "flow.levels must be a whole number from 1 to 8, or auto, got 'many'"),
    ]
    assert len(faults) == len(expected)
    for fault, (line, words) in zip(faults, expected, strict=True):
        assert fault.startswith(f"list.csv {line}: ")
        assert words in fault


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("file,name\na,b\n", "the list needs a column 'path', got the columns file, name"),
        ("", "the list needs a column 'path', got the columns none"),
        ("path,path\na,b\n", "the column 'path' is there twice"),
        ("path,levels\na,3\n", "target_frame, labels or a setting such as flow.levels, got 'levels'"),
    ],
)
def test_headers_that_say_nothing(data: Path, text: str, fault: str) -> None:
    entries, faults = write_list(data, text)
    assert entries == []
    assert fault in faults[0]


def test_a_list_that_is_no_csv(data: Path) -> None:
    _, faults = write_list(data, f'path\n"{"x" * 200_000}"\n')
    assert faults == ["list.csv after line 1: the list must be CSV, got field larger than field limit (131072)"]


def test_a_folder_that_may_not_be_read(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    iterate = Path.iterdir

    def denied(folder: Path) -> Iterator[Path]:  # as the system says it to all but its administrator
        if folder.name == "deep":
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(folder))
        return iterate(folder)

    monkeypatch.setattr(Path, "iterdir", denied)
    faults: list[str] = []
    assert find_entries(str(data), faults) == []
    assert faults == [f"{data / 'deep'} cannot be read (Permission denied); check its permissions"]


def test_a_list_in_another_encoding(data: Path) -> None:
    (data / "list.csv").write_bytes("path\nMüller.nii\n".encode("latin-1"))
    faults: list[str] = []
    assert read_list(data / "list.csv", faults) == []
    assert "list.csv: the list must be text in UTF-8" in faults[0]


def test_faults_of_all_inputs_and_settings_are_refused_together(data: Path, tmp_path: Path) -> None:
    (data / "list.csv").write_text("path,flow.levels\ngone.nii,99\n")
    request = Request(changes=[{"flow": {"iterations": 0}}])
    inputs = [str(data / "list.csv"), str(data / "gone"), str(data / "one.nii.gz"), str(data / "one.nii.gz")]
    with CohortFolder(tmp_path / "runs") as folder, pytest.raises(BatchError, match="got 5; nothing was") as raised:
        prepare_cohort(folder, inputs, request)
    lines = str(raised.value).splitlines()
    assert len(lines) == 6
    assert not list((tmp_path / "runs").iterdir())


def test_a_new_cohort_needs_inputs(tmp_path: Path) -> None:
    with CohortFolder(tmp_path / "runs") as folder, pytest.raises(BatchError, match="no sequence is given, and the f"):
        prepare_cohort(folder, [], Request())


def test_settings_of_a_line_win_over_those_of_the_cohort(data: Path, tmp_path: Path) -> None:
    (data / "list.csv").write_text("path,flow.levels\none.nii.gz,2\nP1/cine.nii.gz,\n")
    with CohortFolder(tmp_path / "runs") as folder:
        cohort = prepare_cohort(
            folder, [str(data / "list.csv")], Request(changes=[{"flow": {"levels": 4, "iterations": 2}}])
        )
    levels = {job.name: (job.settings.flow.levels, job.settings.flow.iterations) for job in cohort.jobs()}
    assert levels == {"one": (2, 2), "cine": (4, 2)}


def test_options_and_lines_win_over_what_was_tuned(data: Path, tmp_path: Path) -> None:
    (tmp_path / "tuned.toml").write_text(
        '[[forecast.tuned]]\nmethod = "rls"\nhorizon_frames = 2\nmodes = 2\n'
        "settings = {history_length = 6, ridge = 0.3}\n"
    )
    (data / "list.csv").write_text("path,forecast.rls.ridge\none.nii.gz,2\nP1/cine.nii.gz,\n")
    asked = Request(file=tmp_path / "tuned.toml", changes=[{"forecast": {"rls": {"history_length": 9}}}])
    with CohortFolder(tmp_path / "runs") as folder:
        jobs = prepare_cohort(folder, [str(data / "list.csv")], asked).jobs()
    tuned = {job.name: [dict(each.settings) for each in job.settings.forecast.tuned] for job in jobs}
    assert tuned == {"one": [{}], "cine": [{"ridge": 0.3}]}


def test_a_cohort_keeps_sequences_and_settings_until_others_are_given(data: Path, tmp_path: Path) -> None:
    file = tmp_path / "settings.toml"
    file.write_text("[flow]\nlevels = 1\n")
    with CohortFolder(tmp_path / "runs") as folder:

        def command(*inputs: Path, **asked: object) -> dict[str, int]:
            cohort = prepare_cohort(folder, [str(path) for path in inputs], Request(**asked))  # type: ignore[arg-type]
            folder.write(cohort.content(folder.root))
            folder.write_file("settings.toml", cohort.settings_text().encode())
            for entry in cohort.entries:
                RunFolder(folder.run_folder(entry.name), entry.name).close()
            return {job.name: job.settings.flow.levels for job in cohort.jobs()}

        assert command(data / "one.nii.gz", changes=[{"flow": {"levels": 5}}]) == {"one": 5}
        assert command(data / "P1") == {"one": 5, "cine": 5}
        assert command(file=file) == {"one": 1, "cine": 1}
        shutil.rmtree(folder.run_folder("one"))
        assert command(data / "P1") == {"cine": 1}
        assert saved_cohort(folder).given == {"cine"}


def test_a_preset_goes_by_the_sidecar_of_each_sequence(data: Path, tmp_path: Path) -> None:
    with CohortFolder(tmp_path / "runs") as folder, pytest.raises(BatchError, match="one: --preset published needs"):
        prepare_cohort(folder, [str(data / "one.nii.gz")], Request(preset="published"))


def test_a_run_of_a_newer_version_is_refused_before_anything_starts(data: Path, tmp_path: Path) -> None:
    RunFolder(tmp_path / "runs" / "one", "one").close()
    marker = tmp_path / "runs" / "one" / "run.json"
    marker.write_text(marker.read_text().replace('"format": 1', '"format": 2'))
    (tmp_path / "runs" / "batch.json").write_text('{"format": 1, "token": ""}')
    with (
        CohortFolder(tmp_path / "runs") as folder,
        pytest.raises(StoreError, match="a run must have format 1 or older"),
    ):
        prepare_cohort(folder, [str(data / "one.nii.gz")], Request())
