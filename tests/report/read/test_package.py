"""A file from outside is opened only when it is an xlsx of bounded size without macros, whatever it says of itself."""

import io
import random
import zipfile

import pytest

from ingest.access.authority import ChangeRefused
from ingest.report.read import package
from ingest.report.read.cells import read_sheets
from ingest.report.read.package import check_package
from tests.report.read.books import repacked

BOMB = b"""<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "bb"><!ENTITY c "&b;&b;">]><a>&c;</a>"""
TYPES = b"""<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Override
PartName="/xl/workbook.xml" ContentType="application/vnd.ms-excel.sheet.macroEnabled.main+xml"/></Types>"""


def refusal(content: bytes) -> str:
    with pytest.raises(ChangeRefused) as caught:
        read_sheets(content)
    return caught.value.said.en


def test_the_workbook_of_a_report_is_opened(book: bytes) -> None:
    assert read_sheets(book)[0].name == "報告書"


@pytest.mark.parametrize(
    ("parts", "said"),
    [
        ({"xl/theme/theme1.xml": BOMB}, "DTD or entities"),
        ({"xl/theme/theme1.xml": BOMB.decode().encode("utf-16")}, "DTD or entities"),
        ({"xl/worksheets/sheet1.xml": b"<a><b>"}, "no Excel workbook"),
        ({"xl/vbaProject.bin": b"x"}, "macros"),
        ({"[Content_Types].xml": TYPES}, "macros"),
        ({"xl/worksheets/sheet1.xml": b"<a>" + b" " * 65 * 2**20 + b"</a>"}, "64 MB unpacked"),
        ({"xl/media/image1.png": b"\0" * 5 * 2**20}, "64 MB unpacked"),
    ],
)  # fmt: skip
def test_what_is_harmful_is_refused(book: bytes, parts: dict[str, bytes], said: str) -> None:
    assert said in refusal(repacked(book, parts))


def test_what_is_no_workbook_is_refused(book: bytes) -> None:
    assert "no Excel workbook" in refusal(b"")
    assert "no Excel workbook" in refusal(b"a,b\r\n")
    assert "no Excel workbook" in refusal(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(512))
    assert "encrypted" in refusal(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le"))
    assert "no Excel workbook" in refusal(book[: len(book) // 2])
    assert "at most 20 MB" in refusal(book + bytes(20 * 2**20))
    other = io.BytesIO()
    with zipfile.ZipFile(other, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
    assert "no Excel workbook" in refusal(other.getvalue())


def test_a_part_that_is_there_twice_is_refused(book: bytes) -> None:
    made = io.BytesIO(book)
    with zipfile.ZipFile(made, "a") as archive, pytest.warns(UserWarning, match="Duplicate"):
        archive.writestr("xl/workbook.xml", b"<a/>")
    assert "no Excel workbook" in refusal(made.getvalue())


def test_a_size_that_the_directory_hides_is_counted(book: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(package, "MOST_UNPACKED", 10_000)
    with pytest.raises(ChangeRefused, match="unpacked"):
        check_package(book)


def test_whatever_is_damaged_is_refused_and_nothing_worse_happens(book: bytes) -> None:
    chance = random.Random(20260401)
    refused = 0
    for _ in range(60):
        damaged = bytearray(book)
        for _ in range(chance.randint(1, 20)):
            damaged[chance.randrange(len(damaged))] = chance.randrange(256)
        try:
            read_sheets(bytes(damaged))
        except ChangeRefused:
            refused += 1
    assert refused > 30
