"""What the charts of all pages draw, by their pixels, and what a reader can do with them."""

from __future__ import annotations

import base64
import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Page

from cinecast.report.data import ReportData
from helpers.browser import wait_for_frames, wait_until_idle
from helpers.charts import BLUE, GREEN, RED, Draw, coloured, draw_on, ends, hover, line, texts
from helpers.report_data import simulated_report

pytestmark = pytest.mark.browser
Open = Callable[[ReportData], Page]


# Lines, bands, bars


def test_a_line_is_broken_where_a_value_is_missing_and_a_lonely_one_is_a_dot(draw: Draw) -> None:
    page = draw({"lines": [line([1, 2, None, 3, None, 1, 1])]})
    assert coloured(page, RED, 0.5, 1.5)
    assert coloured(page, RED, 3, 3)
    assert coloured(page, RED, 5.5, 1)
    for x, y in ((1.5, 2.25), (2.5, 2.75), (3.5, 2.5), (4.5, 1.5)):  # where lines over the gaps would go
        assert not coloured(page, RED, x, y)


def test_lines_of_other_places_are_no_gaps_of_each_other(draw: Draw) -> None:
    first = line([1, 3], x=[0, 4])
    second = line([0, 0, 0], x=[0, 1.5, 4], name="two", colour=BLUE)
    page = draw({"lines": [first, second]})
    for x in (1, 2, 3):
        assert coloured(page, RED, x, 1 + x / 2)
        assert coloured(page, BLUE, x, 0)


def test_a_gap_beside_values_of_another_line_is_as_wide_as_it_is(draw: Draw) -> None:
    broken = line([1, 1, None, 1, 1], x=[0, 2, 4, 6, 8])
    dense = line([0.0] * 17, x=[0.5 * i for i in range(17)], name="two", colour=BLUE)
    page = draw({"lines": [broken, dense]})
    shown = [x / 4 for x in range(1, 32) if coloured(page, RED, x / 4, 1)]
    assert all(x <= 2.25 or x >= 5.75 for x in shown)
    assert {1.0, 7.0} <= set(shown)


def test_a_band_ends_where_one_of_its_edges_is_missing(draw: Draw) -> None:
    x = list(range(7))
    band = {"name": "band", "x": x, "low": [0, 0, 0, None, 0, 0, 0], "high": [2, 2, 2, 2, 2, None, 2], "fill": GREEN}
    page = draw({"lines": [line([3] * 7)], "bands": [band]})
    inside = [at / 4 for at in range(1, 24) if coloured(page, GREEN, at / 4, 1)]
    assert min(inside) <= 0.25
    assert all(at <= 2.1 for at in inside)  # between 4 and 5, one edge has nothing beside it
    assert not coloured(page, GREEN, 1, 2.2)
    assert not coloured(page, GREEN, 1, -0.1)


def test_error_bars_reach_their_half_range_and_lie_within_the_panel(draw: Draw) -> None:
    page = draw({"lines": [line([1, 1, 1], half=[0, 4, 0], bare=True, mark="circle")]})
    for y in (-2.8, -1, 3, 4.8):
        assert coloured(page, RED, 1, y)
        assert not coloured(page, RED, 2, y)
    low, high = page.evaluate("(({ min, max }) => [min, max])(plots.of(document.getElementById('own'))[0].scales.y)")
    assert low < -3
    assert high > 5


def test_steps_hold_a_value_until_the_next(draw: Draw) -> None:
    page = draw({"lines": [line([0, 10, 20], steps=True)]})
    assert coloured(page, RED, 0.5, 0)
    assert coloured(page, RED, 1.5, 10)
    assert not coloured(page, RED, 0.5, 5)


def test_bars_stand_beside_each_other_as_high_as_their_values(draw: Draw) -> None:
    bars = [line([4, 2], x=[-0.2, 0.8], bar=0.4), line([1, 3], x=[0.2, 1.2], bar=0.4, colour=BLUE, name="two")]
    page = draw({"lines": bars, "x": {"range": [-0.5, 1.5]}, "y": {"zero": True}})
    for colour, x, height in ((RED, -0.2, 4), (BLUE, 0.2, 1), (RED, 0.8, 2), (BLUE, 1.2, 3)):
        for beside in (-0.15, 0, 0.15):
            assert coloured(page, colour, x + beside, 0.5 * height)
            assert not coloured(page, colour, x + beside, height + 0.2)
        assert not coloured(page, colour, x + 0.3 * (1 if colour == BLUE else -1), 0.5 * height)


