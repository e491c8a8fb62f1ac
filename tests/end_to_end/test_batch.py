"""A cohort from files to scores: what a batch makes is what single runs make, and only what is stale is redone."""

from __future__ import annotations

import csv
import json
import re
import shutil
import sysconfig
from pathlib import Path

import numpy as np
import pytest

from cinecast.phantom import PhantomSettings, make_phantom
from cinecast.phantom.files import write_phantom
from cinecast.store import CohortFolder
from helpers.batch_cluster import NAMES, OPTIONS, Cluster, write_sequences
from helpers.command_line import Outcome, call_cli, made_at, redone, results, run_cli, succeed
from helpers.dicom_files import cine, save

PER_STAGE = {
    "frames": {"frames"},
    "flow": {"flow"},
    "motion": {"motion/train_0016", "motion/drift_0016"},
    **{
        stage: {f"{stage}/{task}" for task in ("oracle/h000", *(f"{m}/h00{h}" for m in METHODS for h in (1, 2)))}
        for METHODS in [("persistence", "linear")]
        for stage in ("forecast", "score")
    },
    "landmarks": {"landmarks"},
    "report": {"report"},
}

# None of them has a target, so that none has the stage.
ALL_DONE = ["done"] * 7

METHOD = ("--method", "linear")
NOTHING = {name: set[str]() for name in NAMES}


