"""One PDF of the pages that were typeset and of the long tables that are drawn between them, with all bookmarks."""

import io
import re
import zlib
from collections.abc import Callable, Iterator, Sequence

import pikepdf
from pikepdf import Array, Dictionary, Name, Object, OutlineItem, Page, Pdf

from ingest.report.form.drawn import DrawnTable
from ingest.report.form.drawn_pages import Codes, Foot, page_content
from ingest.report.form.face import LACKING, Face, bold, regular

_BFCHAR = re.compile(rb"<([0-9A-F]{4})> <([0-9A-F]+)>")


def join_report(set_: bytes, tables: Sequence[tuple[int, DrawnTable]], foot: Foot) -> bytes:
    """The whole report. The same report gives the same bytes.

    `set_`: what was typeset, without tags, with a last page that has every character of the tables in both weights.
    `tables`: each with the number of headings that were typeset before it.
    """
    with Pdf.open(io.BytesIO(set_)) as whole:
        marks = [(title, page, nested) for title, page, nested in _bookmarks(whole)]
        fonts = _fonts(whole.pages[-1])
        del whole.pages[-1]
        codes: Codes = {"R": _encoder(fonts["R"], regular()), "B": _encoder(fonts["B"], bold())}
        typeset = list(whole.pages)
        places = {page.obj.objgen: number for number, page in enumerate(typeset)}
        begins = [places[page.objgen] for _, page, _ in marks]
        resources = whole.make_indirect(Dictionary(Font=Dictionary(R=fonts["R"], B=fonts["B"])))
        pages = len(typeset) + sum(len(table.pages) for _, table in tables)
        titles: list[tuple[int, str, Object]] = []
        added = 0
        for headings, table in tables:
            at = (begins[headings] if headings < len(begins) else len(typeset)) + added
            for number, rows in enumerate(table.pages):
                content = page_content(table, rows, (at + number + 1, pages), foot, codes)
                whole.pages.insert(at + number, _page(whole, table, content, resources))
            titles.append((headings, table.title, whole.pages[at].obj))
            added += len(table.pages)
        _mark(whole, _in_order(marks, titles))
        packed = io.BytesIO()
        whole.save(packed, deterministic_id=True, fix_metadata_version=False)
        return packed.getvalue()


def _page(whole: Pdf, table: DrawnTable, content: bytes, resources: Object) -> Page:
    packed = whole.make_stream(zlib.compress(content), Filter=Name.FlateDecode)
    wide, high = table.size
    box = Array([0, 0, round(wide, 3), round(high, 3)])
    page = Dictionary(Type=Name.Page, MediaBox=box, Resources=resources, Contents=packed)
    return Page(whole.make_indirect(page))


def _fonts(page: Page) -> dict[str, Object]:
    """The two fonts of a page, R and B."""
    found = {}
    for font in dict(page.obj.Resources.Font.items()).values():
        found["B" if "Bold" in str(font.BaseFont) else "R"] = font
    return found


def _encoder(font: Object, face: Face) -> Callable[[str], str]:
    """How a text is written with this font. One glyph may stand for several characters, but the file names one."""
    codes: dict[str, str] = {}
    by_glyph: dict[int, str] = {}
    for code, text in _BFCHAR.findall(font.ToUnicode.read_bytes()):
        sign = bytes.fromhex(text.decode()).decode("utf-16-be")
        if len(sign) == 1:
            codes[sign] = code.decode()
            by_glyph.setdefault(face.glyph_of(sign), code.decode())

    def code_of(sign: str) -> str:
        if sign not in codes:
            codes[sign] = by_glyph.get(face.glyph_of(sign), codes[LACKING])
        return codes[sign]

    return lambda text: "".join(map(code_of, text))


def _in_order(
    marks: Sequence[tuple[str, Object, bool]], titles: Sequence[tuple[int, str, Object]]
) -> Iterator[tuple[str, Object, bool]]:
    for number, mark in enumerate(marks):
        yield from ((title, page, True) for before, title, page in titles if before == number)
        yield mark
    yield from ((title, page, True) for before, title, page in titles if before >= len(marks))


def _bookmarks(one: Pdf) -> Iterator[tuple[str, Object, bool]]:
    """Title, page, and whether it stands under another, in the order in which they are shown."""
    with one.open_outline() as outline:
        waiting = [(item, False) for item in outline.root]
        while waiting:
            item, nested = waiting.pop(0)
            page = _page_of(item)
            if page is not None:
                yield item.title, page, nested
            waiting = [(child, True) for child in item.children] + waiting


def _page_of(item: OutlineItem) -> Object | None:
    target = item.destination if item.destination is not None else item.action and item.action.get("/D")
    return target[0] if isinstance(target, pikepdf.Array) else None


def _mark(whole: Pdf, marks: Iterator[tuple[str, Object, bool]]) -> None:
    with whole.open_outline() as outline:
        outline.root.clear()
        for title, page, nested in marks:
            into = outline.root[-1].children if nested and outline.root else outline.root
            into.append(OutlineItem(title, Array([page, Name.Fit])))