def test_bars_are_as_wide_where_others_are_missing(draw: Draw) -> None:
    first = line([4, None, 2, None], x=[-0.2, 0.8, 1.8, 2.8], bar=0.4)
    second = line([3, None, None, 1], x=[0.2, 1.2, 2.2, 3.2], bar=0.4, colour=BLUE, name="two")
    alone = line([None, 3, None, None], x=[0, 1, 2, 3], bar=0.8)
    axes: dict[str, Any] = {"x": {"range": [-0.5, 3.5]}, "y": {"zero": True}}
    page = draw({"lines": [first, second], **axes}, {"lines": [alone], **axes}, columns=2)
    for panel, colour, x, half in ((0, RED, -0.2, 0.2), (0, RED, 1.8, 0.2), (0, BLUE, 3.2, 0.2), (1, RED, 1, 0.4)):
        for side in (-1, 1):
            assert coloured(page, colour, x + 0.9 * side * half, 0.5, panel)
            assert not coloured(page, colour, x + 1.2 * side * half, 0.5, panel)


@pytest.mark.parametrize("columns", [1, 6])
def test_the_value_of_a_bar_can_be_read_however_narrow_or_low_it_is(draw: Draw, columns: int) -> None:
    high = line([90, 80], x=[-0.2, 0.8], bar=0.4)
    low = line([1, 0], x=[0.2, 1.2], bar=0.4, colour=BLUE, name="two")
    axes: dict[str, Any] = {"x": {"range": [-0.5, 1.5], "label": ""}, "y": {"zero": True}}
    page = draw(columns=columns)
    script = """([panels, columns]) => {
        const text = (value) => value.toFixed(2);
        for (const each of panels.flatMap(({ lines }) => lines)) Object.assign(each, { text });
        plots.draw(document.getElementById("own"), { panels, columns, height: 200 });
    }"""
    page.evaluate(script, [[{"lines": [high, low], **axes}] * columns, columns])
    shown = {each["text"]: each for each in texts(page) if each["text"].endswith((".00", "0.00"))}
    assert list(shown) == ["90.00", "80.00", "1.00", "0.00"]
    assert {each["up"] for each in shown.values()} == {columns > 1}
    foot, top = page.evaluate("[0, 1].map((y) => plots.of(document.getElementById('own'))[0].valToPos(y, 'y', true))")
    assert {each["y"] for text, each in shown.items() if len(text) == 5} == {foot - 4}
    assert shown["1.00"]["y"] == pytest.approx(top - 4)  # above the bar


def test_areas_and_rules_lie_where_they_are_said_to(draw: Draw) -> None:
    areas = [{"x": [1, 2], "fill": GREEN}]
    rules = [{"y": 8, "colour": BLUE}]
    page = draw({"lines": [line([0, 1, 2, 3])], "areas": areas, "rules": rules})
    assert [coloured(page, GREEN, x, 6.5) for x in (0.8, 1.2, 1.8, 2.2)] == [False, True, True, False]
    assert all(coloured(page, BLUE, x, 8) for x in (0.3, 1.5, 2.8))  # the axis reaches to the rule


def test_a_panel_without_a_line_is_empty(draw: Draw) -> None:
    page = draw({"lines": []}, {"lines": [line([None, None])]}, {"lines": [line([5])]})
    assert coloured(page, RED, 0, 5, panel=2)


# What the reader does


def test_the_reading_tells_what_lies_under_the_pointer_and_nothing_beside_it(draw: Draw) -> None:
    first = line([1.25, 2.5, 3], half=[0, 0.5, 0])
    second = line([7, 8], x=[0, 2], name="two", colour=BLUE)
    page = draw({"lines": [first, second]})
    assert hover(page, 1.1).split("\n") == ["1", "one: 2.5 ± 0.5"]
    assert hover(page, 1.9).split("\n") == ["2", "one: 3", "two: 8"]
    page.locator("#own .chart-key-entry").filter(has_text="two").click()
    assert hover(page, 1.9).split("\n") == ["2", "one: 3"]


