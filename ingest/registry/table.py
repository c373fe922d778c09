"""Reads a table as Excel saves it: in any of its encodings and separators, with empty rows and columns around it."""

import csv
import io
from collections.abc import Callable, Iterator, Sequence

from ingest.registry.columns import COLUMNS, Column, find, kind_of, label, nearest, required
from ingest.registry.entry import Cell, Contents, Entry
from ingest.registry.problem import Kind, Place, Problem
from schemas.bilingual import Bilingual, quoted
from schemas.foreign import read_cell
from schemas.misfit import said_by

SEPARATORS = ",\t;"
MAX_ROWS = 100_000
MAX_COLUMNS = 500
MAX_CELLS = 1_000_000
MAX_TEXT = 10_000
_UNCLOSED = "unexpected end of data"
_ZIP = b"PK\x03\x04"
_UTF16 = (b"\xff\xfe", b"\xfe\xff")

Heading = tuple[int, Column, str]
"""(position in the row, column, heading as written)"""

CountKnown = Callable[[Sequence[str]], int]
"""How many headings of a row are known."""


def read_table(file: str, content: bytes) -> Contents:
    """The entries of one CSV file. Errors are in its `problems`; sound rows are there all the same."""
    contents = Contents()
    rows = read_rows(file, content, contents.problems)
    header = next((index for index, row in enumerate(rows) if any(row)), None)
    if header is None:
        return contents
    place = Place(file, header + 1)
    kind = kind_of(rows[header])
    if kind is None:
        codes = "」「".join(columns[0].heading for columns in COLUMNS.values())
        message = Bilingual(
            f"何の表か分かりません。見出しに「{codes}」のどれかを入れてください",
            f"of what is this table? Have one of the headings 「{codes}」 in it",
        )
        contents.problems.append(Problem(message, place))
        return contents
    headings = _headings(kind, rows[header], place, contents.problems)
    for index, row in enumerate(rows[header + 1 :], start=header + 2):
        if any(row):
            check_width(row, rows[header], Place(file, index), contents.problems)
            contents.entries.append(_entry(kind, row, headings, Place(file, index)))
    return contents


def read_rows(
    file: str, content: bytes, problems: list[Problem], known_headings: CountKnown | None = None
) -> list[list[str]]:
    """The rows of a file, the headings first (`split`). Without a filled row there is a problem, and the list is empty.

    `known_headings`: how many of the headings of a row this table may have; None: as the registry has them.
    """
    why = Bilingual(
        "表が空です。1行目に見出し、2行目から中身を書いてください",
        "the table is empty: write headings into the first line, and what there is below",
    )
    try:
        rows = split(decoded(content), known_headings or _meaning)
        if any(any(row) for row in rows):
            return rows
    except ValueError as error:
        why = said_by(error)
    except csv.Error as error:
        why = Bilingual(
            f'表として読めません。引用符(")を確かめてください({error})',
            f'not readable as a table, look at the quotes ("): {error}',
        )
    problems.append(Problem(why, Place(file, 1)))
    return []


def is_table(content: bytes) -> bool:
    """Whether the content begins with the headings of a table, or is a workbook. For contents without a file name."""
    if content.startswith(_ZIP):
        return True
    try:
        return next((kind_of(row) is not None for row in split(decoded(content), _meaning) if any(row)), False)
    except (ValueError, csv.Error):
        return False


