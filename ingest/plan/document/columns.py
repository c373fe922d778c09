"""The columns of a table of KPIs: field, Japanese heading, other accepted headings, how to read a cell."""

import difflib
import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from ingest.plan.document.years import year_written
from ingest.registry import cells
from ingest.registry.columns import heading_key
from schemas.bilingual import Bilingual
from schemas.plan import Formula
from schemas.work import WorkKind

_SEPARATORS = re.compile(r"[、,;;\n]")
_AMOUNT = re.compile(r"[+-]?\d{1,3}(,\d{3})+(\.\d+)?", re.ASCII)
_PLAIN = re.compile(r"[+-]?\d{1,15}(\.\d{1,15})?", re.ASCII)
_TARGET = re.compile(r"(?:目標(?:値)?|target)?[((]?(.+?)[))]?(?:の?目標(?:値)?|target)?")

_FORMULAS = {"比率": "ratio", "改善度": "gain", "累計": "cumulative", "上限": "limit"}
_KINDS = {
    "集計": "figure", "数値": "figure", "目録": "figure", "作業記録": "work", "作業": "work", "手入力": "observation",
    "観測": "observation",
}  # fmt: skip
_COMBINE = {"合計": "sum", "平均": "mean", "最後": "last", "最終": "last", "最新": "last"}
_WORK = {kind.label.ja: kind.value for kind in WorkKind}


class Column(NamedTuple):
    """A column. `path`: where its value goes in the KPI."""

    path: tuple[str, ...]
    heading: str
    parse: Callable[[str], Any]
    also: tuple[str, ...] = ()


def _number(cell: str) -> str:
    """A number without the separators of thousands. What is none stays as it is, and is refused by the model."""
    plain = cells.folded(cell)
    return plain.replace(",", "") if _AMOUNT.fullmatch(plain) else plain


def _percent(cell: str) -> str:
    return _number(cell).removesuffix("%")


def _word(words: Mapping[str, str]) -> Callable[[str], str]:
    def parse(cell: str) -> str:
        plain = cells.folded(cell)
        return words.get(plain, plain.casefold())

    return parse


def _formula(cell: str) -> str:
    """`比率`, or the whole label of the formula as the pages print it."""
    name = unicodedata.normalize("NFKC", cell).split(":")[0].strip()
    return _FORMULAS.get(name, name.casefold() if name.casefold() in set(Formula) else cell.strip())


def _list(cell: str) -> list[str]:
    return [part.strip() for part in _SEPARATORS.split(cell) if part.strip()]


def _codes(cell: str) -> list[str]:
    return [cells.folded(part) for part in _list(cell)]


def _works(cell: str) -> list[str]:
    return [_WORK.get(part, part) for part in _list(cell)]


def _technologies(cell: str) -> list[str]:
    return [cells.network_kind(part).value for part in _list(cell)]


def _arguments(cell: str) -> dict[str, str | float]:
    found: dict[str, str | float] = {}
    for part in _list(cell):
        name, equals, value = part.partition("=")
        if not equals:
            raise ValueError(
                Bilingual(
                    f"「{part}」は 名前=値 の形で書いてください(例 level=gateway)",
                    f"write {part!r} as name=value, e.g. level=gateway",
                )
            )
        plain = value.strip()
        found[name.strip()] = float(plain) if _PLAIN.fullmatch(plain) else plain
    return found


