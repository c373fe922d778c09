"""A report as a PDF to print and to keep: PDF/A-2 with bookmarks, its fonts inside, the same bytes each time."""

import json
import subprocess
import sys
from itertools import accumulate

from ingest.report.form.pieces import count_pages, join_pieces, pieces_of
from ingest.report.form.printed import Printed, printed_report
from schemas.report_document import ReportDocument

MOST_CELLS = 24_000
"""Cells of long tables that are set at once, in about 250 MiB; a longer report is made in pieces, without tags."""

LONGEST_S = 300
"""A piece that is not set by then never will be."""


def report_pdf(document: ReportDocument, most_cells: int = MOST_CELLS) -> bytes:
    """The bytes of the .pdf file. The same document gives the same bytes.

    It takes seconds and processes of its own: a job calls this, never a request. Raises
    subprocess.SubprocessError when the pages cannot be set.
    """
    printed = printed_report(document)
    pieces = pieces_of(printed, most_cells)
    if len(pieces) == 1:
        return _set(printed, document, tags=True)
    counted = count_pages([_set(piece, document, tags=False) for piece in pieces])
    numbered = [
        {**piece, "first_page": first, "pages": sum(counted)}
        for piece, first in zip(pieces, accumulate(counted, initial=1), strict=False)
    ]
    return join_pieces([_set(piece, document, tags=False) for piece in numbered])


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
