"""Whether bytes from outside are a workbook that is safe to open: an xlsx of a bounded size, without macros."""

import io
import zipfile
import zlib
from collections.abc import Iterator
from xml.sax import SAXException
from xml.sax.handler import ContentHandler

from defusedxml import DefusedXmlException
from defusedxml import sax as safe_sax

from ingest.access.authority import ChangeRefused
from schemas.bilingual import Bilingual

MOST_BYTES = 20 * 2**20
MOST_UNPACKED = 64 * 2**20
"""All parts together. A workbook of 10,000 devices has 20 MiB."""

_MOST_OTHER = 4 * 2**20
"""A part that is no sheet and no table of texts: it is read at once."""

_MOST_PARTS = 2_000
_CHUNK = 2**16
_OLD_OFFICE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
_FLAG_ENCRYPTED = 0x1

NO_WORKBOOK = Bilingual(
    "Excel ブック(.xlsx)として読めません。.xls や .ods は、.xlsx で保存し直してください",
    "this is no Excel workbook (.xlsx); save .xls and .ods as .xlsx",
)
_TOO_LARGE = Bilingual(
    f"ファイルが大きすぎます({MOST_BYTES // 2**20} MB まで)", f"the file is too large: at most {MOST_BYTES // 2**20} MB"
)
_TOO_LARGE_INSIDE = Bilingual(
    f"ファイルの中身が大きすぎます(展開して {MOST_UNPACKED // 2**20} MB まで)",
    f"what is packed in the file is too large: at most {MOST_UNPACKED // 2**20} MB unpacked",
)
_LOCKED = Bilingual(
    "パスワード付きのファイルは読めません。パスワードを外して保存し直してください",
    "the file is encrypted: save it without a password",
)
_MACROS = Bilingual(
    "マクロを含むファイルは読みません。マクロなしの .xlsx で保存し直してください",
    "the file has macros: save it as .xlsx, without them",
)
_HARMFUL = Bilingual(
    "ファイルの中の XML に、報告書では使わない定義(DTD・実体)があります。読みません",
    "the XML in the file has a DTD or entities, which no report has: it is not read",
)


def check_package(content: bytes) -> None:
    """Look at everything that is packed, a piece at a time. Raises ChangeRefused with the reason.

    What passes unpacks to at most 64 MiB, is well-formed XML without DTD where it is XML, and has no macros.
    """
    if len(content) > MOST_BYTES:
        raise ChangeRefused(_TOO_LARGE)
    if content.startswith(_OLD_OFFICE):
        raise ChangeRefused(_LOCKED if _ENCRYPTED in content else NO_WORKBOOK)
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            _check_parts(packed)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, OSError, ValueError, RuntimeError) as error:
        raise ChangeRefused(NO_WORKBOOK) from error


def _check_parts(packed: zipfile.ZipFile) -> None:
    parts = packed.infolist()
    names = [part.filename.casefold() for part in parts]
    if any(part.flag_bits & _FLAG_ENCRYPTED for part in parts):
        raise ChangeRefused(_LOCKED)
    if len(parts) > _MOST_PARTS or len(set(names)) < len(names) or "xl/workbook.xml" not in names:
        raise ChangeRefused(NO_WORKBOOK)
    if any("vbaproject" in name or "/macrosheets/" in name or "/activex/" in name for name in names):
        raise ChangeRefused(_MACROS)
    left = MOST_UNPACKED
    for part in parts:
        name = part.filename.casefold()
        large = name.startswith("xl/worksheets/") or name == "xl/sharedstrings.xml"
        most = min(left, MOST_UNPACKED if large else _MOST_OTHER)
        left -= _check_part(packed, part, most, xml=name.endswith((".xml", ".rels", ".vml")))


def _check_part(packed: zipfile.ZipFile, part: zipfile.ZipInfo, most: int, *, xml: bool) -> int:
    """How many bytes it really unpacks to, whatever the directory says."""
    size = 0
    parser = safe_sax.make_parser()
    parser.forbid_dtd = True
    parser.setContentHandler(_MacroFinder())
    try:
        for piece in _pieces(packed, part):
            size += len(piece)
            if size > most:
                raise ChangeRefused(_TOO_LARGE_INSIDE)
            if xml:
                parser.feed(piece)
        if xml:
            parser.close()
    except DefusedXmlException as error:
        raise ChangeRefused(_HARMFUL) from error
    except (SAXException, LookupError) as error:
        raise ChangeRefused(NO_WORKBOOK) from error
    return size


def _pieces(packed: zipfile.ZipFile, part: zipfile.ZipInfo) -> Iterator[bytes]:
    with packed.open(part) as stream:
        while piece := stream.read(_CHUNK):
            yield piece


class _MacroFinder(ContentHandler):
    """Refuses content types that say that there are macros, whatever the parts are called."""

    def startElement(self, name: str, attrs: object) -> None:  # noqa: N802  as the library calls it
        """Look at one element."""
        kind = attrs.get("ContentType", "") if name.endswith(("Default", "Override")) and hasattr(attrs, "get") else ""
        if "macroenabled" in kind.casefold() or "vbaproject" in kind.casefold():
            raise ChangeRefused(_MACROS)