COLUMNS: tuple[Column, ...] = (
    Column(("code",), "指標コード", cells.folded, ("コード", "kpi", "kpi code")),
    Column(("label",), "指標名", cells.text, ("指標", "名称", "name")),
    Column(("box",), "箱", cells.folded, ("ロジックモデルの箱", "位置づけ")),
    Column(("unit",), "単位", cells.text),
    Column(("decimals",), "小数の桁", _number, ("小数",)),
    Column(("formula",), "算式", _formula, ("達成率の算式",)),
    Column(("baseline", "value"), "基準値", _number, ("baseline",)),
    Column(("baseline", "fiscal_year"), "基準年度", year_written, ("基準値の年度", "baseline year")),
    Column(("baseline", "source"), "基準値の出典", cells.text, ("baseline source",)),
    Column(("final_target",), "最終目標値", _number, ("最終目標",)),
    Column(("final_year",), "最終目標年度", year_written, ("目標年度", "最終目標の年度")),
    Column(("scope", "networks"), "対象の通信網", _codes, ("通信網", "networks")),
    Column(("scope", "gateways"), "対象の基地局", _codes, ("基地局", "gateways")),
    Column(("scope", "areas"), "対象の地区", _list, ("地区", "areas")),
    Column(("scope", "uses"), "対象の分野", _list, ("分野", "uses")),
    Column(("scope", "technologies"), "対象の通信方式", _technologies, ("通信方式", "technologies")),
    Column(("scope", "devices"), "対象の機器", _codes, ("機器", "devices")),
    Column(("scope", "group"), "機器グループ", cells.folded, ("対象の機器グループ", "group")),
    Column(("scope", "season", "begins"), "対象期間の始まり", cells.month_day, ("season begins", "season from")),
    Column(("scope", "season", "ends"), "対象期間の終わり", cells.month_day, ("season ends", "season to")),
    Column(("evidence", "kind"), "根拠の種類", _word(_KINDS), ("根拠", "evidence")),
    Column(("evidence", "of"), "根拠の内容", cells.folded, ("evidence of", "figure")),
    Column(("evidence", "arguments"), "引数", _arguments, ("arguments",)),
    Column(("evidence", "kinds"), "作業の種類", _works, ("kinds", "kinds of work")),
    Column(("evidence", "combine"), "まとめ方", _word(_COMBINE), ("combine",)),
    Column(("owner",), "担当", cells.text, ("担当課", "主担当")),
    Column(("least_completeness",), "参考値とする取得率", _percent, ("least completeness", "参考値の下限")),
    Column(("note",), "備考", cells.text, ("注記",)),
)

PROJECT = Column(("project",), "事業コード", cells.folded, ("事業", "project code"))

_BY_KEY: Mapping[str, Column] = {
    heading_key(heading): column
    for column in (PROJECT, *COLUMNS)
    for heading in (column.path[-1] if len(column.path) == 1 else column.heading, column.heading, *column.also)
}


def find(heading: str) -> Column | None:
    """The column that a heading means: one of the list, or the target of a year (令和8年度目標, target 2026)."""
    column = _BY_KEY.get(heading_key(heading))
    if column is not None:
        return column
    year = _target_year(heading)
    return None if year is None else Column(("targets", year), target_heading(int(year)), _number)


def _target_year(heading: str) -> str | None:
    plain = "".join(unicodedata.normalize("NFKC", heading).split()).casefold()
    if "目標" not in plain and "target" not in plain:
        return None
    found = _TARGET.fullmatch(plain)
    year = year_written(found[1]) if found else ""
    return year if year.isascii() and year.isdigit() and len(year) == 4 else None


def target_heading(year: int) -> str:
    """The heading of the target of a year."""
    return f"令和{year - 2018}年度目標" if year > 2019 else "令和元年度目標" if year == 2019 else f"{year}年度目標"


def known_headings(row: Sequence[str]) -> int:
    """How many headings of a row mean something in a table of KPIs."""
    return sum(1 for heading in row if heading and find(heading) is not None)


def nearest(heading: str) -> Bilingual:
    """Advice on an unknown heading: the nearest known ones, else all of them."""
    found = difflib.get_close_matches(heading, [column.heading for column in COLUMNS], n=2, cutoff=0.5)
    if found:
        return Bilingual(f"「{'」か「'.join(found)}」ではありませんか", f"did you mean {' or '.join(found)}?")
    every = [*(column.heading for column in COLUMNS), target_heading(2026)]
    return Bilingual(f"使えるもの: {'、'.join(every)}", f"there are {', '.join(every)}")
