"""A long report in pieces, each of which is printed in bounded memory, and one PDF of them again."""

import io
from collections.abc import Iterator, Sequence
from itertools import accumulate

import pikepdf
from pikepdf import OutlineItem, Pdf

from ingest.report.form.printed import Part, Printed


def pieces_of(report: Printed, most_cells: int) -> list[Printed]:
    """The report as reports of at most so many cells each, in order; long tables are divided between rows.

    Only the first one has the title, only the last piece of a table its total and notes.
    """
    pieces: list[list[Part]] = [[]]
    room = most_cells
    for part in report["sections"]:
        for slice_, cells in _slices(part, most_cells, room):
            if cells > room:
                pieces.append([])
                room = most_cells
            pieces[-1].append(slice_)
            room -= cells
    return [{**report, "sections": sections, "front": not number} for number, sections in enumerate(pieces)]


def _slices(part: Part, most_cells: int, room: int) -> Iterator[tuple[Part, int]]:
    """The part in slices with their cells: the first fits into `room`, the others into a piece of their own."""
    across, rows = len(part.get("widths", ())), part.get("rows", [])
    if part["form"] != "rows" or len(rows) * across <= room:
        yield part, len(rows) * across
        return
    most_rows = max(1, most_cells // across)
    begin, end = 0, max(1, room // across) if room >= most_cells // 2 else most_rows
    while begin < len(rows):
        last = end >= len(rows)
        taken = rows[begin:end]
        whole: Part = {**part, "rows": taken, "first": begin == 0}
        yield (whole if last else {**whole, "total": None, "notes": []}), len(taken) * across
        begin, end = end, end + most_rows


def count_pages(files: Sequence[bytes]) -> list[int]:
    """How many pages each PDF has."""
    found = []
    for content in files:
        with Pdf.open(io.BytesIO(content)) as one:
            found.append(len(one.pages))
    return found


def join_pieces(files: Sequence[bytes]) -> bytes:
    """One PDF of all pages, with the bookmarks of each piece. The same pieces give the same bytes.

    The pieces must be without tags: a tree of tags cannot be taken over. What makes the first piece PDF/A stays.
    """
    with Pdf.open(io.BytesIO(files[0])) as whole:
        marks: list[tuple[str, int, bool]] = []
        starts = [0, *accumulate(count_pages(files))]
        for number, (content, start) in enumerate(zip(files, starts, strict=False)):
            with Pdf.open(io.BytesIO(content)) as one:
                marks += [(title, start + page, nested) for title, page, nested in _bookmarks(one)]
                if number:
                    whole.pages.extend(one.pages)
        _mark(whole, marks)
        packed = io.BytesIO()
        whole.save(packed, deterministic_id=True, fix_metadata_version=False)
        return packed.getvalue()


def _bookmarks(one: Pdf) -> Iterator[tuple[str, int, bool]]:
    """Title, page from 0, and whether it stands under another."""
    places: dict[tuple[int, int], int] = {page.obj.objgen: index for index, page in enumerate(one.pages)}
    with one.open_outline() as outline:
        waiting = [(item, False) for item in outline.root]
        while waiting:
            item, nested = waiting.pop(0)
            page = _page_of(item)
            if page is not None and page.objgen in places:
                yield item.title, places[page.objgen], nested
            waiting = [(child, True) for child in item.children] + waiting


def _page_of(item: OutlineItem) -> pikepdf.Object | None:
    target = item.destination if item.destination is not None else item.action and item.action.get("/D")
    return target[0] if isinstance(target, pikepdf.Array) else None


def _mark(whole: Pdf, marks: Sequence[tuple[str, int, bool]]) -> None:
    with whole.open_outline() as outline:
        outline.root.clear()
        for title, page, nested in marks:
            into = outline.root[-1].children if nested and outline.root else outline.root
            into.append(OutlineItem(title, page))
