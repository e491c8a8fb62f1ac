"""Gating in a run and in a batch, against decisions that are made again from the places in its files."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import SimpleITK
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter

from cinecast.frames import read_sequence
from cinecast.phantom import PhantomSettings, make_phantom
from cinecast.phantom.files import write_phantom
from cinecast.store.tables import read_table
from helpers.command_line import call_aloud, call_cli, made_at, redone, succeed

SIZE = PhantomSettings(rows=96, columns=80, pixel_spacing_mm=(3.6, 3.0), frame_count=120, frame_period_s=0.25, seed=3)
FIRST, COUNT, HORIZON = 80, 120, 2
OPTIONS = ("--method", "linear", "--horizon", str(HORIZON))
SPACING = np.array([3.6, 3.0])


def disc(shape: tuple[int, int] = (96, 80)) -> NDArray[np.uint8]:
    rows, columns = np.indices(shape)
    return ((rows - 72) ** 2 + (columns - 28) ** 2 <= 36).astype(np.uint8)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("gating")
    write_phantom(out / "cine.nii.gz", make_phantom(SIZE))
    np.save(out / "disc.npy", disc())
    return out


@pytest.fixture(scope="module")
def finished(folder: Path) -> Path:
    succeed("run", folder / "cine.nii.gz", "--out", folder / "run", *OPTIONS, "--target", folder / "disc.npy")
    return folder / "run"


def gating(run: Path) -> dict[str, dict[str, float]]:
    """Return the scores of the target by method."""
    found: dict[str, dict[str, float]] = {}
    for row in read_table(run / "score/scores.csv"):
        if row["region"] == "target:disc":
            own = found.setdefault(row["method"], {})
            assert row["metric"] not in own
            own[row["metric"]] = float(row["value"])
    return found


def distances(run: Path, key: str) -> NDArray[np.float64]:
    """Return how far the target's centroid lies from its planned place, in mm, by frame."""
    places = np.array([[float(row["row"]), float(row["column"])] for row in read_table(run / key / "centroids.csv")])
    return np.asarray(np.linalg.norm((places - [72, 28]) * SPACING, axis=1))


def test_decisions_are_those_of_the_places_in_the_files(finished: Path) -> None:
    real = distances(finished, "target/measured")[FIRST:]
    should = real <= 3
    assert 0.1 < should.mean() < 0.9
    scores = gating(finished)
    for method, key in (("linear", "linear/h002"), ("persistence", "persistence/h002"), ("oracle", "oracle/h000")):
        on = distances(finished, f"target/{key}") <= 3
        own = scores[method]
        assert own["duty_cycle"] == pytest.approx(on.mean())
        assert own["gate_correct"] == pytest.approx((on == should).mean())
        assert own["outside_while_on"] == pytest.approx((~should)[on].mean())
        assert own["inside_while_off"] == pytest.approx(should[~on].mean())
        assert own["gating_error_mm"] == pytest.approx(real[on].mean())
        rows = read_table(finished / "score" / key / "target_per_frame.csv")
        assert [row["beam_on"] for row in rows] == [str(int(each)) for each in on]
        assert [row["inside"] for row in rows] == [str(int(each)) for each in should]
    assert scores["perfect"]["gate_correct"] == 1
    assert scores["perfect"]["duty_cycle"] == pytest.approx(should.mean())
    assert set(scores["perfect"]) <= {"duty_cycle", "gate_correct", "outside_while_on", "inside_while_off",
                                      "area_outside_while_on", "gating_error_mm"}  # fmt: skip


