"""Charts of the plan as values: targets beside actuals, waterfalls that add up, and the logic model."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.web.chart.frame import SIZE
from ingest.web.chart.logic import WIDTH, Node, draw_logic, wrap
from ingest.web.chart.targets import Slot, targets
from ingest.web.chart.waterfall import Part, waterfall
from ingest.web.pages.plan.factors import apportioned, units_of


def number(value: float) -> str:
    return f"{value:g}"


def slot(actual: float | None, target: float | None, *, faint: bool = False) -> Slot:
    return Slot("2026年度", actual, target, faint, "")


def test_what_is_to_come_has_a_target_and_no_column() -> None:
    chart = targets([slot(190, 200), slot(None, 150), slot(None, None)], number)
    assert len(chart.bars) == 1
    assert chart.line.count("M") == 1
    assert chart.line.count("H") == 2
    assert chart.bars[0].y + chart.bars[0].height == SIZE


def test_a_value_for_reference_only_is_drawn_apart() -> None:
    chart = targets([slot(80, 90), slot(50, 90, faint=True)], number)
    assert (len(chart.bars), len(chart.faint)) == (1, 1)


def test_the_line_of_targets_breaks_where_there_is_none() -> None:
    chart = targets([slot(1, 2), slot(1, None), slot(1, 3)], number)
    assert chart.line.count("M") == 2


def test_a_loss_hangs_below_zero() -> None:
    chart = targets([slot(-500, None), slot(300, None)], number)
    below, above = chart.bars
    assert below.y == pytest.approx(above.y + above.height)


@pytest.mark.parametrize("value", [0.0, None])
def test_nothing_but_zero_still_has_an_axis(value: float | None) -> None:
    assert len(targets([slot(value, None)], number).y_marks) >= 2
    assert len(targets([], number).y_marks) >= 2


def test_a_waterfall_leads_from_one_total_to_the_other() -> None:
    drawn = waterfall(("前", 90.0), [Part("送信", -4.0), Part("無線", 1.5), Part("有効", 0.0)], ("後", 87.5), number)
    assert [row.kind for row in drawn.rows] == ["total", "down", "up", "same", "total"]
    first, down, up, _, last = drawn.rows
    assert down.left + down.width == pytest.approx(first.joint, abs=0.2)
    assert up.left == pytest.approx(down.joint, abs=0.2)
    assert last.joint == pytest.approx(up.joint, abs=0.2)
    assert drawn.cut
    assert drawn.marks[0].percent == 0


rates = st.fractions(min_value=0, max_value=1, max_denominator=10**6)


@given(st.lists(st.fractions(min_value=-1, max_value=1, max_denominator=10**6), min_size=1, max_size=9), rates)
def test_amounts_that_are_shown_add_up_to_the_change_that_is_shown(parts: list[Fraction], before: Fraction) -> None:
    change = units_of(before + sum(parts, Fraction(0))) - units_of(before)
    units = apportioned(parts, change)
    assert sum(units) == change
    assert all(abs(unit - part * 10_000) <= 2 for unit, part in zip(units, parts, strict=True))


def test_text_is_wrapped_by_its_width_and_words_stay_whole() -> None:
    assert wrap("水田水位計と基地局", 5) == ["水田水位計", "と基地局"]
    assert wrap("gauges and gateways", 8) == ["gauges and", "gateways"]
    assert wrap("", 5) == [""]


@given(st.text(max_size=80), st.integers(2, 30))
def test_nothing_of_a_text_is_lost_by_wrapping(text: str, ems: int) -> None:
    assert "".join(wrap(text, ems)).replace(" ", "") == text.replace(" ", "")


def test_boxes_stand_in_their_columns_and_arrows_join_them() -> None:
    drawing = draw_logic(
        [
            Node("a", 0, "補助金", ["b", "nowhere"]),
            Node("b", 1, "設置", ["c"]),
            Node("c", 2, "データ", ["d"], [("/plan/kpis/x", "データ取得率")]),
            Node("d", 3, "時間が減る", []),
        ]
    )
    assert [box.column for box in drawing.boxes] == [0, 1, 2, 3]
    assert len(drawing.arrows) == 3
    assert all(box.x + drawing.box_width <= WIDTH for box in drawing.boxes)
    assert drawing.boxes[2].hangs[0].address == "/plan/kpis/x"
    assert drawing.boxes[2].height > drawing.boxes[0].height


def test_boxes_of_a_column_do_not_overlap_and_follow_what_leads_to_them() -> None:
    drawing = draw_logic(
        [Node("a", 0, "一", ["y"]), Node("b", 0, "二", ["x"]), Node("x", 1, "い", []), Node("y", 1, "ろ", [])]
    )
    places = {box.code: box for box in drawing.boxes}
    assert places["y"].y + places["y"].height < places["x"].y
    assert drawing.height >= places["x"].y + places["x"].height


def test_a_plan_without_boxes_draws_nothing() -> None:
    assert draw_logic([]).boxes == []