def test_the_reading_has_the_digits_that_tell_values_apart(draw: Draw) -> None:
    far = line([100002.5, 100001.25, 100003.0])
    page = draw(
        {"lines": [far]}, {"lines": [line([1e-6, 3.25e-7, 0])]}, {"lines": [line([0.1234567, 2, 1])]}, columns=3
    )
    assert hover(page, 0.9).split("\n")[1] == "one: 100001.25"
    assert hover(page, 0.9, panel=1).split("\n")[1] == "one: 3.25e-7"
    assert hover(page, 0.1, panel=2).split("\n")[1] == "one: 0.1235"


def test_the_key_switches_a_line_and_its_group_in_all_panels(draw: Draw) -> None:
    band = {"name": "band", "x": [0, 1], "low": [0, 0], "high": [1, 1], "fill": GREEN}
    panel = {"lines": [line([2, 2]), line([3, 3], name="two", colour=BLUE)], "bands": [band]}
    page = draw(panel, panel, isStacked=True)
    entries = page.locator("#own .chart-key-entry")
    assert entries.all_inner_texts() == ["band", "one", "two"]
    for name, colour, y in (("one", RED, 2), ("band", GREEN, 0.5)):
        assert all(coloured(page, colour, 0.5, y, panel=number) for number in (0, 1))
        entry = entries.filter(has_text=name)
        entry.click()
        assert entry.get_attribute("aria-pressed") == "false"
        assert not any(coloured(page, colour, 0.5, y, panel=number) for number in (0, 1))
        entry.click()
        assert all(coloured(page, colour, 0.5, y, panel=number) for number in (0, 1))


@pytest.mark.parametrize("panel", [0, 1])
def test_a_drag_shows_that_span_in_all_panels_and_a_button_the_whole(draw: Draw, panel: int) -> None:
    page = draw(*[{"lines": [line([float(i % 5) for i in range(101)])]}] * 2, isStacked=True)
    assert ends(page) == [[0, 100]] * 2
    assert page.locator("#own .chart-whole").is_hidden()
    box = page.locator("#own .u-over").nth(panel).bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 0.2 * box["width"], box["y"] + 40)
    page.mouse.down()
    page.mouse.move(box["x"] + 0.4 * box["width"], box["y"] + 40, steps=5)
    page.mouse.up()
    page.wait_for_selector("#own .chart-whole:not([hidden])")
    assert ends(page)[0] == ends(page)[1] == pytest.approx([20, 40], abs=0.5)
    page.locator("#own .chart-whole").click()
    page.wait_for_selector("#own .chart-whole", state="hidden")
    assert ends(page) == [[0, 100]] * 2


def test_a_zoom_between_two_values_keeps_the_axis_of_the_line(draw: Draw) -> None:
    page = draw({"lines": [line([100, 120, 110])]})
    before = page.evaluate("(({ min, max }) => [min, max])(plots.of(document.getElementById('own'))[0].scales.y)")
    page.evaluate("plots.of(document.getElementById('own'))[0].setScale('x', { min: 0.2, max: 0.8 })")
    page.wait_for_selector("#own .chart-whole:not([hidden])")
    after = page.evaluate("(({ min, max }) => [min, max])(plots.of(document.getElementById('own'))[0].scales.y)")
    assert after == before
    assert coloured(page, RED, 0.5, 110)


