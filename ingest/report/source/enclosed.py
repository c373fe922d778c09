"""What a cover letter (送付状) says: the files that go with it, what could not be made, and who sends it to whom.

No figure: whoever makes the set puts it into `Asked.kept` before.
"""

from dataclasses import dataclass

from ingest.report.source.base import Asked, RowRead, Source, TableRead
from ingest.report.source.words import read_labelled
from schemas.report_document import Cell

KEPT = "enclosed"
"""The name under which an `Enclosure` stands in `Asked.kept`."""


@dataclass(frozen=True, slots=True)
class EnclosedFile:
    """A file of the set. `title`: of the report in it; `sha256`: hexadecimal."""

    title: str
    form: str
    name: str
    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Enclosure:
    """What is in the set. `absent`: title of a report that could not be made, and why, in Japanese."""

    files: tuple[EnclosedFile, ...] = ()
    absent: tuple[tuple[str, str], ...] = ()


def _kept(asked: Asked) -> Enclosure:
    found = asked.kept.get(KEPT, Enclosure())
    assert isinstance(found, Enclosure)  # put there by whoever makes the set
    return found


def read_enclosed(asked: Asked) -> TableRead:
    """One row a file, in the order of the set."""
    rows = [
        RowRead(file.name, {
            "number": Cell(value=number), "title": Cell(value=file.title), "form": Cell(value=file.form),
            "name": Cell(value=file.name), "size": Cell(value=file.size), "sha256": Cell(value=file.sha256),
        })
        for number, file in enumerate(_kept(asked).files, 1)
    ]  # fmt: skip
    return TableRead(tuple(rows))


def read_absent(asked: Asked) -> TableRead:
    """One row a report that could not be made."""
    absent = _kept(asked).absent
    return TableRead(
        tuple(RowRead(title, {"title": Cell(value=title), "reason": Cell(value=why)}) for title, why in absent)
    )


ENCLOSED = Source(
    "enclosed", "table", read_enclosed,
    {
        "number": "番号", "title": "書類", "form": "形式", "name": "ファイル名", "size": "大きさ", "sha256": "SHA-256",
    },
)  # fmt: skip
_ADDRESS = {
    "number": "文書番号", "day": "日付", "to": "あて先", "from": "差出人(部署・担当者・電話)", "remarks": "備考",
}  # fmt: skip
ADDRESS = Source("address", "written", read_labelled("address", _ADDRESS))
ABSENT = Source("absent", "table", read_absent, {"title": "書類", "reason": "理由"})
