"""``cinecast track``: cases in, label series out, scored where labels are given, and what is refused."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path
from typing import Any

import nibabel
import numpy as np
import pytest

from helpers.command_line import Outcome, call_cli, digests, on_terminal, run_cli, succeed
from helpers.trackrad_cases import SPACING_MM, phantom, read_mha, true_masks, write_case, write_mha


@pytest.fixture(scope="session")
def original_case(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_case(tmp_path_factory.mktemp("cases") / "P_001")


@pytest.fixture
def case(original_case: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(original_case, tmp_path / "P_001"))


def masks(out: Path, name: str = "P_001") -> np.ndarray:
    return read_mha(out / name / f"{name}_tracked.mha")


def cells(printed: str, name: str) -> list[str]:
    (line,) = (each for each in printed.splitlines() if each.startswith(f"│ {name} "))
    return [cell.strip() for cell in line.strip("│ ").split("│")[1:]]


@pytest.mark.shared
@pytest.mark.parametrize("rules", [(), ("--trackrad",)])
def test_the_example_of_the_challenge(shared: Path, tmp_path: Path, rules: tuple[str, ...]) -> None:
    source = shared / "data" / "trackrad" / "Z_001"
    printed = succeed("track", source, "--out", tmp_path, "--labels", source, *rules)
    dice, _, surface, centroid, d98, missed = cells(printed, "Z_001")
    assert float(dice) >= 0.998
    assert float(centroid) <= 0.05
    assert float(surface) <= 0.1
    assert (d98, missed) == ("1.0000", "0")
    # Read by the other command, from the file alone.
    again = succeed(
        "score-masks",
        tmp_path / "Z_001" / "Z_001_tracked.mha",
        source / "targets" / "Z_001_labels.mha",
        *rules,
    )
    assert re.search(rf"Dice +│ +{re.escape(dice)} ", again)
    labels = read_mha(source / "targets" / "Z_001_labels.mha")
    assert masks(tmp_path, "Z_001").shape == labels.shape
    np.testing.assert_array_equal(masks(tmp_path, "Z_001")[0], labels[0])


@pytest.mark.shared
def test_the_labels_of_the_example_are_not_read_unasked(shared: Path, tmp_path: Path) -> None:
    source = Path(shutil.copytree(shared / "data" / "trackrad" / "Z_001", tmp_path / "Z_001"))
    succeed("track", source, "--out", tmp_path / "one", "--labels", source)
    labels = source / "targets" / "Z_001_labels.mha"
    labels.chmod(0o644)
    labels.write_bytes(b"damaged")
    succeed("track", source, "--out", tmp_path / "two")
    np.testing.assert_array_equal(masks(tmp_path / "one", "Z_001"), masks(tmp_path / "two", "Z_001"))


def test_a_made_case_is_tracked_to_its_known_motion(case: Path, tmp_path: Path) -> None:
    printed = succeed("track", case, "--out", tmp_path / "out", "--labels", case)
    dice, _, _, centroid, *_ = cells(printed, "P_001")
    assert float(dice) > 0.95
    assert float(centroid) < 1
    assert "P_001: target target, 75 pixels in frame 0." in printed
    assert "ms a frame in the median" in printed
    assert "Frame 0, whose mask was given, is left out." in printed
    assert "the scanned region is abdomen" in printed
    assert {path.name for path in (tmp_path / "out" / "P_001").iterdir()} == {
        "P_001_tracked.mha",
        "frames.csv",
        "scores.csv",
        "track.json",
    }
    rows = (tmp_path / "out" / "P_001" / "frames.csv").read_text().splitlines()
    assert rows[0] == "frame,row,column,pixels,folded_pixels,fault"
    row, column = (float(each) for each in rows[1].split(",")[1:3])
    assert (row, column) == pytest.approx(np.argwhere(true_masks(phantom())[0]).mean(axis=0))
    assert len(rows) == 11


def test_case_frames_file_and_another_format_give_the_same_masks(case: Path, tmp_path: Path) -> None:
    succeed("track", case, "--out", tmp_path / "a")
    succeed("track", case / "images" / "P_001_frames.mha", "--out", tmp_path / "b")
    frames = phantom().sequence.frames
    image = nibabel.Nifti1Image(frames.transpose(2, 1, 0)[:, :, np.newaxis].astype(np.int16), None)
    image.header.set_zooms((SPACING_MM[1], SPACING_MM[0], 5, 0.4))
    image.header.set_xyzt_units("mm", "sec")
    nibabel.save(image, tmp_path / "other.nii.gz")
    np.save(tmp_path / "mask.npy", true_masks(phantom())[0].astype(np.uint8))
    succeed("track", tmp_path / "other.nii.gz", "--out", tmp_path / "c", "--target", tmp_path / "mask.npy")
    first = masks(tmp_path / "a")
    np.testing.assert_array_equal(first, masks(tmp_path / "b"))
    np.testing.assert_array_equal(first, masks(tmp_path / "c", "other"))
    assert first[0].sum() == 75


def test_the_program_as_a_process_of_its_own(case: Path, tmp_path: Path) -> None:
    outcome = run_cli("track", case, "--out", tmp_path / "out")
    assert (outcome.code, outcome.errors) == (0, "")
    assert outcome.output.splitlines()[-1] == f"Masks: {tmp_path / 'out' / 'P_001'}"


def test_neither_frame_rate_nor_labels_are_needed(tmp_path: Path) -> None:
    case = write_case(tmp_path / "P_002", rate=False)
    (case / "targets" / "P_002_labels.mha").write_bytes(b"no label series at all")
    succeed("track", case, "--out", tmp_path / "out")
    assert masks(tmp_path / "out", "P_002").shape == (10, 96, 72)


def test_a_second_time_gives_the_same_bytes(case: Path, tmp_path: Path) -> None:
    succeed("track", case, "--out", tmp_path / "out")
    before = digests(tmp_path / "out")
    succeed("track", case, "--out", tmp_path / "out", "--labels", case)
    after = digests(tmp_path / "out")
    assert {name for name in before if after[name] != before[name]} <= {"P_001/track.json"}
    assert set(after) - set(before) == {"P_001/scores.csv"}


@pytest.mark.parametrize("change", ["edited", "added", "foreign", "file"])
def test_what_was_not_written_here_is_not_replaced(case: Path, tmp_path: Path, change: str) -> None:
    out = tmp_path / "out"
    if change in ("edited", "added"):
        succeed("track", case, "--out", out)
        name = "P_001_tracked.mha" if change == "edited" else "notes.txt"
        (out / "P_001" / name).write_text("mine")
    elif change == "foreign":
        (out / "P_001").mkdir(parents=True)
        (out / "P_001" / "track.json").write_text("{}")
    else:
        out.mkdir()
        (out / "P_001").write_text("mine")
    before = digests(out)
    assert "replaces only one that cinecast wrote and nobody changed" in call_cli("track", case, "--out", out).sentence
    assert digests(out) == before


def test_a_blank_frame_is_held_and_said(tmp_path: Path) -> None:
    frames = phantom().sequence.frames.copy()
    frames[4] = 0
    case = write_case(tmp_path / "P_003", frames)
    printed = succeed("track", case, "--out", tmp_path / "out")
    assert "P_003: frame 4: the mask of the frame before is held (it shows no image: every pixel is 0)." in printed
    found = masks(tmp_path / "out", "P_003")
    np.testing.assert_array_equal(found[4], found[3])


def test_a_target_that_reaches_the_edge_is_said_with_its_first_frame(tmp_path: Path) -> None:
    # A picture that moves down by two rows a frame, with its target: the last row is reached in frame 3.
    wide = np.random.default_rng(0).normal(size=(140, 72)).cumsum(axis=0).cumsum(axis=1)
    frames = np.stack([wide[40 - 2 * t : 136 - 2 * t] for t in range(8)]).astype(np.float32)
    rows, columns = np.indices((96, 72))
    true = np.stack([(rows - 85 - 2 * t) ** 2 + (columns - 36) ** 2 <= 25 for t in range(8)])
    case = write_case(tmp_path / "E_001", frames, true)
    printed = succeed("track", case, "--out", tmp_path / "out")
    assert "the target reaches the edge of the image in 5 frame(s), first in frame 3: its centroid is" in printed
    assert masks(tmp_path / "out", "E_001")[:, -1].any(axis=1).nonzero()[0].tolist() == [3, 4, 5, 6, 7]


def test_later_frames_change_no_earlier_mask(case: Path, tmp_path: Path) -> None:
    frames = phantom().sequence.frames.copy()
    frames[5:] = phantom(seed=9).sequence.frames[5:]
    other = write_case(tmp_path / "P_004", frames)
    succeed("track", case, "--out", tmp_path / "out")
    succeed("track", other, "--out", tmp_path / "out")
    one, two = masks(tmp_path / "out"), masks(tmp_path / "out", "P_004")
    np.testing.assert_array_equal(one[:5], two[:5])
    assert not np.array_equal(one[5:], two[5:])


def test_a_target_of_a_later_frame(case: Path, tmp_path: Path) -> None:
    labels = case / "targets" / "P_001_labels.mha"
    options = ("--target", labels, "--target-frame", "3", "--labels", labels)
    printed = succeed("track", case, "--out", tmp_path / "out", *options)
    found = masks(tmp_path / "out")
    assert not found[:3].any()
    np.testing.assert_array_equal(found[3], true_masks(phantom())[3])
    assert "Frame 3, whose mask was given, and those before it are left out." in printed
    dice, *_, missed = cells(printed, "P_001")
    assert float(dice) > 0.9
    assert missed == "0"
    sentence = call_cli("track", case, "--out", tmp_path / "out", *options, "--trackrad").sentence
    assert "TrackRAD's rules need a target of frame 0, got one of frame 3" in sentence


def test_settings_of_the_flow_count(case: Path, tmp_path: Path) -> None:
    succeed("track", case, "--out", tmp_path / "a")
    succeed("track", case, "--out", tmp_path / "b", "--set", "flow.levels=1", "--set", "flow.iterations=1")
    assert not np.array_equal(masks(tmp_path / "a"), masks(tmp_path / "b"))
    assert json.loads((tmp_path / "b" / "P_001" / "track.json").read_text())["flow"]["levels"] == 1


@pytest.mark.parametrize("assignment", ["flow.reference=2", "motion.modes=2", "flow.levels=99", "flow.dvf=field.npy"])
def test_other_settings_are_refused(case: Path, tmp_path: Path, assignment: str) -> None:
    sentence = call_cli("track", case, "--out", tmp_path / "out", "--set", assignment).sentence
    rules = ("--set of track takes settings of flow, but", "flow.levels must be", "track measures the motion itself")
    assert any(rule in sentence for rule in rules)


def refused(*arguments: Any) -> str:
    return call_cli("track", *arguments).sentence


def test_mistakes_are_said_in_one_sentence(case: Path, tmp_path: Path) -> None:
    out = ("--out", tmp_path / "out")
    assert "there is no such file or folder" in refused(tmp_path / "none", *out)
    assert "--trackrad says how labels are scored, got no labels" in refused(case, *out, "--trackrad")
    assert "--labels must be a file or a folder, got" in refused(case, *out, "--labels", tmp_path / "none")
    scan = shutil.copy2(case / "images" / "P_001_frames.mha", tmp_path / "alone.mha")
    assert "a target must be given, got none and no first label" in refused(scan, *out)
    several = np.zeros((96, 72), dtype=np.uint8)
    several[10:20, 10:20], several[40:50, 40:50] = 1, 2
    np.save(tmp_path / "two.npy", several)
    assert "--target-label" in refused(case, *out, "--target", tmp_path / "two.npy")
    both = refused(case, *out, "--target", tmp_path / "two.npy", "--target-label", "all")
    assert "one target is tracked at a time, got 2 in two.npy: label 1, label 2" in both
    np.save(tmp_path / "small.npy", several[:50])
    assert "a mask must have the geometry of the frames" in refused(case, *out, "--target", tmp_path / "small.npy")
    blank = phantom().sequence.frames.copy()
    blank[0] = 3
    assert "of a frame that shows it" in refused(write_case(tmp_path / "P_009", blank), *out)
    assert not (tmp_path / "out").exists()


def test_a_case_without_labels_in_the_folder_is_tracked_and_said(case: Path, tmp_path: Path) -> None:
    (tmp_path / "labels").mkdir()
    outcome = run_cli("track", case, "--out", tmp_path / "out", "--labels", tmp_path / "labels")
    assert outcome.code == 0
    assert "P_001 is tracked and not scored" in outcome.errors
    assert masks(tmp_path / "out").shape == (10, 96, 72)


@pytest.fixture
def cohort(original_case: Path, tmp_path: Path) -> Path:
    """Three cases, of which the second is damaged, and a file that is no case."""
    folder = tmp_path / "cohort"
    shutil.copytree(original_case, folder / "P_001")
    broken = write_case(folder / "P_002")
    scan = broken / "images" / "P_002_frames.mha"
    scan.write_bytes(scan.read_bytes()[:-200])
    write_case(folder / "site" / "P_003", phantom(seed=9).sequence.frames, true_masks(phantom(seed=9)))
    (folder / "README.txt").write_text("cases")
    return folder


def track_cohort(cohort: Path, *options: Any) -> Outcome:
    return call_cli("track", cohort, "--out", cohort.parent / "out", *options)


def test_a_case_that_fails_costs_the_others_nothing(cohort: Path, case: Path, tmp_path: Path) -> None:
    outcome = track_cohort(cohort)
    assert outcome.code == 11
    assert "P_002 failed: P_002_frames.mha cannot be read as MHA: it is cut short" in outcome.output
    assert "2 of 3 cases tracked; failed: P_002." in outcome.output
    succeed("track", case, "--out", tmp_path / "alone")
    np.testing.assert_array_equal(masks(tmp_path / "out"), masks(tmp_path / "alone"))
    assert read_mha(tmp_path / "out" / "site_P_003" / "P_003_tracked.mha").any()
    assert not (tmp_path / "out" / "P_002").exists()


def test_the_summary_of_a_cohort(cohort: Path) -> None:
    shutil.rmtree(cohort / "P_002")
    shutil.move(cohort / "site" / "P_003", cohort / "P_003")
    outcome = track_cohort(cohort, "--labels", cohort, "--trackrad")
    assert outcome.code == 0
    assert "TrackRAD2025's rules" in outcome.output
    one, two, mean = (cells(outcome.output, name) for name in ("P_001", "P_003", "mean of 2"))
    for first, second, both in zip(one, two, mean, strict=True):
        assert float(both) == pytest.approx((float(first) + float(second)) / 2, abs=1e-3 if both != "0" else 1)
    lines = (cohort.parent / "out" / "summary.csv").read_text().splitlines()
    assert lines[0].startswith("case,frames,held_frames,ms_per_frame,rules,dice,")
    assert [line.split(",")[0] for line in lines[1:]] == ["P_001", "P_003"]
    assert [line.split(",")[4] for line in lines[1:]] == ["trackrad", "trackrad"]


def test_what_was_tracked_into_the_cohort_is_no_case(cohort: Path) -> None:
    shutil.rmtree(cohort / "P_002")
    for _ in range(2):
        outcome = call_cli("track", cohort, "--out", cohort / "tracked")
        assert outcome.code == 0, outcome
        assert "2 of 2 cases tracked." in outcome.output


def test_cases_in_one_folder_of_files(tmp_path: Path) -> None:
    made = phantom()
    for name in ("A", "B"):
        write_mha(tmp_path / "flat" / f"{name}_frames.mha", made.sequence.frames)
        write_mha(tmp_path / "flat" / f"{name}_first_label.mha", true_masks(made)[:1].astype(np.uint8))
        write_mha(tmp_path / "flat" / f"{name}_labels.mha", true_masks(made).astype(np.uint8))
    printed = succeed("track", tmp_path / "flat", "--out", tmp_path / "out", "--labels", tmp_path / "flat")
    assert "2 of 2 cases tracked." in printed
    assert float(cells(printed, "mean of 2")[0]) > 0.95
    np.testing.assert_array_equal(masks(tmp_path / "out", "A"), masks(tmp_path / "out", "B"))


def test_mistakes_with_a_cohort(cohort: Path, tmp_path: Path) -> None:
    mask = cohort / "P_001" / "targets" / "P_001_first_label.mha"
    assert "--target goes with one case, got a folder of 3" in track_cohort(cohort, "--target", mask).sentence
    assert "a file of --labels goes with one case" in track_cohort(cohort, "--labels", mask).sentence
    (tmp_path / "out").mkdir(exist_ok=True)
    (tmp_path / "out" / "summary.csv").write_text("my,own\n")
    assert "summary.csv of the output must be one of tracked cases" in track_cohort(cohort).sentence
    assert (tmp_path / "out" / "summary.csv").read_text() == "my,own\n"
    (tmp_path / "empty").mkdir()
    assert "holds no sequence of a known format" in refused(tmp_path / "empty", "--out", tmp_path / "out")
    assert "a usable folder, got" in refused(cohort, "--out", mask)


def test_the_table_fits_a_terminal_of_80_columns(case: Path, tmp_path: Path) -> None:
    code, shown = on_terminal("track", *map(str, (case, "--out", tmp_path / "out", "--labels", case)), columns=80)
    assert code == 0
    plain = re.sub(r"\x1b\[[0-9;]*m", "", shown)
    table = [line for line in plain.splitlines() if line and line[0] in "┏┃┡│└"]
    assert len(table) >= 5
    assert max(map(len, table)) <= 80
    assert "…" not in shown