def test_what_was_chosen_and_switched_off_stays_when_a_chart_is_drawn_anew(draw: Draw) -> None:
    def panels(height: float, last: int = 100) -> list[dict[str, Any]]:
        lines = [line([height] * (last + 1)), line([0.0] * (last + 1), name="two", colour=BLUE)]
        return [{"lines": lines}, {"lines": lines}]

    page = draw(*panels(1.0), isStacked=True)
    page.locator("#own .chart-key-entry", has_text="two").click()
    page.evaluate("plots.of(document.getElementById('own'))[0].setScale('x', { min: 20, max: 40 })")
    page.wait_for_selector("#own .chart-whole:not([hidden])")
    draw_on(page, *panels(3.0), isStacked=True)
    page.wait_for_selector("#own .chart-whole:not([hidden])")
    assert ends(page) == [[20, 40]] * 2
    pressed = page.locator("#own .chart-key-entry").evaluate_all("all => all.map((each) => each.ariaPressed)")
    assert pressed == ["true", "false"]
    for number in (0, 1):
        assert coloured(page, RED, 30, 3.0, panel=number)
        assert not coloured(page, BLUE, 30, 0.0, panel=number)
    page.locator("#own .chart-key-entry", has_text="two").click()
    assert coloured(page, BLUE, 30, 0.0)
    draw_on(page, *panels(3.0, last=90), isStacked=True)  # of other times: all of them are shown
    wait_for_frames(page)
    assert ends(page) == [[0, 90]] * 2
    assert page.locator("#own .chart-whole").is_hidden()


def test_a_report_keeps_the_part_of_a_chart_at_another_horizon(rng: np.random.Generator, open_report: Open) -> None:
    page = open_report(simulated_report(rng))
    wait_until_idle(page)
    shown = "plots.of(document.getElementById('time-chart')).map(({ scales: { x } }) => [x.min, x.max])"
    (start, end) = page.evaluate(shown)[0]
    part = [start + 0.25 * (end - start), start + 0.5 * (end - start)]
    page.evaluate(
        "([min, max]) => plots.of(document.getElementById('time-chart'))[0].setScale('x', { min, max })", part
    )
    page.wait_for_selector("#time-chart .chart-whole:not([hidden])")
    before = page.evaluate("cinecast.state.horizon")
    page.locator("#horizon").select_option(index=1)
    wait_until_idle(page)
    assert page.evaluate("cinecast.state.horizon") != before
    assert page.evaluate(shown)[0] == part


def test_a_drag_is_no_click(rng: np.random.Generator, open_report: Open) -> None:
    page = open_report(simulated_report(rng))
    wait_until_idle(page)
    area = page.locator("#time-chart .u-over")
    area.scroll_into_view_if_needed()
    box = area.bounding_box()
    assert box is not None
    page.evaluate("cinecast.setPosition(0)")
    page.mouse.move(box["x"] + 0.3 * box["width"], box["y"] + 40)
    page.mouse.down()
    page.mouse.move(box["x"] + 0.7 * box["width"], box["y"] + 40, steps=5)
    page.mouse.up()
    page.wait_for_selector("#time-chart .chart-whole:not([hidden])")
    assert page.evaluate("cinecast.state.position") == 0
    assert page.locator("#time-chart + .cursor").is_hidden()  # its time is not in sight
    page.locator("#time-chart .chart-whole").click()
    page.wait_for_selector("#time-chart + .cursor", state="visible")


def test_the_picture_to_save_holds_lines_and_names(draw: Draw, tmp_path: Path) -> None:
    page = draw({"lines": [line([1, 1]), line([2, 2], name="two", colour=BLUE)], "title": "Title"})
    with page.expect_download() as downloading:
        page.locator("#own .chart-save").click()
    assert downloading.value.suggested_filename == "own.png"
    downloading.value.save_as(tmp_path / "own.png")
    with Image.open(tmp_path / "own.png") as opened:
        saved = np.asarray(opened.convert("RGB")).astype(int)
    box = page.locator("#own").bounding_box()
    assert box is not None
    assert saved.shape[:2] == pytest.approx((box["height"], box["width"]), abs=1)
    shot = Image.open(io.BytesIO(page.locator("#own").screenshot())).convert("RGB")
    seen = np.asarray(shot).astype(int)[: saved.shape[0], : saved.shape[1]]
    for channel in (0, 2):
        pure = [(np.delete(each, channel, 2).max(2) < 60) & (each[..., channel] > 200) for each in (saved, seen)]
        assert pure[0].sum() > 500
        kept, shown = pure[0][1:-1, 1:-1], pure[1]  # a chart may lie between two pixels of the screen
        height, width = kept.shape
        alike = [np.mean(kept == shown[y : y + height, x : x + width]) for y in range(3) for x in range(3)]
        assert max(alike) > 0.9995
    for selector in (".chart-title", ".chart-key-entry >> nth=0"):
        place = page.locator(f"#own {selector}").bounding_box()
        assert place is not None
        top, left = round(place["y"] - box["y"]), round(place["x"] - box["x"])
        name = saved[top : top + round(place["height"]), left : left + round(place["width"])]
        assert (name.max(axis=2) < 110).any()  # dark letters


