"""The stamp (照合番号) of a workbook: by it a file that comes back is recognised, and checked where no base is kept.

It is a line of text at the end of the first sheet, because programs that save a workbook anew, and those that make
files from outside harmless (無害化), keep cells, and drop names, properties and hidden sheets.
"""

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from ingest.report.canonical import digest_of_document
from ingest.report.form.fixed import FixedSheet, fixed_sheet
from ingest.report.form.sheet import Sheet
from schemas.report_document import ReportDocument, ReportKind

_DIGITS = 32
_PATTERN = re.compile(
    r"\[照合番号 (?P<project>[A-Za-z0-9._-]{1,100})/(?P<kind>[a-z]+)/(?P<first_day>\d{4}-\d\d-\d\d)"
    r"/(?P<revision>\d+)/(?P<paper>A[34])/(?P<sheets>\d{1,3})/(?P<document>[0-9a-f]{32})/(?P<figures>[0-9a-f]{32})\]"
)


@dataclass(frozen=True, slots=True)
class Stamp:
    """What a workbook says of itself.

    `revision`: 0 of a draft. `sheets`: how many. `document`: the beginning of the SHA-256 of the document it shows, in
    hexadecimal digits; `figures`: the same of everything in it that people do not write (`digest_of_sheets`).
    """

    project: str
    kind: ReportKind
    first_day: date
    revision: int
    paper: str
    sheets: int
    document: str
    figures: str

    @property
    def text(self) -> str:
        """As it stands in the workbook."""
        return (
            f"[照合番号 {self.project}/{self.kind}/{self.first_day}/{self.revision}/{self.paper}/{self.sheets}"
            f"/{self.document}/{self.figures}]"
        )


def stamp_of(document: ReportDocument, paper: str, sheets: list[Sheet]) -> Stamp:
    """The stamp of the workbook with these sheets, which do not have it yet."""
    return Stamp(
        document.project.code, document.kind, document.period.first_day, document.revision or 0, paper, len(sheets),
        digest_of_document(document).hex()[:_DIGITS], digest_of_sheets(map(fixed_sheet, sheets)),
    )  # fmt: skip


def read_stamp(text: str) -> Stamp | None:
    """The stamp in a text, None if there is none."""
    found = _PATTERN.search(text)
    if found is None:
        return None
    try:
        return Stamp(
            found["project"], ReportKind(found["kind"]), date.fromisoformat(found["first_day"]),
            int(found["revision"]), found["paper"], int(found["sheets"]), found["document"], found["figures"],
        )  # fmt: skip
    except ValueError:
        return None


def digest_of_sheets(sheets: Iterable[FixedSheet]) -> str:
    """The beginning of a SHA-256 over everything that people do not write, in hexadecimal digits."""
    digest = hashlib.sha256()
    for sheet in sheets:
        digest.update(f"\x1d{sheet.name}".encode(errors="replace"))
        for row in sheet.rows:
            digest.update("\x1e".join(("\x1d", *row.cells)).encode(errors="replace"))
    return digest.hexdigest()[:_DIGITS]