@pytest.fixture(scope="module")
def sources(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of three phantoms, for reading only."""
    return write_sequences(tmp_path_factory.mktemp("sequences"))


@pytest.fixture(scope="module")
def finished(sources: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Outcome]:
    """A finished batch of them on a local cluster, and what it printed; for reading only."""
    out = tmp_path_factory.mktemp("cohort") / "runs"
    return out, run_cli("batch", sources, "--out", out, "--workers", "2", *OPTIONS)


@pytest.fixture
def cohort(finished: tuple[Path, Outcome], tmp_path: Path) -> Path:
    """A copy of the finished batch that a test may change."""
    return Path(shutil.copytree(finished[0], tmp_path / "runs"))


def rows(file: Path) -> list[dict[str, str]]:
    with file.open(newline="") as stream:
        return list(csv.DictReader(stream))


def change(cohort: Path, address: str, *arguments: str | Path) -> dict[str, set[str]]:
    """Start a batch on a finished cohort; return what was redone of each sequence."""
    before = {name: made_at(cohort / name) for name in NAMES}
    succeed("batch", *arguments, "--out", cohort, "--scheduler", address)
    return {name: redone(before[name], cohort / name) for name in NAMES}


def status_of(cohort: Path, name: str) -> list[str]:
    """Return the words of a sequence's line in the status."""
    (line,) = [line for line in succeed("status", cohort).splitlines() if line.startswith(f"{name} ")]
    return re.split(r" {2,}", line.strip())[1:]


def test_a_batch_says_what_it_made_and_nothing_else(finished: tuple[Path, Outcome]) -> None:
    out, outcome = finished
    assert outcome.code == 0
    assert outcome.errors == ""
    assert outcome.output.splitlines() == [
        f"3 sequences: {3 * (6 + 2 * 5)} results made.",
        f"Scores: {out / 'summary.csv'}",
        f"Summary: {out / 'index.html'}",
    ]


def test_each_run_is_what_a_single_run_makes(finished: tuple[Path, Outcome], sources: Path, tmp_path: Path) -> None:
    succeed("run", sources / "two.nii.gz", "--out", tmp_path / "single", *OPTIONS)
    assert results(finished[0] / "two") == results(tmp_path / "single")


def test_the_summary_has_the_scores_of_all(finished: tuple[Path, Outcome]) -> None:
    expected = [row for name in sorted(NAMES) for row in rows(finished[0] / name / "score" / "scores.csv")]
    assert rows(finished[0] / "summary.csv") == expected


def test_the_status_of_a_finished_cohort(finished: tuple[Path, Outcome]) -> None:
    assert all(status_of(finished[0], name) == ALL_DONE for name in NAMES)
    assert succeed("status", finished[0]).splitlines()[-1] == "3 done"


def test_a_second_batch_has_nothing_to_do(cohort: Path, address: str) -> None:
    before = made_at(cohort)
    outcome = call_cli("batch", "--out", cohort, "--scheduler", address)
    assert (outcome.code, outcome.errors) == (0, "")
    assert "3 sequences: nothing to do, all is up to date." in outcome.output
    after = made_at(cohort)
    changed = {name for name in after if after[name] != before.get(name)}
    assert changed <= {"batch.json", "batch.log", "logs/one.log", "logs/two.log", "logs/three.log"}


def test_a_changed_forecaster_redoes_itself_alone(cohort: Path, address: str) -> None:
    done = change(cohort, address, "--set", "forecast.linear.history_length=5")
    expected = {key for keys in PER_STAGE.values() for key in keys if "/linear/" in key} | {"report"}
    assert done == dict.fromkeys(NAMES, expected)


def test_one_more_horizon_is_computed_alone(cohort: Path, address: str) -> None:
    done = change(cohort, address, "--horizon", "3")
    expected = {f"{stage}/{m}/h003" for stage in ("forecast", "score") for m in ("persistence", "linear")}
    assert done == dict.fromkeys(NAMES, expected | {"report"})


def test_naming_a_method_adds_it_and_dropping_it_takes_it_out(cohort: Path, address: str) -> None:
    done = change(cohort, address, "--method", "rls")
    new = {f"{stage}/rls/h00{h}" for stage in ("forecast", "score") for h in (1, 2)}
    assert done == dict.fromkeys(NAMES, new | {"report"})
    assert {row["method"] for row in rows(cohort / "summary.csv")} >= {"persistence", "linear", "rls"}
    before = {name: made_at(cohort / name) for name in NAMES}
    said = succeed("batch", "--drop", "rls", "--drop", "1", "--out", cohort, "--scheduler", address)
    assert "Removed from every run, with its files: rls, 1." in " ".join(said.split())
    assert {name: redone(before[name], cohort / name) for name in NAMES} == {name: {"report"} for name in NAMES}
    left = rows(cohort / "summary.csv")
    assert {row["method"] for row in left} == {"measured", "oracle", "persistence", "linear"}
    assert {row["horizon_frames"] for row in left} == {"2"}
    assert "rls" not in (cohort / "index.html").read_text()
    for name in NAMES:
        assert not list((cohort / name).glob("*/rls"))
        assert {path.name for path in (cohort / name).glob("*/*/h*")} == {"h000", "h002"}
    assert change(cohort, address) == NOTHING


def test_a_cohort_of_before_goes_on_with_the_methods_that_its_runs_have(cohort: Path, address: str) -> None:
    """Older versions stated nothing that was not given; their defaults were others."""
    (cohort / "settings.toml").write_text("")
    assert change(cohort, address) == NOTHING


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (("snap1",), "what --drop takes out must be one of linear, 1, 0.5s, got 'snap1'; choose one of these"),
        (("2",), "what --drop takes out must be one of linear, 1, 0.5s, got '2'; choose one of these"),
        (("linear",), "--drop must leave one method or more, got all of them; add one with --method"),
    ],
)
def test_what_cannot_be_dropped(cohort: Path, options: tuple[str, ...], sentence: str) -> None:
    assert sentence in call_cli("batch", "--out", cohort, "--drop", *options).sentence


def test_nothing_is_dropped_from_a_batch_that_is_not_there(sources: Path, tmp_path: Path) -> None:
    sentence = call_cli("batch", sources, "--out", tmp_path / "new", "--drop", "linear").sentence
    assert "--drop takes out of a batch that is there, got none in" in sentence


@pytest.mark.parametrize(
    ("option", "stages"),
    [(("--from", "score"), ("score", "report")), (("--only", "forecast"), ("forecast",)), (("--only", "warp"), ())],
)
def test_from_and_only_mean_what_they_mean_for_a_run(
    cohort: Path, address: str, option: tuple[str, ...], stages: tuple[str, ...]
) -> None:
    done = change(cohort, address, *option)
    assert done == dict.fromkeys(NAMES, set[str]().union(*(PER_STAGE[stage] for stage in stages)))