def test_a_name_of_two_lines_has_two_in_the_picture_to_save(draw: Draw) -> None:
    words = " ".join(["measured"] * 12)
    page = draw({"lines": [line([1, 1], name=words), line([2, 2], name="two")], "title": words})
    page.set_viewport_size({"width": 390, "height": 900})
    page.wait_for_function("plots.of(document.getElementById('own'))[0].width < 400")
    script = """() => {
        const [all, pen] = [[], CanvasRenderingContext2D.prototype];
        const own = pen.fillText;
        pen.fillText = function (text, x, y) { all.push({ text, x, y, end: x + this.measureText(text).width }); };
        const { width } = plotPicture.paint(document.getElementById("own"));
        pen.fillText = own;
        return { width, all };
    }"""
    painted = page.evaluate(script)
    page.set_viewport_size({"width": 1280, "height": 900})
    lines = [each for each in painted["all"] if each["text"] != "two"]
    assert len({each["y"] for each in lines}) == len(lines) >= 4
    assert " ".join(each["text"] for each in lines) == f"{words} {words}"
    assert all(each["end"] <= painted["width"] for each in lines)


def test_a_chart_has_its_shape_on_paper_after_its_window_changed(draw: Draw) -> None:
    page = draw({"lines": [line([1, 2])]})
    for width in (390, 1280):
        page.set_viewport_size({"width": width, "height": 900})
        page.wait_for_function(
            "(most) => Math.abs(plots.of(document.getElementById('own'))[0].width - most) < 40", arg=width
        )
    page.emulate_media(media="print")
    script = """() => {
        const [u] = plots.of(document.getElementById("own"));
        const { width, height } = u.ctx.canvas.getBoundingClientRect();
        return [width / height, u.width / u.height];
    }"""
    on_paper, on_screen = page.evaluate(script)
    page.emulate_media(media="screen")
    assert on_paper == pytest.approx(on_screen, rel=0.02)


def test_a_chart_is_as_wide_as_its_window(draw: Draw) -> None:
    page = draw({"lines": [line([1, 2])]}, {"lines": [line([1, 2])]}, columns=2)
    for width in (1280, 700, 390):
        page.set_viewport_size({"width": width, "height": 900})
        page.wait_for_function(
            """(width) => document.documentElement.scrollWidth <= width && plots.of(document.getElementById("own"))
                .every((u) => u.width === u.root.parentElement.clientWidth)""",
            arg=width,
        )
        boxes = [page.locator("#own .uplot canvas").nth(i).bounding_box() for i in range(2)]
        assert boxes[0] is not None
        assert boxes[1] is not None
        assert (boxes[0]["y"] == boxes[1]["y"]) == (width > 600)


def test_names_of_lines_stay_text(draw: Draw) -> None:
    evil = "<img src=x onerror=\"document.title='ran'\">"
    page = draw({"title": evil, "lines": [line([1, 2], name=evil), line([2, 3], name="two")]})
    assert hover(page, 0.1).split("\n")[1] == f"{evil}: 1"
    assert page.locator("#own .chart-title").inner_text() == evil
    assert page.locator("#own .chart-key-entry").first.inner_text() == evil
    assert page.title() != "ran"
    assert page.locator("#own img").count() == 0


def test_marks_are_told_apart(draw: Draw) -> None:
    names = ["circle", "square", "diamond", "triangle-up", "cross", "x", "star", "circle-open", "line"]
    page = draw({"lines": [line([1], name=name, mark=name, size=12, x=[i]) for i, name in enumerate(names)]})
    shapes = page.locator("#own .chart-key-entry canvas").evaluate_all("all => all.map((one) => one.toDataURL())")
    assert len(shapes) == len(names)
    drawn = [np.asarray(Image.open(io.BytesIO(base64.b64decode(shape.split(",")[1])))) for shape in shapes]
    for number, one in enumerate(drawn):
        assert all((np.abs(one.astype(int) - other) > 100).any() for other in drawn[number + 1 :])
