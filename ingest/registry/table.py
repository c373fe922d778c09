"""Read a table as Excel saves it: whichever encoding, whichever separator, empty edges and all."""

import csv
import io
from collections.abc import Sequence

from ingest.registry.columns import COLUMNS, Column, find, kind_of, label, nearest, required
from ingest.registry.entry import Cell, Contents, Entry
from ingest.registry.problem import Kind, Place, Problem

SEPARATORS = ",\t;"
_ZIP = b"PK\x03\x04"
_UTF16 = (b"\xff\xfe", b"\xfe\xff")

Heading = tuple[int, Column, str]
"""Position in the row, what it means, how it is written."""


def read_table(file: str, content: bytes) -> Contents:
    """The entries of one CSV file. What is wrong stands in `problems`; sound rows are delivered all the same."""
    contents = Contents()
    try:
        rows = split(decoded(content))
    except (ValueError, csv.Error) as error:
        contents.problems.append(Problem(str(error), Place(file, 1)))
        return contents
    header = next((index for index, row in enumerate(rows) if any(row)), None)
    if header is None:
        contents.problems.append(Problem("表が空です。1行目に見出し、2行目から中身を書いてください", Place(file, 1)))
        return contents
    place = Place(file, header + 1)
    kind = kind_of(rows[header])
    if kind is None:
        codes = "」「".join(columns[0].heading for columns in COLUMNS.values())
        message = f"何の表か分かりません。見出しに「{codes}」のどれかを入れてください"
        contents.problems.append(Problem(message, place))
        return contents
    headings = _headings(kind, rows[header], place, contents.problems)
    for index, row in enumerate(rows[header + 1 :], start=header + 2):
        if any(row):
            _check_width(row, rows[header], Place(file, index), contents.problems)
            contents.entries.append(_entry(kind, row, headings, Place(file, index)))
    return contents


def decoded(content: bytes) -> str:
    """The text of a file saved by Excel: a byte order mark decides, else UTF-8 if it is that, else CP932."""
    if content.startswith(_ZIP):
        raise ValueError("Excel ブックのままです。「名前を付けて保存」で「CSV UTF-8(コンマ区切り)」を選んでください")
    for encoding in ("utf-16",) if content.startswith(_UTF16) else ("utf-8-sig", "cp932"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise ValueError("文字コードが読めません。「CSV UTF-8(コンマ区切り)」で保存し直してください")


def split(text: str) -> list[list[str]]:
    """Rows of cells, stripped at both ends. The separator is the one under which the header says most."""
    if "\0" in text:
        raise ValueError("文字ではないデータが入っています。「CSV UTF-8(コンマ区切り)」で保存し直してください")
    first = next((line for line in text.splitlines() if line.strip(SEPARATORS + '" ')), "")
    separator = max(SEPARATORS, key=lambda each: _meaning(next(csv.reader([first], delimiter=each), [])))
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator)
    return [[cell.strip() for cell in row] for row in reader]


def _meaning(headings: Sequence[str]) -> int:
    return sum(1 for heading in headings if any(find(kind, heading) for kind in Kind if kind is not Kind.PROFILE))


def _headings(kind: Kind, row: Sequence[str], place: Place, problems: list[Problem]) -> list[Heading]:
    headings: list[Heading] = []
    taken: dict[str, str] = {}
    for position, written in enumerate(row):
        if not written:
            continue
        column = find(kind, written)
        if column is None:
            message = f"{kind.label_ja}の表に「{written}」という見出しはありません。{nearest(kind, written)}"
            problems.append(Problem(message, place, written))
        elif column.field in taken:
            message = f"「{taken[column.field]}」と同じ内容の列です。どちらか一方にしてください"
            problems.append(Problem(message, place, written))
        else:
            taken[column.field] = written
            headings.append((position, column, written))
    absent = [field for field in required(kind) if field not in taken and not _misspelt(kind, field, row)]
    problems += [Problem(f"見出し「{label(kind, field)}」の列がありません。必ず要る列です", place) for field in absent]
    return headings


def _misspelt(kind: Kind, field: str, row: Sequence[str]) -> bool:
    """Whether an unknown heading is probably this column, which has then been reported already."""
    return any(
        written and find(kind, written) is None and f"「{label(kind, field)}」" in nearest(kind, written)
        for written in row
    )


def _check_width(row: Sequence[str], header: Sequence[str], place: Place, problems: list[Problem]) -> None:
    for position, cell in enumerate(row):
        if cell and (position >= len(header) or not header[position]):
            message = f"見出しのない列に「{cell}」があります。見出しを付けるか、値を消してください"
            problems.append(Problem(message, place, f"{position + 1}列目"))


def _entry(kind: Kind, row: Sequence[str], headings: Sequence[Heading], place: Place) -> Entry:
    cells = (
        Cell(column, row[position] if position < len(row) else "", written, place.row)
        for position, column, written in headings
    )
    return Entry(kind, place, tuple(cells))