def test_scores_of_other_settings_are_in_no_table(cohort: Path, address: str, sources: Path) -> None:
    """Settings are those of the cohort: what was made with earlier ones is out of date until it is made again."""
    (one,) = sources.glob("one*.nii.gz")
    succeed("batch", one, "--out", cohort, "--scheduler", address, "--set", "forecast.linear.history_length=5")
    assert {row["sequence"] for row in rows(cohort / "summary.csv")} == {"one"}
    page = (cohort / "index.html").read_text()
    assert 'id="outdated"' in page
    assert "three, two" in page[page.index('id="outdated"') :]
    succeed("batch", "--out", cohort, "--scheduler", address)
    assert {row["sequence"] for row in rows(cohort / "summary.csv")} == set(NAMES)
    assert 'id="outdated"' not in (cohort / "index.html").read_text()


def test_a_new_sequence_is_computed_alone_with_the_settings_of_the_cohort(
    cohort: Path, address: str, sources: Path, tmp_path: Path
) -> None:
    for path in sources.glob("one.*"):
        shutil.copy(path, tmp_path / path.name.replace("one", "four"))
    done = change(cohort, address, tmp_path / "four.nii.gz")
    assert done == NOTHING
    assert status_of(cohort, "four") == ALL_DONE
    four = [row for row in rows(cohort / "summary.csv") if row["sequence"] == "four"]
    assert {(row["method"], row["horizon_frames"]) for row in four} >= {("linear", "1"), ("linear", "2")}


def test_a_list_gives_one_sequence_settings_of_its_own(cohort: Path, address: str, sources: Path) -> None:
    list_file = cohort.parent / "list.csv"
    lines = [f"{sources / f'{name}.nii.gz'},{name},{2 if name == 'two' else ''}" for name in NAMES]
    list_file.write_text("\n".join(["path,name,motion.modes", *lines]))
    done = change(cohort, address, list_file)
    assert done["one"] == done["three"] == set()
    assert done["two"] >= {"motion/train_0016", "report"}  # the drift is that of all modes, so it stays
    assert change(cohort, address) == NOTHING  # the cohort remembers it


def test_a_damaged_file_is_seen_and_made_again(cohort: Path, address: str, finished: tuple[Path, Outcome]) -> None:
    (cohort / "two" / "flow" / "dvf.npy").write_bytes(b"damage")
    assert status_of(cohort, "two")[:3] == ["done", "damaged", "stale"]
    assert "flow" in change(cohort, address)["two"]
    assert results(cohort / "two") == results(finished[0] / "two")


def test_a_lost_table_of_scores_is_gathered_again(cohort: Path, address: str, finished: tuple[Path, Outcome]) -> None:
    (cohort / "two" / "score" / "scores.csv").unlink()
    assert change(cohort, address) == NOTHING
    assert (cohort / "summary.csv").read_bytes() == (finished[0] / "summary.csv").read_bytes()


def test_the_status_of_what_is_stale_or_missing(cohort: Path, sources: Path, tmp_path: Path) -> None:
    shutil.rmtree(cohort / "one" / "score" / "linear" / "h001")
    content = json.loads((cohort / "batch.json").read_text())
    content["sequences"][0]["settings"] = {"flow": {"levels": 2}}
    (cohort / "batch.json").write_text(json.dumps(content))
    before = made_at(cohort)
    changed = content["sequences"][0]["name"]
    other = next(name for name in NAMES if name not in ("one", changed))
    assert status_of(cohort, changed)[:2] == ["done", "stale"]
    assert status_of(cohort, other) == ALL_DONE
    assert made_at(cohort) == before


def test_a_bad_sequence_fails_alone_and_is_tried_again(
    cohort: Path, address: str, sources: Path, tmp_path: Path
) -> None:
    bad = tmp_path / "bad.nii.gz"
    bad.write_bytes((sources / "one.nii.gz").read_bytes()[:2000])
    outcome = call_cli("batch", bad, sources, "--out", cohort, "--scheduler", address, "--horizon", "1")
    reason = "bad.nii.gz cannot be read as NIfTI: it is cut short or damaged; copy or export it again"
    assert outcome.code == 11
    assert outcome.errors == f"cinecast: bad failed in frames: {reason}\n"
    assert f"1 sequence failed: bad. See 'cinecast status {cohort}'." in outcome.output
    assert status_of(cohort, "bad") == ["failed"] + ["missing"] * 6
    assert f"bad: frames failed: {reason}" in succeed("status", cohort)
    assert reason in (cohort / "logs" / "bad.log").read_text()
    assert reason in (cohort / "index.html").read_text()
    assert {row["sequence"] for row in rows(cohort / "summary.csv")} == set(NAMES)
    shutil.copy(sources / "one.nii.gz", bad)
    before = {name: made_at(cohort / name) for name in NAMES}
    printed = succeed("batch", "--retry-failed", "--out", cohort, "--scheduler", address)
    assert printed.startswith("1 sequence: ")
    assert all(redone(before[name], cohort / name) == set() for name in NAMES)
    assert status_of(cohort, "bad") == ALL_DONE
    assert "no sequence failed before" in succeed("batch", "--retry-failed", "--out", cohort, "--scheduler", address)


