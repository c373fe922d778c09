"""Read files with organisations and people into one document, with every problem of every file at once."""

import sys
from collections.abc import Sequence
from pathlib import Path

from ingest.access.document.columns import known_headings
from ingest.access.document.entry import Written, add
from ingest.access.document.model import Document
from ingest.access.document.table import read_people
from ingest.access.document.yaml_document import read_document
from ingest.errors import CallRefused
from ingest.registry.problem import MAX_PROBLEMS, Place, Problem
from ingest.registry.read import MAX_BYTES, STANDARD_INPUT, TABLE_ENDINGS, YAML_ENDINGS
from ingest.registry.table import read_rows
from ingest.runtime.bounded_files import FileRefused, read_regular, read_stream
from schemas.bilingual import Bilingual

_STREAM = "標準入力"


def read(paths: Sequence[Path]) -> Document:
    """Read YAML documents and tables of people; the path `-` is the standard input, which holds either.

    Raises OSError if a file cannot be opened, CallRefused if the standard input is named twice.
    """
    if [*paths].count(STANDARD_INPUT) > 1:
        raise CallRefused(Bilingual("標準入力(-)は一度だけ書けます", "- (standard input) can be given once"))
    document = Document()
    for path in paths:
        for written in _written(path, document.problems):
            if len(document.problems) <= MAX_PROBLEMS:
                add(document, written)
    if len(document.problems) > MAX_PROBLEMS:
        more = Problem(Bilingual("ほかにも誤りがあります", "there are more mistakes"))
        document.problems[MAX_PROBLEMS:] = [more]
    return document


def _written(path: Path, problems: list[Problem]) -> list[Written]:
    ending = path.suffix.lower()
    try:
        if path == STANDARD_INPUT:
            content = read_stream(sys.stdin.buffer, MAX_BYTES, _STREAM)
            return read_content(_STREAM, content, problems, table=_is_table(content))
        if ending in (*YAML_ENDINGS, *TABLE_ENDINGS):
            content = read_regular(path, MAX_BYTES)
            return read_content(path.name, content, problems, table=ending in TABLE_ENDINGS)
    except FileRefused as refused:
        problems.append(Problem(refused.reason, Place(path.name, 1)))
        return []
    endings = " ".join(YAML_ENDINGS)
    unreadable = Bilingual(
        f"読めるのは {endings} と .csv です。ファイル名の末尾を確かめてください",
        f"only {endings} and .csv can be read: look at the end of the name",
    )
    problems.append(Problem(unreadable, Place(path.name, 1)))
    return []


def read_content(file: str, content: bytes, problems: list[Problem], *, table: bool) -> list[Written]:
    """What the bytes of one file say."""
    return read_people(file, content, problems) if table else read_document(file, content, problems)


def _is_table(content: bytes) -> bool:
    """Whether the first filled row has headings of a table of people."""
    rows = read_rows(_STREAM, content, [], known_headings)
    return any(known_headings(row) > 1 for row in rows[:10])
