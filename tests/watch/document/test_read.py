"""Watch documents from files: what is read, and what is refused with its line."""

from pathlib import Path

import pytest

from ingest.watch.document.fault import WatchRefused
from ingest.watch.document.read import document_of, read_file, read_text

WHOLE = """\
project: shiojiri
rules:
- code: tagawa-rise
  hazard: river
  devices: [sh-w-003]
  quantity: river_level
  measure: {kind: rise, hours: 1}
  hours: {from: "18:00", to: 06:00}
  stages:
  - {rank: 1, name: 市設定基準1, value: 0.5, valid_from: 2026-04-01}
  - {rank: 2, name: "2", value: 1.0, official: false}
"""


def problems(text: str) -> list[str]:
    with pytest.raises(WatchRefused) as refused:
        document_of(read_text("w.yaml", text.encode()))
    return [problem.said.ja for problem in refused.value.problems]


def test_a_document_is_read_with_its_times_and_texts_as_they_are_written() -> None:
    document = document_of(read_text("w.yaml", WHOLE.encode()))
    (rule,) = document.rules
    assert rule.hours is not None
    assert (rule.hours.begins, rule.hours.ends) == ("18:00", "06:00")
    assert (rule.stages[1].name, rule.stages[0].valid_from and rule.stages[0].valid_from.isoformat()) == (
        "2", "2026-04-01T00:00:00+09:00",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("", "w.yaml 1行目: 空のファイルです"),
        ("[1]", "w.yaml 1行目: 最上位は project: で始めてください"),
        ("a: [", "YAML として読めません"),
        ("project: a\nproject: b", "w.yaml 2行目 project: 「project」が二度書かれています"),
        (WHOLE.replace("value: 0.5", "value: 2"), "w.yaml 3行目 rules tagawa-rise: 段階 2(1)の値は"),
        (WHOLE.replace("rank: 2", "rank: 99"), "w.yaml 11行目 rules tagawa-rise stages 段階99 rank: 20 以下"),
        (WHOLE.replace("hours: 1", "days: 1"), "w.yaml 7行目 rules tagawa-rise measure days: そのような項目は"),
        (WHOLE.replace("市設定基準1", "大雨警報"), "w.yaml 10行目 rules tagawa-rise stages 段階1 name: 「警報」"),
        (WHOLE.replace("市設定基準1", "市設定\u200b基準1"), "見えない文字"),
        (WHOLE.replace("kind: rise", "kind: fall"), "w.yaml 7行目 rules tagawa-rise measure"),
        ("project: a\nsatellites: 1", "w.yaml 2行目 satellites: そのような項目はありません"),
    ],
)
def test_what_is_wrong_is_told_with_its_line_and_its_place(text: str, wanted: str) -> None:
    found = problems(text)
    assert any(wanted in each for each in found), found


def test_all_that_is_wrong_is_told_at_once_and_once() -> None:
    wrong = WHOLE.replace("hazard: river", "hazard: fire").replace("rank: 1", "rank: 0").replace('"2"', "予報")
    found = problems(wrong)
    assert len(found) == 3, found


def test_a_list_whose_only_item_is_wrong_is_not_called_empty() -> None:
    one = WHOLE.replace('  - {rank: 2, name: "2", value: 1.0, official: false}\n', "").replace("rank: 1", "rank: 0")
    assert len(problems(one)) == 1


def test_what_a_file_may_be(tmp_path: Path) -> None:
    text, table = tmp_path / "w.yaml", tmp_path / "w.csv"
    text.write_text(WHOLE, encoding="utf-8")
    table.write_text(WHOLE, encoding="utf-8")
    assert read_file(text).text == WHOLE
    with pytest.raises(WatchRefused, match=r"\.yaml \.yml"):
        read_file(table)
