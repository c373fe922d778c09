"""Causes from a table as Excel writes it: all of them or none, with every mistake."""

from ingest.access.authority import By
from ingest.plan.outage.enter import enter_causes
from tests.plan.outage.conftest import Valley
from tests.plan.outage.test_groups import DAY, START, silent

BY = By.of_command("test")


def numbers(valley: Valley) -> list[int]:
    """Two outages of two devices."""
    for name, day in (("a", 1), ("b", 2)):
        silent(valley, valley.field.device(name), (START + day * DAY, START + (day + 1) * DAY))
    valley.look(START + 4 * DAY)
    return [number for (number,) in valley.ask("select outage_id from outage where level = 'device' order by starts")]


def causes(valley: Valley) -> list[tuple[str | None, str | None]]:
    return [(cause, note) for cause, note in valley.ask("select cause, cause_note from outage order by starts")]


def test_a_file_with_both_headings_and_codes_is_taken(valley: Valley) -> None:
    first, second = numbers(valley)
    japanese = f"番号,原因,メモ\r\n{first},停電,落雷\r\n{second},,\r\n".encode("cp932")
    assert enter_causes(valley.connection, BY, "tea", "a.csv", japanese, dry_run=False) == (1, [])
    assert causes(valley) == [("power", "落雷"), (None, None)]
    english = f"number;cause\n{second};battery\n".encode("utf-8-sig")
    assert enter_causes(valley.connection, BY, "tea", "a.csv", english, dry_run=True) == (1, [])
    assert causes(valley)[1] == (None, None)
    assert enter_causes(valley.connection, BY, "tea", "a.csv", english, dry_run=False) == (1, [])
    assert enter_causes(valley.connection, BY, "tea", "a.csv", english, dry_run=False) == (0, [])
    assert causes(valley)[1] == ("battery", None)


def test_one_mistake_and_nothing_is_written_and_all_mistakes_are_told(valley: Valley) -> None:
    first, second = numbers(valley)
    rows = f"番号,原因\n{first},停電\n{second},狸\n999999,電池\nx,電池\n".encode()
    changed, problems = enter_causes(valley.connection, BY, "tea", "原因.csv", rows, dry_run=False)
    assert causes(valley) == [(None, None), (None, None)]
    assert changed == 0
    said = [problem.said.ja for problem in problems]
    assert len(said) == 3
    assert said[0].startswith("原因.csv 3行目")
    assert "「狸」という原因はありません" in said[0]
    assert "999999 番の停止はこの事業にありません" in said[1]
    assert "「x」は停止の番号ではありません" in said[2]


def test_all_mistakes_of_one_line_are_told(valley: Valley) -> None:
    rows = f"番号,原因,メモ,謎\n999999,狸,,\nx,狸,{'長' * 501},\n".encode()
    _, problems = enter_causes(valley.connection, BY, "tea", "原因.csv", rows, dry_run=False)
    assert [(problem.place and problem.place.row, problem.column.ja) for problem in problems] == [
        (1, "謎"), (2, "原因"), (2, "番号"), (3, "番号"), (3, "原因"), (3, "メモ"),
    ]  # fmt: skip


def test_what_is_no_such_table_is_refused(valley: Valley) -> None:
    _, problems = enter_causes(valley.connection, BY, "tea", "a.csv", b"device,battery\n1,2\n", dry_run=False)
    assert any("番号" in problem.said.ja for problem in problems)
