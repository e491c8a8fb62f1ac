"""``cinecast score-masks``: label series read, compared and shown, and what is refused."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import SimpleITK
from numpy.typing import NDArray

from helpers.command_line import call_cli, on_terminal, succeed

Write = Callable[..., Path]
ORIGIN = (0.0, 10.0, -40.0)


def blocks(rows: list[int | None], value: int = 1, shape: tuple[int, int] = (40, 30)) -> NDArray[np.uint8]:
    made = np.zeros((len(rows), *shape), dtype=np.uint8)
    for mask, row in zip(made, rows, strict=True):
        if row is not None:
            mask[row : row + 10, 8:18] = value
    return made


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Write labels (T, H, W) in the layout of the challenge, time along the first ITK axis."""

    def written(
        name: str,
        labels: NDArray[np.generic],
        spacing_mm: tuple[float, float] = (2.0, 1.5),
        origin: tuple[float, float, float] = ORIGIN,
        direction: tuple[float, ...] = (1, 0, 0, 0, 1, 0, 0, 0, 1),
    ) -> Path:
        image = SimpleITK.GetImageFromArray(np.ascontiguousarray(np.moveaxis(labels, 0, -1)))
        image.SetSpacing((5.0, spacing_mm[1], spacing_mm[0]))
        image.SetOrigin(origin)
        image.SetDirection(direction)
        SimpleITK.WriteImage(image, str(tmp_path / name))
        return tmp_path / name

    return written


@pytest.fixture
def pair(write: Write) -> tuple[Path, Path]:
    return write("pred.mha", blocks([12, 11, None, 8])), write("case_labels.mha", blocks([10, 10, 10, 10]))


def row(printed: str, title: str) -> list[str]:
    (line,) = (each for each in printed.splitlines() if title in each)
    return [cell.strip() for cell in line.split("│")[2:5]]


def test_scores_are_in_mm_and_the_given_frame_is_left_out(pair: tuple[Path, Path]) -> None:
    printed = succeed("score-masks", *pair)
    assert "pred.mha against case_labels.mha: 3 frames, cinecast's rules" in printed
    # One row up, missed (80 mm, the larger side), two rows down; rows are 2 mm high.
    assert row(printed, "centroid, mm") == [f"{(2 + 80 + 4) / 3:.4f}", "80.0000", "2"]
    assert row(printed, "from row to row") == ["3.0000", "-4.0000", "3"]
    assert row(printed, "Dice") == [f"{(0.9 + 0 + 0.8) / 3:.4f}", "0.0000", "2"]
    assert row(printed, "missed frames")[0] == "1"
    assert "Frame 0, whose mask was given, is left out." in printed
    assert "no scanned region is known" in printed


def test_another_frame_may_be_the_given_one(pair: tuple[Path, Path]) -> None:
    printed = succeed("score-masks", *pair, "--target-frame", "2")
    assert row(printed, "missed frames")[0] == "0"
    assert row(printed, "centroid, mm")[0] == f"{(4 + 2 + 4) / 3:.4f}"


def test_trackrads_rules_take_pixels_for_1_mm(pair: tuple[Path, Path]) -> None:
    printed = succeed("score-masks", *pair, "--trackrad")
    assert "3 frames, TrackRAD2025's rules" in printed
    assert row(printed, "centroid, mm") == [f"{(1 + 40 + 2) / 3:.4f}", "40.0000", "2"]
    assert "as the challenge does; the files say 2 x 1.5 mm." in printed
    assert {"(2025-03, 0.25)", "(2025-09, 0.5)"} == {
        line.split("planned ")[1].split(" │")[0].strip() for line in printed.splitlines() if "planned" in line
    }