def test_a_margin_and_a_latency_redo_scores_and_report_alone(folder: Path, finished: Path) -> None:
    before = made_at(finished)
    base = ("run", folder / "cine.nii.gz", "--out", finished)
    text = succeed(*base, "--margin", "4.5", "--latency", "1.0")
    assert {key.split("/")[0] for key in redone(before, finished)} == {"score", "report"}
    assert "within 4.5 mm of the plan and a latency of 1 s" in " ".join(text.split())
    late = 4 - HORIZON
    real = distances(finished, "target/measured")[FIRST + 4 :] <= 4.5
    on = distances(finished, "target/linear/h002")[4 - late : -late] <= 4.5
    scores = gating(finished)
    assert scores["linear"]["gate_correct"] == pytest.approx((on == real).mean())
    assert scores["perfect"]["duty_cycle"] == pytest.approx(real.mean())
    counted = [row["beam_on"] != "" for row in read_table(finished / "score/linear/h002/target_per_frame.csv")]
    assert counted == [False] * 4 + [True] * (COUNT - FIRST - 4)
    succeed(*base, "--set", "score.gate_by_radius=narrow", "--set", "score.level=0.999")
    narrowed = gating(finished)
    assert narrowed["linear"]["duty_cycle"] <= scores["linear"]["duty_cycle"]
    assert narrowed["oracle"]["duty_cycle"] == scores["oracle"]["duty_cycle"]
    succeed(
        *base, "--margin", "3", "--latency", "0", "--set", "score.gate_by_radius=ignore", "--set", "score.level=0.9"
    )


@pytest.mark.parametrize(("by_radius", "sign"), [("narrow", 1), ("widen", -1)])
def test_a_gate_by_radius_takes_that_of_the_forecast_that_the_beam_acts_on(
    by_radius: str, sign: int, folder: Path, tmp_path: Path
) -> None:
    given = ("--target", folder / "disc.npy", "--margin", "4.5", "--latency", "1.0")
    by = ("--set", f"score.gate_by_radius={by_radius}")
    succeed("run", folder / "cine.nii.gz", "--out", tmp_path / "run", *OPTIONS, *given, *by)
    late = 4 - HORIZON
    for method in ("linear", "persistence"):
        near = distances(tmp_path / "run", f"target/{method}/h002")
        rows = read_table(tmp_path / "run/score" / method / "h002/target_per_frame.csv")
        radius = np.array([float(row["radius_mm"]) for row in rows])
        on = (near + sign * radius <= 4.5)[4 - late : -late]
        assert not np.array_equal(on, (near + sign * radius <= 4.5)[4:])
        assert not np.array_equal(on, (near <= 4.5)[4 - late : -late])
        assert [row["beam_on"] for row in rows[4:]] == [str(int(each)) for each in on]
        assert gating(tmp_path / "run")[method]["duty_cycle"] == pytest.approx(on.mean())


def test_a_target_that_was_never_off_is_not_known_better_than_its_mask_shows(
    tmp_path: Path, rng: np.random.Generator
) -> None:
    # Its radius was 0, and the beam on within any margin "where the target surely is inside".
    texture = gaussian_filter(rng.uniform(0, 1000, (96, 80)), 2)
    steps = np.rint(3 * np.sin(np.arange(COUNT) / 3)).astype(int)
    frames, dvf = np.tile(texture, (COUNT, 1, 1)), np.zeros((COUNT, 96, 80, 2), dtype=np.float32)
    for t, step in enumerate(steps):  # all that moves is below the target
        frames[t, 40:] = np.roll(texture[40:], step, axis=0)
        dvf[t, 40:, :, 1] = step
    np.savez(tmp_path / "cine.npz", frames=frames, times_s=np.arange(COUNT) / 4, pixel_spacing_mm=SPACING)
    still = np.zeros((96, 80), dtype=np.uint8)
    still[3:9, 4:9] = 1
    np.save(tmp_path / "still.npy", still)
    np.save(tmp_path / "dvf.npy", dvf)
    given = ("--target", tmp_path / "still.npy", "--margin", "1", "--set", "score.gate_by_radius=narrow")
    own = ("--dvf", tmp_path / "dvf.npy", "--dvf-reference", "0", "--set", "motion.modes=1")
    succeed("run", tmp_path / "cine.npz", "--out", tmp_path / "run", *OPTIONS, *own, *given)
    rows = read_table(tmp_path / "run/score/linear/h002/target_per_frame.csv")
    assert {float(row["centroid_mm"]) for row in rows} == {0.0}
    np.testing.assert_allclose([float(row["radius_mm"]) for row in rows], 0.28 * 3.6)
    assert {row["beam_on"] for row in rows} == {"0"}


