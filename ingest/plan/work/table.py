"""Reads work, stops or observations from a table as Excel writes it, with every mistake: file, line and column."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from uuid import UUID, uuid5

from ingest.plan.work.fields import FIELDS, Fault, Field, Half, New, What, find_field, read_entry, what_of
from ingest.registry.problem import MAX_PROBLEMS, Place, Problem
from ingest.registry.table import check_width, read_rows
from schemas.bilingual import Bilingual, joined, quoted
from schemas.foreign import read_cell

_NAMESPACE = UUID("6f0a0c56-2b5c-4f0e-9a55-0d9a1c1b7c11")


@dataclass
class Table:
    """What a file says. `places`: the line of each entry; `headings`: by field, as the file writes them.

    `halves`: lines of which something could not be read. `problems`: what is wrong so far, a few more than
    are shown at once.
    """

    what: What | None = None
    news: list[New] = field(default_factory=list)
    places: list[Place] = field(default_factory=list)
    halves: list[tuple[Place, Half]] = field(default_factory=list)
    headings: dict[str, str] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    def problem(self, place: Place, fault: Fault) -> Problem:
        """A fault of an entry, with the heading of its column."""
        heading = self.headings.get(fault.field, "")
        if not heading and fault.field and self.what is not None:
            named = next((each for each in FIELDS[self.what] if each.name == fault.field), None)
            return Problem(fault.said, place, named.heading if named else quoted(fault.field))
        return Problem(fault.said, place, quoted(heading))


def read_table(file: str, content: bytes) -> Table:
    """The entries of one file. Rows without a key get one from what they say, so that a file can be given twice.

    A row that stands several times in a file means several entries.
    """
    table = Table()
    rows = read_rows(file, content, table.problems, _count_known)
    header = next((at for at, row in enumerate(rows) if any(row)), None)
    if header is None:
        return table
    columns = _columns(table, rows[header], Place(file, header + 1))
    if table.what is None:
        return table
    known = {each.name for _, each in columns}
    seen: dict[str, int] = {}
    for at, row in enumerate(rows[header + 1 :], start=header + 2):
        if len(table.problems) > MAX_PROBLEMS:
            break  # what is wrong further down is not shown
        if not any(row):
            continue
        place = Place(file, at)
        check_width(row, rows[header], place, table.problems)
        texts = {each.name: read_cell(row[position]) for position, each in columns if position < len(row)}
        new, faults = read_entry(table.what, texts)
        table.problems += [table.problem(place, fault) for fault in faults if fault.field in known]
        if isinstance(new, Half):
            table.halves.append((place, new))
        else:
            table.news.append(_with_key(new, seen))
            table.places.append(place)
    return table


def _with_key(new: New, seen: dict[str, int]) -> New:
    """An entry with a key; the second of the same text in a file gets another."""
    if new.client_key is not None:
        return new
    said = repr(new)
    seen[said] = seen.get(said, 0) + 1
    return replace(new, client_key=uuid5(_NAMESPACE, f"{said} {seen[said]}"))


def _count_known(headings: Sequence[str]) -> int:
    return max(sum(1 for each in headings if each and find_field(what, each)) for what in What)


def _columns(table: Table, row: Sequence[str], place: Place) -> list[tuple[int, Field]]:
    """(position, field) of each column that is known; `table.what` stays None if the file is no table that is known."""
    what = what_of(row)
    if what is None:
        names = joined([each.label for each in What], "、", ", ")
        unknown = Bilingual(
            f"何の表か分かりません。見出しを{names.ja}のどれかの表に合わせてください",
            f"of what is this table? Use the headings of one of: {names.en}",
        )
        table.problems.append(Problem(unknown, place))
        return []
    table.what = what
    found = list(_find_columns(table, what, row, place))
    for each in FIELDS[what]:
        if each.needed and each.name not in table.headings:
            absent = Bilingual(
                f"見出し「{each.heading.ja}」の列がありません。必ず要る列です",
                f"the column {each.heading.en} ({each.heading.ja}) is missing, and is needed",
            )
            table.problems.append(Problem(absent, place))
    return found


def _find_columns(table: Table, what: What, row: Sequence[str], place: Place) -> Iterator[tuple[int, Field]]:
    for position, written in enumerate(row):
        if not written or written in _IGNORED:
            continue
        column = find_field(what, written)
        if column is None:
            names = joined([each.heading for each in FIELDS[what]], "、", ", ")
            unknown = Bilingual(
                f"{what.label.ja}の表に「{written}」という見出しはありません。書けるのは {names.ja}",
                f"a table of {what.label.en} has no heading {written!r}; it may have {names.en}",
            )
            table.problems.append(Problem(unknown, place, quoted(written)))
        elif column.name in table.headings:
            twin = table.headings[column.name]
            twice = Bilingual(
                f"「{twin}」と同じ内容の列です。どちらか一方にしてください",
                f"it means the same as {twin!r}: keep one of them",
            )
            table.problems.append(Problem(twice, place, quoted(written)))
        else:
            table.headings[column.name] = written
            yield position, column


_IGNORED = frozenset({
    "番号", "number", "機器名", "device_name", "延べ分", "km", "入力日時", "entered_at", "入力者", "entered_by",
    "署名日時", "署名者", "署名の理由", "取消日時", "取消者", "取消の理由", "対象の移動",
})  # fmt: skip
"""Columns of our own download that nobody enters: it can be given back as it is."""