def test_what_was_typed_at_the_scanner_is_shown_on_request_and_not_kept_with_a_cohort(
    cohort: Path, address: str, tmp_path: Path
) -> None:
    frames = np.random.default_rng(0).integers(0, 2000, (8, 9, 10)).astype(np.uint16)
    for number in (4, 5):
        images = cine(frames, SeriesNumber=number, SeriesDescription=f"MEIER ANNA {number}")
        save(tmp_path / "two", images, [f"{number}-{t}" for t in range(8)])
    outcome = call_cli("batch", tmp_path / "two", "--out", cohort, "--scheduler", address)
    assert "two failed in frames: two: one series must be chosen where there are several, got 4: 8" in outcome.errors
    for kept in (path for path in cohort.rglob("*") if path.is_file()):
        assert b"MEIER" not in kept.read_bytes(), kept
    plain = call_cli("info", tmp_path / "two")
    assert "4: 8 frames of" in plain.output
    assert "MEIER" not in plain.output + plain.errors
    listed = call_cli("info", tmp_path / "two", "--identifying").output
    assert "4 'MEIER ANNA 4' (" in listed
    assert "5 'MEIER ANNA 5' (" in listed


def test_a_method_that_does_not_fit_a_short_sequence_fails_there_alone(
    cohort: Path, address: str, tmp_path: Path
) -> None:
    settings = PhantomSettings(rows=32, columns=32, pixel_spacing_mm=(8, 8), frame_count=15, frame_period_s=0.25)
    write_phantom(tmp_path / "short.nii.gz", make_phantom(settings))
    outcome = call_cli("batch", tmp_path / "short.nii.gz", "--out", cohort, "--scheduler", address)
    assert outcome.code == 11
    assert "short failed in frames: the history of" in outcome.errors
    assert not (cohort / "short" / "settings.toml").exists()
    assert "the history of" in (cohort / "index.html").read_text()