def test_the_table_of_numbers(pair: tuple[Path, Path], tmp_path: Path) -> None:
    succeed("score-masks", *pair, "--csv", tmp_path / "scores.csv")
    with (tmp_path / "scores.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert {each["rules"] for each in rows} == {"cinecast"}
    values = {(each["frame"], each["metric"]): each["value"] for each in rows}
    assert float(values["", "centroid_mm"]) == pytest.approx((2 + 80 + 4) / 3)
    assert float(values["3", "centroid_rows_mm"]) == pytest.approx(-4)
    assert values["2", "centroid_rows_mm"] == ""  # a missed target is off in no direction
    assert float(values["", "d98_ratio_2025-09"]) < 1
    assert {frame for frame, _ in values} == {"", "1", "2", "3"}


def test_the_table_fits_a_terminal_of_80_columns(pair: tuple[Path, Path]) -> None:
    code, shown = on_terminal("score-masks", *map(str, pair), "--trackrad", columns=80)
    assert code == 0
    plain = re.sub(r"\x1b\[[0-9;]*m", "", shown)
    table = [line for line in plain.splitlines() if line and line[0] in "┏┃┡│└"]
    assert len(table) > 8
    assert max(map(len, table)) <= 80
    assert "…" not in shown


def test_frames_without_a_reference_are_named(write: Write) -> None:
    pred = write("pred.mha", blocks([10, 10, 10, 10]))
    printed = succeed("score-masks", pred, write("labels.mha", blocks([10, None, 10, None])))
    assert "Left out, because the reference is empty: 2 frame(s), 1, 3." in printed
    assert "labels.mha: 1 frame," in printed


@pytest.mark.parametrize(
    ("count", "named"), [(8, "0, 1, 2, 3, 4, 5, 6, 7."), (10, "0, 1, 2, 3, 4, 5, 6, 7 and 2 more.")]
)
def test_of_many_frames_without_a_reference_eight_are_named(write: Write, count: int, named: str) -> None:
    pred, labels = (
        write("pred.mha", blocks([10] * 12)),
        write("labels.mha", blocks([None] * count + [10] * (12 - count))),
    )
    printed = " ".join(succeed("score-masks", pred, labels, "--target-frame", "11").split())
    assert f"Left out, because the reference is empty: {count} frame(s), {named}" in printed


def test_why_there_is_no_d98_ratio_is_said(write: Write) -> None:
    """A target of two pixels is flattened by the penumbra; the plan is what the reference shows in the given frame."""
    whole, small = blocks([10] * 3), np.zeros((3, 40, 30), dtype=np.uint8)
    small[:, 20, 10:12] = 1
    none = "There is no D98 ratio: the plan"
    printed = {
        name: " ".join(succeed("score-masks", write("pred.mha", one), write("labels.mha", other)).split())
        for name, one, other in (
            ("whole", whole, whole),
            ("small", small, small),
            ("empty", whole, blocks([None, 10, 10])),
        )
    }
    assert none not in printed["whole"]
    assert f"{none} with its margin covers less than 98 % of the target." in printed["small"]
    assert f"{none} is the reference of frame 0, which is empty." in printed["empty"]


@pytest.mark.parametrize("rules", [(), ("--trackrad",)])
def test_a_reference_that_the_edge_cuts_is_named(write: Write, rules: tuple[str, ...]) -> None:
    """Of a block of 10 rows seven are seen: it moved by 23 rows, and its centroid by 21.5."""
    pred = write("pred.mha", blocks([10] * 5))
    assert "reaches the edge" not in succeed("score-masks", pred, write("in.mha", blocks([30, 10, 20, 29, 1])), *rules)
    printed = " ".join(succeed("score-masks", pred, write("out.mha", blocks([10, 10, 33, 29, 0])), *rules).split())
    said = "The reference reaches the edge of the image in 2 frame(s), first in frame 2: its centroid is that of the"
    assert said in printed


def test_a_label_of_any_number_is_the_target(write: Write) -> None:
    pred = write("pred.mha", blocks([10, 10, 10], 255))
    printed = succeed("score-masks", pred, write("labels.mha", blocks([10, 10, 10], 3)))
    assert row(printed, "Dice")[0] == "1.0000"


def test_the_scanned_region_comes_from_the_case_or_the_option(write: Write, tmp_path: Path) -> None:
    pair = write("pred.mha", blocks([10, 14, 6, 13])), write("case_labels.mha", blocks([10, 10, 10, 10]))
    (tmp_path / "scanned-region.json").write_text(json.dumps("lung"))
    printed = succeed("score-masks", *pair, "--trackrad")
    assert "the penumbra of lung: the scanned region is lung." in printed
    other = succeed("score-masks", *pair, "--trackrad", "--scanned-region", "liver")
    assert "of other regions than lung: the scanned region is liver." in other
    assert row(printed, "(2025-09, 0.5)") != row(other, "(2025-09, 0.5)")


def test_a_damaged_scanned_region(pair: tuple[Path, Path], tmp_path: Path) -> None:
    (tmp_path / "scanned-region.json").write_text("[1]")
    assert "must hold one word" in call_cli("score-masks", *pair).sentence


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"labels": blocks([10, 10, 10])}, "as many frames, rows and columns, got 3 x 40 x 30 in pred.mha and 4 x 40"),
        ({"labels": blocks([10] * 4, shape=(30, 40))}, "got 4 x 30 x 40 in pred.mha and 4 x 40 x 30 in labels.mha"),
        ({"spacing_mm": (1.5, 2.0)}, "the same pixel spacing, got 1.5 x 2 mm in pred.mha and 2 x 1.5 mm in labels.mha"),
        ({"origin": (0.0, 10.0, 40.0)}, "the same position and orientation, got corner (0.00, -10.00, 40.00)"),
        (
            {"direction": (1, 0, 0, 0, 0, 1, 0, 1, 0)},
            "the same position and orientation, got corner (0.00, -10.00, -40.00), row to (0.00, 0.00, 43.50), column "
            "to (0.00, -78.00, 0.00) mm in pred.mha and corner (0.00, -10.00, -40.00), row to (0.00, -43.50, 0.00), "
            "column to (0.00, 0.00, 78.00) mm in labels.mha",
        ),
    ],
)
def test_another_geometry_is_refused(write: Write, changed: dict[str, object], sentence: str) -> None:
    labels = write("labels.mha", blocks([10] * 4))
    outcome = call_cli("score-masks", write("pred.mha", **{"labels": blocks([10] * 4), **changed}), labels)
    assert sentence in outcome.sentence
    assert outcome.sentence.endswith("write one on the grid of the other")


