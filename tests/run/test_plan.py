"""The steps of a run: what each depends on, and settings that do not fit a sequence."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from cinecast.errors import SettingsError
from cinecast.forecast.modes import MODES_ALWAYS_FITTED
from cinecast.run.freshness import concerned_keys
from cinecast.run.given_files import GivenFiles
from cinecast.run.plan import STAGE_VERSIONS, Plan, check_good_frames, make_plan
from cinecast.run.runner import run_sequence
from cinecast.run.scope import STAGES, Scope
from cinecast.run.step import Step
from cinecast.sequence import Sequence, Split
from cinecast.settings import Settings
from cinecast.settings.toml_file import build_settings
from cinecast.store import artifacts as art
from cinecast_models import METHODS, ForecastingError, ForecastTask, MethodSettings


@pytest.fixture(scope="module")
def sequence() -> Sequence:
    frames = np.random.default_rng(1).integers(0, 100, (60, 16, 16))
    return Sequence("lung", frames, 0.25 * np.arange(60), (1.0, 1.0), Split(20, 40, 60))


def settings(**tables: Any) -> Settings:
    base = {"forecast": {"methods": ["linear", "snap1"], "horizons": ["1", "0.5s"]}}
    return build_settings(base | {name: base.get(name, {}) | table for name, table in tables.items()})


def steps(plan: Plan) -> list[Step]:
    return [step for stage in plan.stages.values() for step in stage]


def test_references_stand_beside_the_methods_whatever_is_asked_for(sequence: Sequence) -> None:
    for methods in (["linear"], ["persistence", "linear"], ["oracle", "linear", "linear"]):
        plan = make_plan(sequence, settings(forecast={"methods": methods, "horizons": ["2", "1"]}))
        tasks = [(task.method, task.horizon.frames) for task in plan.tasks]
        assert tasks == [("oracle", 0), ("persistence", 1), ("persistence", 2), ("linear", 1), ("linear", 2)]


GIVEN = GivenFiles(targets="masks", labels="other masks")


def files_of(step: Step) -> set[tuple[str, str]]:
    """Return the files that later steps may read."""
    if step.key.startswith("motion/drift"):
        return {(step.key, art.DRIFTS_FILE)}
    if step.key == art.LABELS:
        return {(step.key, art.LABELS_FILE)}
    own = {(step.key, name) for name in art.FILES[step.stage]}
    return own | ({(step.key, art.GIVEN_TARGETS_FILE)} if step.key == art.MEASURED_TARGET else set())


@pytest.mark.parametrize("given", [GivenFiles(), GIVEN])
def test_every_input_is_an_output_of_an_earlier_step(sequence: Sequence, given: GivenFiles) -> None:
    plan = make_plan(sequence, settings(motion={"offline_train_end": 30}), given=given)
    made = {(art.FRAMES, name) for name in art.FILES["frames"]}
    for step in steps(plan):
        assert set(step.inputs) <= made, step.key
        made |= files_of(step)
    keys = [step.key for step in steps(plan)]
    assert len(keys) == len(set(keys))
    assert ({art.MEASURED_TARGET, art.LABELS, "target/linear/h002"} <= set(keys)) == (given is GIVEN)


@pytest.mark.parametrize("given", [GivenFiles(), GIVEN])
def test_scores_and_report_read_all_that_they_tell_of(sequence: Sequence, given: GivenFiles) -> None:
    plan = make_plan(sequence, settings(), given=given)
    made = {(art.FRAMES, name) for name in art.FILES["frames"]}.union(*map(files_of, steps(plan)))
    (report,) = plan.stages["report"]
    unread = {(key, name) for key, name in made if name == "step_times.csv" or key == art.REPORT}
    assert set(report.inputs) == made - unread
    for step in plan.stages["score"]:
        if step.task is not None:
            stages = ("motion/", art.LANDMARKS, art.LABELS, art.MEASURED_TARGET, step.task.key("target"))
            of_stages = {each for each in made if each[0].startswith((*stages, step.task.key("forecast")))}
            of_frames = {(art.FRAMES, "frames.npy"), (art.FRAMES, "sequence.json"), (art.FLOW, "dvf.npy")}
            assert set(step.inputs) == of_frames | of_stages - {("motion/train_0020", "variance.csv")}, step.key


def test_targets_are_carried_along_all_that_moves_them(sequence: Sequence) -> None:
    measured, *forecast = make_plan(sequence, settings(), given=GIVEN).stages["target"]
    frames = {(art.FRAMES, "frames.npy"), (art.FRAMES, "times.csv")}
    assert set(measured.inputs) == {(art.FLOW, "dvf.npy"), *frames}
    for step in forecast:
        assert step.task is not None
        assert set(step.inputs) == {
            (art.MEASURED_TARGET, art.GIVEN_TARGETS_FILE),
            (art.FRAMES, "sequence.json"),
            (art.FLOW, "dvf.npy"),
            ("motion/train_0020", "mean.npy"),
            ("motion/train_0020", "modes.npy"),
            ("motion/drift_0020", art.DRIFTS_FILE),
            (step.task.key("forecast"), "weights.csv"),
        }


# What is changed, and the stages whose results depend on it directly; all else hangs on their files.
@pytest.mark.parametrize(
    ("given", "tables", "stages"),
    [
        (GIVEN, {"flow": {"reference": 3}}, {"flow", "motion", "landmarks", "target", "score"}),
        (GIVEN, {"flow": {"reference": 0, "levels": 2}}, {"flow"}),
        (GIVEN, {"flow": {"reference": 0, "faulty_frames": "measured"}}, {"flow"}),
        (
            GIVEN,
            {"motion": {"pixel_weights": "uniform"}},
            {"motion", "forecast"},
        ),  # as many modes are kept as asked for
        (GIVEN, {"motion": {"modes": 4}}, {"motion", "forecast", "score"}),
        (GIVEN, {"warp": {"sigma": 0.6}}, {"score"}),
        (GIVEN, {"warp": {"half_window": 4}}, {"score"}),
        (GIVEN, {"warp": {"image_runs": 4}}, {"target", "score"}),
        (GIVEN, {"landmarks": {"quality": 0.8}}, {"landmarks"}),
        (GIVEN, {"score": {"level": 0.8}}, {"score"}),
        (GIVEN, {"score": {"ssim_data_range": 255}}, {"score"}),
        (GivenFiles(targets="others", labels="other masks"), {}, {"target"}),
        (GivenFiles(targets="masks", labels="others"), {}, {"score"}),
        (GivenFiles(targets="masks", labels="other masks", landmarks="places"), {}, {"landmarks"}),
        (GivenFiles(targets="masks", labels="other masks", dvf="field"), {}, {"flow"}),
    ],
)
def test_what_depends_on_a_setting(
    sequence: Sequence, given: GivenFiles, tables: dict[str, Any], stages: set[str]
) -> None:
    def planned(given: GivenFiles, **tables: Any) -> dict[str, Step]:
        tables = {"forecast": {"methods": ["linear"]}, "flow": {"reference": 0}} | tables
        return {step.key: step for step in steps(make_plan(sequence, settings(**tables), given=given))}

    before, after = planned(GIVEN), planned(given, **tables)
    assert before.keys() == after.keys()
    changed = {step.stage for key, step in after.items() if step.settings != before[key].settings}
    assert changed == stages | ({"report"} if tables else set())


def test_of_places_and_fields_that_are_given_only_these_count(sequence: Sequence) -> None:
    def step(stage: str, **tables: Any) -> Step:
        tables = {"flow": {"reference": 0}} | tables
        (found,) = make_plan(sequence, settings(**tables), given=GivenFiles(landmarks="p", dvf="f")).stages[stage]
        return found

    assert step("landmarks").settings == {"file": "p", "reference": 0, "train_end": 20}
    assert step("landmarks", landmarks={"quality": 0.8}) == step("landmarks")
    assert step("flow").settings == {"file": "f", "reference": 0}
    assert step("flow", flow={"reference": 0, "levels": 2}) == step("flow")


def test_landmarks_are_those_of_the_train_span(sequence: Sequence) -> None:
    longer = replace(sequence, split=Split(25, 40, 60))
    one, other = (make_plan(each, settings(flow={"reference": 0})) for each in (sequence, longer))
    assert one.stages["landmarks"] != other.stages["landmarks"]
    assert [step.key for step in other.stages["motion"]] == ["motion/train_0025", "motion/drift_0025"]
    assert one.stages["flow"] == other.stages["flow"]


def test_the_grey_value_of_black_is_noted_where_it_is_not_0(sequence: Sequence) -> None:
    below = replace(sequence, frames=sequence.frames - 7)
    one, other = (make_plan(each, settings(flow={"reference": 0})).stages["score"] for each in (sequence, below))
    for plain, step in zip(one, other, strict=True):
        assert {**plain.settings, "black": -7} == step.settings


def test_where_frames_are_missing_forecasts_and_scores_depend_on_the_clock(sequence: Sequence) -> None:
    gappy = replace(sequence, times_s=0.25 * (np.arange(60) + 2 * (np.arange(60) > 44)))
    forecast = {"methods": ["linear"], "horizons": ["1"], "linear": {"history_length": 5}}
    plan, plain = (make_plan(each, settings(forecast=forecast, flow={"reference": 0})) for each in (gappy, sequence))
    clock = {"clock_period_s": 0.25, "longest_gap_s": gappy.longest_gap_s}
    for stage in ("forecast", "score"):
        for step, other in zip(plan.stages[stage], plain.stages[stage], strict=True):
            assert step.task is not None
            oracle = step.task.method == "oracle"
            compared = {"compared_history": 0, "beside": ((1, 5),)} if oracle else {"compared_history": 5}
            noted = ({} if oracle else clock) if stage == "forecast" else clock | compared
            assert step.settings == {**other.settings, **noted}
    with pytest.raises(SettingsError, match="the published protocol needs a sequence without gaps, got one that miss"):
        make_plan(gappy, settings(forecast={**forecast, "protocol": "published"}))


def test_scores_depend_on_the_warp_although_images_of_a_run_that_diverged_do_not(sequence: Sequence) -> None:
    one, other = (make_plan(sequence, settings(warp={"sigma": sigma})).stages["score"] for sigma in (0.5, 0.6))
    assert all(a.settings != b.settings and a.inputs == b.inputs for a, b in zip(one, other, strict=True))


def test_stages_come_in_order_and_have_versions(sequence: Sequence) -> None:
    assert ("frames", *make_plan(sequence, settings()).stages) == STAGES
    assert set(STAGE_VERSIONS) == set(STAGES)


def test_offline_methods_have_the_longer_train_span_of_their_own(sequence: Sequence) -> None:
    plan = make_plan(sequence, settings(motion={"offline_train_end": 30}))
    ends = {task.method: task.train_end for task in plan.tasks}
    assert ends == {"oracle": 20, "persistence": 20, "linear": 30, "snap1": 20}
    made = ["motion/train_0020", "motion/train_0030", "motion/drift_0020", "motion/drift_0030"]
    assert [step.key for step in plan.stages["motion"]] == made


def test_uniform_weights_of_pixels_leave_the_motion_as_runs_before_them_made_it(sequence: Sequence) -> None:
    def made(pixel_weights: str) -> tuple[Step, ...]:
        motion = {"pixel_weights": pixel_weights, "drift": "made_for_it"}
        return make_plan(sequence, settings(flow={"reference": 3}, motion=motion)).stages["motion"]

    (uniform,) = made("uniform")
    assert uniform.settings == {"modes": 3, "train_end": 20, "reference": 3}
    assert uniform.inputs == ((art.FLOW, "dvf.npy"), (art.FRAMES, "times.csv"))
    (reliable,) = made("reliable")
    assert reliable.settings == {**uniform.settings, "modes": 12, "at_least": 3, "pixel_weights": "reliable"}
    assert reliable.inputs == (*uniform.inputs, (art.FRAMES, "frames.npy"))


def test_a_method_made_for_more_modes_gets_them_and_the_others_what_was_asked_for(sequence: Sequence) -> None:
    forecast = {"methods": ["linear", "mixture"], "horizons": ["1"], "mixture": {"history_length": 6}}
    plan = make_plan(sequence, settings(forecast=forecast))
    assert {task.method: task.modes for task in plan.tasks} == {
        "oracle": None,
        "persistence": 3,
        "linear": 3,
        "mixture": None,
    }
    assert [step.settings.get("modes") for step in plan.stages["motion"]] == [12, None]
    asked_for_more = make_plan(sequence, settings(forecast=forecast, motion={"modes": 15}))
    assert {task.modes for task in asked_for_more.tasks} == {None}
    assert [step.settings.get("modes") for step in asked_for_more.stages["motion"]] == [15, None]


def test_as_many_modes_are_always_fitted_as_any_of_our_methods_forecasts() -> None:
    assert max(method.modes or 0 for method in METHODS.values()) == MODES_ALWAYS_FITTED


@pytest.mark.parametrize("added", sorted(set(METHODS) - {"linear", "persistence", "population_transformer"}))
def test_one_more_method_changes_no_step_of_the_others(sequence: Sequence, added: str) -> None:
    def planned(*methods: str) -> dict[str, Step]:
        forecast = {"methods": list(methods), added: {"history_length": 6}}
        return {step.key: step for step in steps(make_plan(sequence, settings(forecast=forecast)))}

    before, after = planned("linear"), planned("linear", added)
    assert {key for key in before if after[key] != before[key]} == {"report"}
    assert after.keys() - before.keys() == {
        f"{stage}/{added}/h00{h}" for stage in ("forecast", "score") for h in (1, 2)
    }


def test_forecasts_beside_a_method_of_more_modes_depend_on_how_many_they_have(sequence: Sequence) -> None:
    """With `mixture`, twelve modes are fitted whatever is asked for: only the forecasts of the others change."""

    def values(modes: int) -> dict[str, Any]:
        asked = {"methods": ["linear", "mixture"], "mixture": {"history_length": 6}}
        stages = make_plan(sequence, settings(forecast=asked, motion={"modes": modes})).stages
        return {step.key.removeprefix("forecast/"): step.settings for step in stages["forecast"]}

    few, more = values(3), values(5)
    assert {key for key in few if few[key] != more[key]} == {
        f"{m}/h00{h}" for m in ("persistence", "linear") for h in (1, 2)
    }


def test_what_a_forecast_depends_on(sequence: Sequence) -> None:
    def values(**forecast: Any) -> dict[str, dict[str, Any]]:
        plan = make_plan(sequence, settings(forecast=forecast))
        return {step.key.removeprefix("forecast/"): dict(step.settings) for step in plan.stages["forecast"]}

    base = values()
    changed = values(runs=9, seed=4)
    assert {key for key in base if base[key] != changed[key]} == {"snap1/h001", "snap1/h002"}
    changed = values(protocol="published")
    assert {key for key in base if base[key] != changed[key]} == {
        f"{m}/h00{h}" for m in ("persistence", "linear", "snap1") for h in (1, 2)
    }
    tuned = [{"method": "persistence", "horizon_frames": 2, "modes": 1}]
    changed = values(tuned=tuned)
    assert {key for key in base if base[key] != changed[key]} == {"persistence/h002"}
    changed = values(linear={"history_length": 4}, rls={"history_length": 4})
    assert {key for key in base if base[key] != changed[key]} == {"linear/h001", "linear/h002"}


@pytest.mark.parametrize(
    ("tables", "sentence"),
    [
        ({"forecast": {"horizons": ["22"]}}, "a horizon must be at most 21 frames, .*got 22; ask for a shorter one"),
        (
            {"forecast": {"linear": {"history_length": 20}}},
            r"the history of linear .*span of 20 frames, got 20 \+ 1",
        ),
        ({"forecast": {"horizons": ["20"]}}, r"the history of persistence .*got 1 \+ 20 frames; lower forecast.pers"),
        ({"flow": {"reference": 20}}, "flow.reference must lie in the train span of 20 frames, got frame 20; choose"),
        ({"motion": {"modes": 20}}, "motion.modes must be below the 20 frames of the train span, got 20; lower it"),
        ({"motion": {"offline_train_end": 19}}, "offline_train_end must be 20 to 40 frames, .*got 19; change it"),
        ({"motion": {"offline_train_end": 41}}, "offline_train_end must be 20 to 40 frames, .*got 41; change it"),
    ],
)
def test_settings_that_do_not_fit_the_sequence(sequence: Sequence, tables: dict[str, Any], sentence: str) -> None:
    with pytest.raises(SettingsError, match=sentence):
        make_plan(sequence, settings(**tables))


def test_the_largest_that_fit_are_taken(sequence: Sequence) -> None:
    tables = {
        "flow": {"reference": 19},
        "motion": {"modes": 19, "offline_train_end": 40},
        "forecast": {"horizons": ["1"], "linear": {"history_length": 39}, "snap1": {"history_length": 19}},
    }
    assert make_plan(sequence, settings(**tables)).horizons[0].frames == 1
    ends = {"motion": {"offline_train_end": 20}}  # the earliest, that of the train span
    assert {task.train_end for task in make_plan(sequence, settings(**ends)).tasks} == {20}


def test_methods_are_told_what_they_will_forecast(sequence: Sequence, monkeypatch: pytest.MonkeyPatch) -> None:
    told: dict[str, list[ForecastTask]] = {}

    def at(own: MethodSettings, task: ForecastTask) -> MethodSettings:
        told.setdefault(own.method, []).append(task)
        return own

    monkeypatch.setattr(MethodSettings, "at", at)
    monkeypatch.setattr(METHODS["mixture"].settings, "at", at)
    make_plan(sequence, settings(forecast={"methods": ["linear", "mixture"], "mixture": {"history_length": 6}}))
    assert {method: {task.components for task in tasks} for method, tasks in told.items()} == {
        "persistence": {3},
        "linear": {3},
        "mixture": {12},  # as many as are fitted
    }
    for tasks in told.values():
        assert [(task.horizon, task.rate_hz, task.name) for task in tasks] == [(1, 4.0, "lung"), (2, 4.0, "lung")]


def test_two_frames_after_a_pause_are_the_fewest_that_are_scored(sequence: Sequence) -> None:
    # 20 frames after a pause: the first forecast by a history of L frames, 1 ahead, is of frame 40 + L.
    paused = replace(sequence, times_s=0.25 * (np.arange(60) + 40 * (np.arange(60) >= 40)))

    def planned(history_length: int, *faulty: int) -> Plan:
        forecast = {"methods": ["linear"], "horizons": ["1"], "linear": {"history_length": history_length}}
        return make_plan(replace(paused, faults=dict.fromkeys(faulty, "frozen")), settings(forecast=forecast))

    planned(18)
    planned(18, 41)  # which has no forecast anyway
    why = "of 19 before the others; ask", r"of 18 before the others, or they are faulty \(frame 59 frozen\); ask"
    for history_length, faulty, said in ((19, (), why[0]), (18, (59,), why[1])):
        with pytest.raises(SettingsError, match=f"2 frames or more of the test span must be forecast .*{said}"):
            planned(history_length, *faulty)


def test_a_faulty_test_span_is_not_put_down_to_frames_that_are_missing(sequence: Sequence) -> None:
    lost = replace(sequence, times_s=0.25 * (np.arange(60) + (np.arange(60) >= 30)))
    faulty = replace(lost, faults=dict.fromkeys(range(40, 59), "upside down"))
    made = settings(forecast={"methods": ["linear"], "horizons": ["1"], "linear": {"history_length": 3}})
    wrong = r"the test span must hold 2 good frame\(s\) or more, got 1 of 20 \(frames 40 to 58 upside down\)"
    with pytest.raises(SettingsError, match=wrong):
        make_plan(faulty, made)


def test_an_unknown_method_of_hand_made_settings(sequence: Sequence) -> None:
    base = Settings()
    wrong = replace(base, forecast=replace(base.forecast, methods=("crystal_ball",)))
    with pytest.raises(ForecastingError, match=r"a method must be one of .*got 'crystal_ball'; choose one of these"):
        make_plan(sequence, wrong)


def test_scopes() -> None:
    scope = Scope(start_from="warp")
    assert [stage for stage in STAGES if scope.forces(stage)] == ["warp", "landmarks", "target", "score", "report"]
    assert all(scope.reaches(stage) for stage in STAGES)
    scope = Scope(only="warp")
    assert [stage for stage in STAGES if scope.forces(stage)] == ["warp"]
    assert [stage for stage in STAGES if scope.reaches(stage)] == ["frames", "flow", "motion", "forecast", "warp"]
    assert not any(Scope().forces(stage) for stage in STAGES)


def test_a_stage_concerns_what_its_inputs_name(sequence: Sequence) -> None:
    plan = make_plan(sequence, settings())
    assert concerned_keys(plan, "landmarks") == {"landmarks"}
    assert concerned_keys(plan, "flow") == {"flow"}
    forecast = concerned_keys(plan, "forecast")
    assert {key.split("/")[0] for key in forecast} == {"flow", "motion", "forecast"}
    assert concerned_keys(plan, None) == {step.key for step in plan.steps()} == concerned_keys(plan, "report")
    assert concerned_keys(plan, "warp") == set()


def test_a_scope_of_no_stage() -> None:
    with pytest.raises(SettingsError, match=r"--only must name one of the stages frames, flow, .*got 'warps'"):
        Scope(only="warps")


def test_a_scope_of_both_kinds() -> None:
    with pytest.raises(SettingsError, match="--from and --only exclude each other, got both; give one"):
        Scope(start_from="flow", only="flow")


def test_a_run_without_workers(tmp_path: Any) -> None:
    with pytest.raises(SettingsError, match="--workers must be 1 or more, got 0"):
        run_sequence(tmp_path / "any", tmp_path / "run", Settings(), workers=0)


@pytest.mark.parametrize(
    ("drift", "models", "followers"),
    [
        ("all", [art.drift_key(20), art.drift_key(30)], {"oracle", "persistence", "linear", "mixture"}),
        ("made_for_it", [art.drift_key(20)], {"mixture"}),
        ("none", [], set[str]()),
    ],
)
def test_the_drift_is_followed_for_whom_it_is_asked(
    sequence: Sequence, drift: str, models: list[str], followers: set[str]
) -> None:
    methods = {"forecast": {"methods": ["linear", "mixture"], "mixture": {"history_length": 6}}}
    plan = make_plan(sequence, settings(motion={"offline_train_end": 30, "drift": drift}, **methods))
    made = [step.key for step in plan.stages["motion"]]
    assert made == [art.motion_key(20), art.motion_key(30), *models]
    follow = {step.task.method for step in plan.stages["score"] if step.task and step.task.follows_drift}
    read = {step.task.method for step in plan.stages["score"] if step.task and _reads_drifts(step)}
    assert follow == read == followers


def _reads_drifts(step: Step) -> bool:
    return art.DRIFTS_FILE in {name for _, name in step.inputs}


FAULTS = {3: "frozen", 25: "nearly black", 44: "mirrored"}


def test_faulty_frames_are_held_and_left_out_and_other_runs_depend_on_none_of_it(sequence: Sequence) -> None:
    plain, faulty = make_plan(sequence, settings()), make_plan(replace(sequence, faults=FAULTS), settings())
    noted = {
        step.key: {name: value for name, value in step.settings.items() if name not in other.settings}
        for step, other in zip(steps(faulty), steps(plain), strict=True)
    }
    assert noted.pop("flow") == {"held": [3, 25, 44]}
    assert noted.pop("motion/train_0020") == {"left_out": [3]}
    assert noted.pop("motion/drift_0020") == {"held": [3, 25, 44]}
    assert noted.pop("landmarks") == {"faulty": [3, 25, 44]}
    scored = {key: value for key, value in noted.items() if key.startswith("score/")}
    assert scored
    # Their bands learn before the test span.
    assert all(value == {"left_out": [44], "unlearned": [3, 25]} for value in scored.values())
    learned = {key: value for key, value in noted.items() if key.startswith("forecast/") and "/oracle/" not in key}
    assert learned
    assert all(value == {"held_until_measured": [3, 25, 44]} for value in learned.values())
    assert not any(value for key, value in noted.items() if key not in scored and key not in learned)
    measured = settings(flow={"faulty_frames": "measured"})
    assert steps(make_plan(replace(sequence, faults=FAULTS), measured)) == steps(make_plan(sequence, measured))


def _plan_to_score(sequence: Sequence) -> None:
    """Plan as a run does that goes as far as the scores."""
    check_good_frames(sequence, settings(), "test", sequence.split.test_frames, 1)
    make_plan(sequence, settings())


@pytest.mark.parametrize(
    ("span", "needed", "sentence"),
    [
        (range(17), 3, "the train span must hold 4 good frame(s) or more, got 3 of 20 (frames 0 to 16 frozen)"),
        (range(40, 60), 1, "the test span must hold 1 good frame(s) or more, got 0 of 20 (frames 40 to 59 frozen)"),
    ],
)
def test_spans_without_good_frames_are_refused(sequence: Sequence, span: range, needed: int, sentence: str) -> None:
    enough = replace(sequence, faults=dict.fromkeys(list(span)[needed:] or [0], "frozen"))
    none_left = replace(sequence, faults=dict.fromkeys(span, "frozen"))
    _plan_to_score(enough)
    with pytest.raises(SettingsError) as caught:
        _plan_to_score(none_left)
    assert str(caught.value) == (
        f'{sentence}; change its ends (frames.train_end, frames.validation_end), or set flow.faulty_frames = "measured"'
    )


def test_gating_concerns_the_scores_of_runs_with_a_target_alone(sequence: Sequence) -> None:
    def values(given: GivenFiles, **score: Any) -> list[Any]:
        steps = make_plan(sequence, settings(score=score), given=given).stages["score"]
        return [step.settings for step in steps if step.task]

    other = {"margin_mm": 5.0, "latency_s": 0.5, "gate_by_radius": "narrow"}
    assert values(GivenFiles()) == values(GivenFiles(), **other)
    for name, value in other.items():
        own, base = values(GivenFiles(targets="digest"), **{name: value}), values(GivenFiles(targets="digest"))
        assert all(a != b for a, b in zip(own, base, strict=True))


def test_a_latency_as_long_as_the_test_span_is_refused(sequence: Sequence) -> None:
    make_plan(sequence, settings(score={"latency_s": 4.75}))
    sentence = r"\(--latency\) must be shorter than the test span of 20 frames \(5 s\), got 4.9 s; give a shorter one"
    with pytest.raises(SettingsError, match=sentence):
        make_plan(sequence, settings(score={"latency_s": 4.9}))