def decoded(content: bytes) -> str:
    """The text of a file saved by Excel: by its byte order mark, else UTF-8 if it is valid, else CP932."""
    if content.startswith(_ZIP):
        raise ValueError(
            Bilingual(
                "Excel ブックのままです。「名前を付けて保存」で「CSV UTF-8(コンマ区切り)」を選んでください",
                "this is an Excel workbook: save it as CSV UTF-8 (comma delimited)",
            )
        )
    for encoding in ("utf-16",) if content.startswith(_UTF16) else ("utf-8-sig", "cp932"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise ValueError(
        Bilingual(
            "文字コードが読めません。「CSV UTF-8(コンマ区切り)」で保存し直してください",
            "the encoding is not readable: save it as CSV UTF-8 (comma delimited)",
        )
    )


def split(text: str, known_headings: CountKnown) -> list[list[str]]:
    """Rows of cells, stripped at both ends. The separator is the one that gives the header most known headings."""
    if "\0" in text:
        raise ValueError(
            Bilingual(
                "文字ではないデータが入っています。「CSV UTF-8(コンマ区切り)」で保存し直してください",
                "there is something in it that is no text: save it as CSV UTF-8 (comma delimited)",
            )
        )
    first = next((line for line in io.StringIO(text) if line.strip(SEPARATORS + '" \r\n')), "").rstrip("\r\n")
    separator = max(SEPARATORS, key=lambda each: known_headings(next(csv.reader([first], delimiter=each), [])))
    try:
        return [*_rows(text, separator, strict=True)]
    except csv.Error as error:
        if str(error) == _UNCLOSED:
            raise ValueError(
                Bilingual(
                    '引用符(")が閉じていません。閉じてから保存し直してください',
                    'a quote (") is not closed: close it and save the file again',
                )
            ) from None
    return [*_rows(text, separator, strict=False)]


def _rows(text: str, separator: str, *, strict: bool) -> Iterator[list[str]]:
    """Raises ValueError for a table larger than any registry."""
    cells = 0
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=strict)
    for number, row in enumerate(reader, start=1):
        cells += len(row)
        if len(row) > MAX_COLUMNS:
            raise ValueError(
                Bilingual(
                    f"{number}行目: 列が多すぎます。{MAX_COLUMNS:,} 列までです",
                    f"line {number}: too many columns, {MAX_COLUMNS:,} at most",
                )
            )
        if number > MAX_ROWS or cells > MAX_CELLS:
            raise ValueError(
                Bilingual(
                    f"{number}行目: 表が大きすぎます。{MAX_ROWS:,} 行までです。ファイルを分けてください",
                    f"line {number}: the table is too large, {MAX_ROWS:,} lines at most: divide the file",
                )
            )
        if max(map(len, row), default=0) > MAX_TEXT:
            raise ValueError(
                Bilingual(
                    f"{number}行目: 長すぎる値です。{MAX_TEXT:,} 文字までです",
                    f"line {number}: a value is too long, {MAX_TEXT:,} characters at most",
                )
            )
        yield [cell.strip() for cell in row]


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
            near = nearest(kind, written)
            message = Bilingual(
                f"{kind.label.ja}の表に「{written}」という見出しはありません。{near.ja}",
                f"a table of this kind ({kind.label.en}) has no heading {written!r}: {near.en}",
            )
            problems.append(Problem(message, place, quoted(written)))
        elif column.field in taken:
            twin = taken[column.field]
            message = Bilingual(
                f"「{twin}」と同じ内容の列です。どちらか一方にしてください",
                f"it means the same as {twin!r}: keep one of them",
            )
            problems.append(Problem(message, place, quoted(written)))
        else:
            taken[column.field] = written
            headings.append((position, column, written))
    absent = [field for field in required(kind) if field not in taken and not _misspelt(kind, field, row)]
    problems += [Problem(_absent(label(kind, field)), place) for field in absent]
    return headings


def _absent(heading: Bilingual) -> Bilingual:
    return Bilingual(
        f"見出し「{heading.ja}」の列がありません。必ず要る列です",
        f"the column {heading.ja} ({heading.en}) is missing, and is needed",
    )


def _misspelt(kind: Kind, field: str, row: Sequence[str]) -> bool:
    """Whether an unknown heading is probably this column, which has then been reported already."""
    return any(
        written and find(kind, written) is None and f"「{label(kind, field).ja}」" in nearest(kind, written).ja
        for written in row
    )


def check_width(row: Sequence[str], header: Sequence[str], place: Place, problems: list[Problem]) -> None:
    """Add a problem for each value that stands below no heading."""
    for position, cell in enumerate(row):
        if cell and (position >= len(header) or not header[position]):
            message = Bilingual(
                f"見出しのない列に「{cell}」があります。見出しを付けるか、値を消してください",
                f"{cell!r} stands in a column without a heading: give it one, or remove the value",
            )
            problems.append(Problem(message, place, Bilingual(f"{position + 1}列目", f"column {position + 1}")))


def _entry(kind: Kind, row: Sequence[str], headings: Sequence[Heading], place: Place) -> Entry:
    cells = (
        Cell(column, read_cell(row[position]) if position < len(row) else "", written, place.row)
        for position, column, written in headings
    )
    return Entry(kind, place, tuple(cells))