@pytest.mark.parametrize("latency", [None, "1.0"])
def test_forecasts_that_were_issued_at_faulty_frames_turn_the_beam_off(
    latency: str | None, folder: Path, tmp_path: Path
) -> None:
    """A live session has the gate off then: such a forecast is stale."""
    sequence = read_sequence(folder / "cine.nii.gz")
    frames, faulty = np.array(sequence.frames), (90, 91, 92, 100)
    for t in faulty:
        frames[t] = frames[t - 1]
    np.savez(tmp_path / "cine.npz", frames=frames, times_s=sequence.times_s, pixel_spacing_mm=sequence.spacing_mm)
    given = ("--target", folder / "disc.npy", *(("--latency", latency) if latency else ()))
    late = 4 - HORIZON if latency else 0
    succeed("run", tmp_path / "cine.npz", "--out", tmp_path / "run", *OPTIONS, *given)
    for method, key in (("linear", "linear/h002"), ("persistence", "persistence/h002"), ("oracle", "oracle/h000")):
        near = distances(tmp_path / "run", f"target/{key}") <= 3
        rows = [
            row for row in read_table(tmp_path / "run/score" / key / "target_per_frame.csv") if row["beam_on"] != ""
        ]
        own = late if method != "oracle" else 0
        for row in rows:
            t = int(row["frame"])
            stale = method != "oracle" and t - own - HORIZON in faulty
            assert row["beam_on"] == str(int(near[t - own - FIRST] and not stale)), (method, t)
        scores = gating(tmp_path / "run")[method]
        assert scores["duty_cycle"] == pytest.approx(np.mean([row["beam_on"] == "1" for row in rows]))
        assert len(rows) == COUNT - FIRST - len(faulty) - (4 if latency else 0)


def test_against_labels_perfect_knowledge_is_that_of_the_labels(folder: Path, finished: Path, tmp_path: Path) -> None:
    labels = np.repeat(disc()[np.newaxis], COUNT, axis=0)
    labels[100:] = np.roll(labels[100:], 5, axis=1)  # 18 mm further down
    np.save(tmp_path / "labels.npy", labels)
    succeed(
        *("run", folder / "cine.nii.gz", "--out", tmp_path / "run", *OPTIONS, "--target", folder / "disc.npy"),
        *("--labels", tmp_path / "labels.npy"),
    )
    rows = [row for row in read_table(tmp_path / "run/score/scores.csv") if row["against"] == "labels"]
    found = {(row["method"], row["metric"]): float(row["value"]) for row in rows if row["region"] == "target:disc"}
    assert found["perfect", "duty_cycle"] == 0.5
    assert found["perfect", "gating_error_mm"] == 0
    on = distances(tmp_path / "run", "target/measured")[FIRST:] <= 3
    assert found["measured", "gate_correct"] == pytest.approx((on == (np.arange(40) < 20)).mean())
    assert found["measured", "duty_cycle"] == pytest.approx(on.mean())


def test_frames_with_the_beam_on_are_counted_in_which_the_labels_show_no_target(
    folder: Path, finished: Path, tmp_path: Path
) -> None:
    labels = np.repeat(disc()[np.newaxis], COUNT, axis=0)
    labels[95:] = 0
    labels[95:, :4, :4] = 2  # another structure: the frame has labels, and the target is gone
    np.save(tmp_path / "labels.npy", labels)
    succeed(
        *("run", folder / "cine.nii.gz", "--out", tmp_path / "run", *OPTIONS, "--target", folder / "disc.npy"),
        *("--labels", tmp_path / "labels.npy", "--target-label", "1"),
    )
    rows = [row for row in read_table(tmp_path / "run/score/scores.csv") if row["against"] == "labels"]
    found = {row["method"]: float(row["value"]) for row in rows if row["metric"] == "on_without_reference"}
    for method, key in (("linear", "linear/h002"), ("persistence", "persistence/h002"), ("measured", "measured")):
        on = distances(tmp_path / "run", f"target/{key}") <= 3
        assert found[method] == on[95 - COUNT :].sum() > 0
    assert found["perfect"] == 0
    frames = [
        row for row in read_table(tmp_path / "run/score/linear/h002/target_per_frame.csv") if row["against"] == "labels"
    ]
    on = distances(tmp_path / "run", "target/linear/h002") <= 3
    assert [row["beam_on"] for row in frames] == [str(int(each)) for each in on]
    assert [row["inside"] for row in frames] == ["1"] * (95 - FIRST) + [""] * (COUNT - 95)


