"""A report as a PDF to print and to keep: PDF/A-2 with bookmarks, its fonts inside, the same bytes each time."""

import json
import subprocess
import sys

from ingest.report.form.drawn import DrawnTable, draw_table
from ingest.report.form.drawn_pages import Foot
from ingest.report.form.face import LACKING
from ingest.report.form.joined import join_report
from ingest.report.form.printed import Part, Printed, long_cells, printed_report
from schemas.report_document import ReportDocument

MOST_CELLS = 24_000
"""Cells of long tables that are typeset, in about 250 MiB; where there are more they are drawn, without tags."""

LONGEST_S = 300
"""A report that is not set by then never will be."""


def report_pdf(document: ReportDocument, most_cells: int = MOST_CELLS) -> bytes:
    """The bytes of the .pdf file. The same document gives the same bytes.

    It takes seconds and a process of its own: a job calls this, never a request. Raises
    subprocess.SubprocessError when the pages cannot be set.
    """
    if long_cells(document) <= most_cells:
        return _set(printed_report(document), document, tags=True)
    printed = printed_report(document, draws=True)
    kept, tables = _apart(printed)
    plain, strong = Foot.of(printed).signs, {LACKING}
    for _, table in tables:
        strong |= table.signs[1]
        plain |= table.signs[0]
    after = sum(part["pages"] for part in kept[-1:] if part["form"] == "gap")
    signs = ["".join(sorted(plain | {LACKING})), "".join(sorted(strong))]
    typeset = _set({**printed, "sections": kept, "pages_after": after, "signs": signs}, document, tags=False)
    return join_report(typeset, tables, Foot.of(printed))


def _apart(printed: Printed) -> tuple[list[Part], list[tuple[int, DrawnTable]]]:
    """What is typeset, with gaps of so many pages, and each table that is drawn with the headings before it."""
    kept: list[Part] = []
    tables: list[tuple[int, DrawnTable]] = []
    headings = 1
    for part in printed["sections"]:
        if part["form"] != "drawn":
            kept.append(part)
            headings += 1
            continue
        table = draw_table(part)
        tables.append((headings, table))
        if kept and kept[-1]["form"] == "gap":
            kept[-1] = {"form": "gap", "pages": kept[-1]["pages"] + len(table.pages)}
        else:
            kept.append({"form": "gap", "pages": len(table.pages)})
    return kept, tables


def _set(printed: Printed, document: ReportDocument, *, tags: bool) -> bytes:
    asked = {"report": printed, "tags": tags, "at": int(document.made_at.timestamp())}
    done = subprocess.run(
        [sys.executable, "-m", "ingest.report.form.typeset"],
        input=json.dumps(asked, ensure_ascii=False).encode(),
        capture_output=True,
        check=True,
        timeout=LONGEST_S,
    )
    return done.stdout