def test_a_position_that_was_never_known_is_not_compared(write: Write) -> None:
    pred = write("pred.mha", blocks([10] * 4), origin=(0, 0, 0))
    assert "3 frames" in succeed("score-masks", pred, write("labels.mha", blocks([10] * 4)))


@pytest.mark.parametrize(
    ("value", "got"),
    [("several", "got 1, 2;"), ("fractions", "got 0.5;"), ("negative", "got -1;")],
)
def test_anything_but_one_label_is_refused(write: Write, value: str, got: str) -> None:
    labels = blocks([10] * 4).astype(np.float32)
    if value == "several":
        labels[2] *= 2
    else:
        labels *= {"fractions": 0.5, "negative": -1}[value]
    pred = write("pred.mha", labels)
    sentence = call_cli("score-masks", pred, write("labels.mha", blocks([10] * 4))).sentence
    assert "pred.mha must hold 0 and one whole label" in sentence
    assert got in sentence


def test_values_that_are_no_numbers_are_refused(write: Write) -> None:
    labels = blocks([10] * 4).astype(np.float32)
    labels[1, 0, 0] = np.nan
    sentence = call_cli("score-masks", write("pred.mha", labels), write("labels.mha", blocks([10] * 4))).sentence
    assert "must hold 0 and one whole label, got 1, nan" in sentence


def test_other_formats_are_refused(pair: tuple[Path, Path], tmp_path: Path) -> None:
    np.savez(tmp_path / "masks.npz", frames=blocks([10] * 4))
    sentence = call_cli("score-masks", tmp_path / "masks.npz", pair[1]).sentence
    assert "must be an MHA or MHD file in the TrackRAD2025 layout, got" in sentence
    assert "there is no file or folder" in call_cli("score-masks", tmp_path / "none.mha", pair[1]).sentence


def test_a_file_that_is_cut_short(pair: tuple[Path, Path]) -> None:
    content = pair[1].read_bytes()
    pair[1].write_bytes(content[: len(content) // 2])
    assert "case_labels.mha cannot be read as MHA: it is cut short" in call_cli("score-masks", *pair).sentence


@pytest.mark.parametrize("frame", ["-1", "4"])
def test_a_given_frame_that_is_none(pair: tuple[Path, Path], frame: str) -> None:
    sentence = call_cli("score-masks", *pair, "--target-frame", frame).sentence
    assert f"must be one of the 4 frames, counted from 0, got {frame}" in sentence


def test_trackrads_rules_choose_the_given_frame_themselves(pair: tuple[Path, Path]) -> None:
    sentence = call_cli("score-masks", *pair, "--trackrad", "--target-frame", "1").sentence
    assert "--target-frame goes with cinecast's own rules" in sentence


def test_labels_of_the_given_frame_alone(write: Write) -> None:
    pred, labels = write("pred.mha", blocks([10] * 3)), write("labels.mha", blocks([10, None, None]))
    assert "a frame beside the given one, 0, must have a reference" in call_cli("score-masks", pred, labels).sentence


def test_series_with_time_last_are_refused(tmp_path: Path) -> None:
    """As SimpleITK writes an array (T, H, W): its columns would pass for frames, with scores that look like any."""
    for name, rows in (("pred.mha", [12, 11, 10, 8]), ("labels.mha", [10, 10, 10, 10])):
        SimpleITK.WriteImage(SimpleITK.GetImageFromArray(blocks(rows)), str(tmp_path / name))
    outcome = call_cli("score-masks", tmp_path / "pred.mha", tmp_path / "labels.mha")
    assert outcome.code == 2
    assert "in 4 of 4 slices along the last axis and in 10 of 30 along the first in labels.mha" in outcome.errors


def test_series_with_time_last_are_refused_where_the_target_leaves_the_image(tmp_path: Path) -> None:
    for name, rows in (("pred.mha", [12, 11, 10, 8, None]), ("labels.mha", [10, 10, 10, None, 10])):
        SimpleITK.WriteImage(SimpleITK.GetImageFromArray(blocks(rows)), str(tmp_path / name))
    outcome = call_cli("score-masks", tmp_path / "pred.mha", tmp_path / "labels.mha")
    assert outcome.code == 2
    assert "in 4 of 5 slices along the last axis and in 10 of 30 along the first in labels.mha" in outcome.errors


def test_few_labelled_frames_are_no_sign_of_another_axis(write: Write) -> None:
    """A target that spans all rows, labelled in few frames, forecast in all."""
    labels = np.zeros((8, 12, 30), dtype=np.uint8)
    labels[:, :, 8:18] = 1
    forecast = write("pred.mha", labels)
    labels[3:] = 0
    succeed("score-masks", forecast, write("case_labels.mha", labels))