def test_a_margin_that_is_no_length_is_refused(folder: Path, tmp_path: Path) -> None:
    sentence = call_cli("run", folder / "cine.nii.gz", "--out", tmp_path / "run", "--margin", "-1").sentence
    assert "score.margin_mm (--margin) must be a number of mm above 0 to 100, got -1.0" in sentence


@pytest.mark.parametrize(
    ("option", "sentence"),
    [
        (("--margin", "4"), "--margin is that of a target's gate, got 4 and no target; give it with --target"),
        (("--latency", "0.5"), "--latency is that of a target's gate, got 0.5 and no target; give it with --target"),
        (("--set", "score.gate_by_radius=narrow"), "score.gate_by_radius is that of a target's gate, got 'narrow' and"),
    ],
)
@pytest.mark.parametrize("command", ["run", "batch"])
def test_a_gate_without_a_target_is_refused(
    command: str, option: tuple[str, str], sentence: str, folder: Path, tmp_path: Path
) -> None:
    # It was kept without a word, and would have been that of a target given later.
    done = call_cli(command, folder / "cine.nii.gz", "--out", tmp_path / "out", *OPTIONS, *option)
    assert sentence in done.sentence
    assert not (tmp_path / "out/run.json").exists()
    assert not (tmp_path / "out/summary.csv").exists()


def write_case(case: Path, seed: int) -> None:
    """Write a phantom as TrackRAD2025 lays out a case: time first."""
    size = PhantomSettings(
        rows=96, columns=80, pixel_spacing_mm=(3.6, 3.6), frame_count=45, frame_period_s=0.25, seed=seed
    )
    frames = make_phantom(size).sequence.frames
    arrays = {"images": ("frames", frames), "targets": ("first_label", disc()[np.newaxis])}
    for folder, (name, values) in arrays.items():
        (case / folder).mkdir(parents=True)
        image = SimpleITK.GetImageFromArray(np.ascontiguousarray(np.moveaxis(values, 0, -1)))
        image.SetSpacing((5.0, 3.6, 3.6))
        SimpleITK.WriteImage(image, str(case / folder / f"{case.name}_{name}.mha"))
    (case / "frame-rate.json").write_text("4.0")


def test_a_batch_over_trackrad_cases_finds_their_targets_and_compares_them(tmp_path: Path, address: str) -> None:
    for seed, name in enumerate(("A_001", "B_001")):
        write_case(tmp_path / "cases" / name, seed)
    command = ("batch", "--out", tmp_path / "runs", "--scheduler", address)
    done = call_aloud(*command, tmp_path / "cases", *OPTIONS, "--margin", "4")
    assert done.code == 0, done
    log = (tmp_path / "runs" / "batch.log").read_text()
    assert log.count("A_001_first_label.mha is taken as the target") == 1
    rows = [row for row in read_table(tmp_path / "runs/summary.csv") if row["region"] == "target:target"]
    assert {row["sequence"] for row in rows} == {"A_001", "B_001"}
    assert {row["against"] for row in rows} == {"measured"}
    page = (tmp_path / "runs/index.html").read_text()
    assert "target against the measured motion" in page
    for name in ("A_001", "B_001"):
        record = (tmp_path / "runs" / name / "flow/stage.json").read_text()
        assert '"reference": 0' in record  # motion is measured from the target's frame
    again = call_aloud(*command)
    assert "nothing to do, all is up to date" in again.output
    # A single run makes of a case what the batch has made of it.
    single = tmp_path / "single"
    succeed("run", tmp_path / "cases/A_001", "--out", single, *OPTIONS, "--margin", "4")
    for name in ("target/measured/centroids.csv", "target/linear/h002/centroids.csv"):
        assert (single / name).read_bytes() == (tmp_path / "runs/A_001" / name).read_bytes()
