"""Reads a table of people as Excel saves it: one row for each role of a person, with the name in the first at least."""

from collections.abc import Iterator, Sequence

from ingest.access.document.columns import GRANT, TABLE, find, known_headings, nearest
from ingest.access.document.entry import Written
from ingest.access.document.model import Section
from ingest.access.logins import normalised_login
from ingest.registry.entry import Cell
from ingest.registry.problem import Place, Problem
from ingest.registry.table import check_width, read_rows
from schemas.bilingual import Bilingual, quoted
from schemas.foreign import read_cell

_GRANT_FIELDS = frozenset(column.field for column in GRANT)


def read_people(file: str, content: bytes, problems: list[Problem]) -> list[Written]:
    """The people of one CSV file. Rows of the same login are one person with several roles."""
    rows = read_rows(file, content, problems, known_headings)
    header = next((index for index, row in enumerate(rows) if any(row)), None)
    if header is None:
        return []
    columns = _columns(rows[header], Place(file, header + 1), problems)
    if columns is None:
        return []
    people: dict[str, list[tuple[Place, tuple[Cell, ...]]]] = {}
    for index, row in enumerate(rows[header + 1 :], start=header + 2):
        if any(row):
            place = Place(file, index)
            check_width(row, rows[header], place, problems)
            cells = tuple(_cells(row, columns, index))
            login = next((cell.text for cell in cells if cell.column.field == "login"), "")
            people.setdefault(normalised_login(login) or f"\n{index}", []).append((place, cells))
    return [_person(rows_of_one, problems) for rows_of_one in people.values()]


def _columns(row: Sequence[str], place: Place, problems: list[Problem]) -> dict[int, Cell] | None:
    """By position an empty cell of the column there; None if it is no table of people."""
    found: dict[int, Cell] = {}
    taken: dict[str, str] = {}
    for position, written in enumerate(row):
        column = find(TABLE, written) if written else None
        if column is not None and column.field in taken:
            twin = taken[column.field]
            twice = Bilingual(
                f"「{twin}」と同じ内容の列です。どちらか一方にしてください",
                f"it means the same as {twin!r}: keep one of them",
            )
            problems.append(Problem(twice, place, quoted(written)))
        elif column is not None:
            taken[column.field] = written
            found[position] = Cell(column, "", written, place.row)
        elif written:
            near = nearest(TABLE, written)
            unknown = Bilingual(
                f"利用者の表に「{written}」という見出しはありません。{near.ja}",
                f"a table of people has no heading {written!r}: {near.en}",
            )
            problems.append(Problem(unknown, place, quoted(written)))
    if "login" not in taken:
        absent = Bilingual(
            "見出し「ログイン名」の列がありません。利用者の表には必ず要ります",
            "the column login is missing, and a table of people needs it",
        )
        problems.append(Problem(absent, place))
        return None
    return found


def _cells(row: Sequence[str], columns: dict[int, Cell], index: int) -> Iterator[Cell]:
    for position, column in columns.items():
        text = read_cell(row[position]) if position < len(row) else ""
        yield column._replace(text=text, row=index)


def _person(rows: Sequence[tuple[Place, tuple[Cell, ...]]], problems: list[Problem]) -> Written:
    own: dict[str, Cell] = {}
    grants: list[tuple[Place, tuple[Cell, ...]]] = []
    for place, cells in rows:
        for cell in cells:
            field = cell.column.field
            if field in _GRANT_FIELDS:
                continue
            if field not in own or not own[field].text:
                own[field] = cell
            elif field != "login" and cell.text and cell.text != own[field].text:
                first = own[field]
                differs = Bilingual(
                    f"同じ利用者の {first.row}行目は「{first.text}」です。同じにするか、ここを空にしてください",
                    f"line {first.row} of the same person says {first.text!r}: write the same, or nothing",
                )
                problems.append(Problem(differs, place, quoted(cell.heading)))
        role = tuple(cell for cell in cells if cell.column.field in _GRANT_FIELDS and cell.text)
        if role:
            grants.append((place, role))
    # Without any role in their rows the people keep the roles that they have.
    return Written(Section.PEOPLE, rows[0][0], tuple(own.values()), tuple(grants) or None)
