"""A file that a browser sends, as far as its SHA-256 is asked for: read in pieces, and nothing of it is kept."""

import hashlib
import time
from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from fastapi import HTTPException, Request
from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header

from ingest.errors import ReaderBusy
from schemas.bilingual import Bilingual

AT_ONCE = 8
PER_MINUTE = 30
MOST_ADDRESSES = 10_000
_BUSY = Bilingual(
    "いまは混み合っています。少し待ってから、もう一度送ってください",
    "too many files at the moment: try again in a minute",
)


@dataclass
class Uploads:
    """How many files are being read, and how many each address sent within this minute."""

    _reading: int = 0
    _minutes: OrderedDict[str, tuple[int, int]] = field(default_factory=OrderedDict)

    @contextmanager
    def one(self, address: str) -> Iterator[None]:
        """One more file, for the length of the block. Raises ReaderBusy."""
        minute = int(time.monotonic() // 60)
        began, sent = self._minutes.pop(address, (minute, 0))
        sent = sent + 1 if began == minute else 1
        self._minutes[address] = minute, sent
        while len(self._minutes) > MOST_ADDRESSES:
            self._minutes.popitem(last=False)
        if sent > PER_MINUTE or self._reading >= AT_ONCE:
            raise ReaderBusy(_BUSY, 60)
        self._reading += 1
        try:
            yield
        finally:
            self._reading -= 1


@dataclass
class _Part:
    """The part of the form that is read now. `header`: its name and value so far."""

    header: list[bytes] = field(default_factory=lambda: [b"", b""])
    named: bytes = b""
    digest: "hashlib._Hash | None" = None
    bytes: int = 0


class _Hashed:
    """What the parser calls: hashes the part with the name that is looked for, and skips the others."""

    def __init__(self, name: bytes) -> None:
        self._name = name
        self._part = _Part()
        self.found: _Part | None = None
        self.whole = False

    def begin(self) -> None:
        self._part = _Part()

    def header_field(self, data: bytes, start: int, end: int) -> None:
        self._part.header[0] += data[start:end]

    def header_value(self, data: bytes, start: int, end: int) -> None:
        self._part.header[1] += data[start:end]

    def header_end(self) -> None:
        name, value = self._part.header
        self._part.header = [b"", b""]
        if name.lower() == b"content-disposition":
            self._part.named = parse_options_header(value)[1].get(b"name", b"")

    def headers_finished(self) -> None:
        if self._part.named == self._name and self.found is None:
            self._part.digest = hashlib.sha256()
            self.found = self._part

    def data(self, data: bytes, start: int, end: int) -> None:
        if self._part.digest is not None:
            self._part.digest.update(memoryview(data)[start:end])
            self._part.bytes += end - start

    def end(self) -> None:
        self.whole = True


async def digest_of_upload(request: Request, name: str) -> bytes | None:
    """The SHA-256 of the file in the field of this name; None if no file was chosen.

    Raises HTTPException for what is no such form. The body is bounded by the route.
    """
    kind, options = parse_options_header(request.headers.get("content-type", ""))
    if kind != b"multipart/form-data" or not options.get(b"boundary"):
        raise HTTPException(415, "Send a form as multipart/form-data.")
    hashed = _Hashed(name.encode())
    parser = MultipartParser(
        options[b"boundary"],
        {
            "on_part_begin": hashed.begin, "on_header_field": hashed.header_field,
            "on_header_value": hashed.header_value, "on_header_end": hashed.header_end,
            "on_headers_finished": hashed.headers_finished, "on_part_data": hashed.data, "on_end": hashed.end,
        },
    )  # fmt: skip
    try:
        async for piece in request.stream():
            parser.write(piece)
        parser.finalize()
    except FormParserError as error:
        raise HTTPException(400, "The form is damaged.") from error
    if not hashed.whole:
        raise HTTPException(400, "The form is not complete.")
    if hashed.found is None or hashed.found.digest is None or not hashed.found.bytes:
        return None
    return hashed.found.digest.digest()