def test_a_run_of_a_working_cohort_is_left_alone(cohort: Path, sources: Path, address: str) -> None:
    with CohortFolder(cohort):
        single = call_cli("run", sources / "one.nii.gz", "--out", cohort / "one").sentence
        second = call_cli("batch", "--out", cohort, "--scheduler", address).sentence
        assert all(status_of(cohort, name) == ALL_DONE for name in NAMES)
    assert single.startswith("cinecast: the folder of a batch is worked on by one command at a time, got ")
    assert second.startswith("cinecast: a batch is worked on by one command at a time, got ")
    succeed("run", sources / "one.nii.gz", "--out", cohort / "one")


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("--workers", "0"), "--workers must be 1 or more, got 0"),
        (("--workers", "2", "--scheduler", "tcp://127.0.0.1:1"), "--workers and --scheduler exclude each other"),
        (("--from", "flow", "--only", "warp"), "--from and --only exclude each other"),
        (("--scheduler", "nonsense"), "must be the address of a running dask scheduler, got no answer from 'nonsense'"),
        (("--scheduler", "tcp://127.0.0.1:1"), "got no answer from 'tcp://127.0.0.1:1'; start 'dask scheduler'"),
        (("--set", "flow.levelz=2"), "did you mean levels?"),
        (("--settings", "gone.toml"), "the settings file must be readable"),
    ],
)
def test_commands_that_cannot_be_started(
    cohort: Path, arguments: tuple[str, ...], sentence: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cinecast.batch.cluster._CONNECT_S", 1)  # nobody will answer, however long it is waited for
    before = made_at(cohort)
    assert sentence in call_cli("batch", "--out", cohort, *arguments).sentence
    assert made_at(cohort) == before


@pytest.mark.parametrize("version", ["9.9.9", None])
def test_workers_with_another_version_or_without_the_package(cohort: Path, tmp_path: Path, version: str | None) -> None:
    # An environment with all that is installed here, but for this package.
    libraries = tmp_path / "libraries"
    libraries.mkdir()
    for path in Path(sysconfig.get_path("purelib")).iterdir():
        if "cinecast" not in path.name:
            (libraries / path.name).symlink_to(path)
    if version is not None:
        (libraries / "cinecast").mkdir()
        (libraries / "cinecast" / "__init__.py").write_text(f"__version__ = {version!r}")
        (libraries / f"cinecast-{version}.dist-info").mkdir()
        metadata = f"Metadata-Version: 2.1\nName: cinecast\nVersion: {version}\n"
        (libraries / f"cinecast-{version}.dist-info" / "METADATA").write_text(metadata)
    before = made_at(cohort)
    with Cluster(tmp_path, extra={"PYTHONPATH": str(libraries)}, flags=("-S",)) as cluster:
        sentence = call_cli("batch", "--out", cohort, "--scheduler", cluster.address).sentence
    assert "scheduler and workers must have cinecast" in sentence
    assert f"the scheduler {cluster.address} has {version or 'none'}; worker tcp://127.0.0.1:" in sentence
    assert sentence.count(f"has {version or 'none'}") == 2
    assert made_at(cohort) == before


def test_scheduler_and_workers_that_cannot_load_the_package(cohort: Path, tmp_path: Path) -> None:
    (tmp_path / "broken" / "cinecast").mkdir(parents=True)
    (tmp_path / "broken" / "cinecast" / "__init__.py").write_text("raise ImportError")
    with Cluster(tmp_path, extra={"PYTHONPATH": str(tmp_path / "broken")}) as cluster:
        sentence = call_cli("batch", "--out", cohort, "--scheduler", cluster.address).sentence
    assert sentence.startswith("cinecast: scheduler and workers must be able to take the work, got ")
    assert sentence.endswith("; install the same cinecast on all of them")


def test_a_horizon_that_is_two_times_is_not_pooled_and_what_is_proposed_is(address: str, tmp_path: Path) -> None:
    """At 3.18 frames per second 0.5 s are 2 frames, 0.63 s; at 5.97 they are 3, 0.50 s."""
    (tmp_path / "rates").mkdir()
    for name, rate, count in (("slow", 3.18, 48), ("fast", 5.97, 60)):
        settings = PhantomSettings(
            rows=32, columns=32, pixel_spacing_mm=(8, 8), frame_count=count, frame_period_s=1 / rate
        )
        write_phantom(tmp_path / "rates" / f"{name}.nii.gz", make_phantom(settings))
    out, command = tmp_path / "runs", ("--out", tmp_path / "runs", "--scheduler", address)
    outcome = call_cli("batch", tmp_path / "rates", *command, "--method", "linear", "--horizon", "0.5s")
    assert outcome.code == 2
    sentence = (
        "a horizon must be the same time in all sequences of a batch to be pooled, got 0.5 s as 0.50 s in fast and "
        "0.63 s in slow; --horizon 0.63s suits all, and --drop 0.5s takes this one out"
    )
    assert outcome.errors == f"cinecast: {sentence}\n"
    assert f"Summary: {out / 'index.html'}" in outcome.output
    assert f"Not in the tables: {sentence}." in (out / "index.html").read_text()
    times = {(row["sequence"], round(float(row["horizon_s"]), 2)) for row in rows(out / "summary.csv")}
    assert times == {("fast", 0.50), ("slow", 0.63)}
    assert call_cli("batch", *command).code == 2  # as long as it is so
    mended = call_cli("batch", *command, "--horizon", "0.63s", "--drop", "0.5s")
    assert (mended.code, mended.errors) == (0, "")
    times = {(row["sequence"], round(float(row["horizon_s"]), 2)) for row in rows(out / "summary.csv")}
    assert times == {("fast", 0.67), ("slow", 0.63)}
    assert "0.63 s (0.63 to 0.67 s)" in (out / "index.html").read_text()
    printed = succeed("run", tmp_path / "rates/slow.nii.gz", "--out", tmp_path / "run", *METHOD, "--horizon", "0.5s")
    assert "A horizon of 0.5 s is 0.63 s here: 2 frame(s) of 0.3145 s." in printed.splitlines()
