"""The text of an e-mail: names of files, headers that nobody can add to, and the same bytes each time."""

from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage

import pytest

from ingest.report.mail.message import Attachment, Letter, message_bytes, message_id_of
from ingest.settings.mail import MailSettings
from schemas.bilingual import Bilingual
from schemas.mail_address import checked_address

AT = datetime(2026, 11, 30, 22, tzinfo=UTC)
SETTINGS = MailSettings(host="smtp.example.jp", sender="noroshi@city.example.jp")
NAME = "運用状況等報告書_2026年度_tea-長い名前のファイル〜髙﨑_第2版.xlsx"
EVIL = "茶園\r\nBcc: thief@example.com\r\n\r\n本文\x00\u2028x"


def _read(letter: Letter, settings: MailSettings = SETTINGS) -> EmailMessage:
    read = message_from_bytes(_bytes(letter, settings), policy=policy.default)
    assert isinstance(read, EmailMessage)
    return read


def _bytes(letter: Letter, settings: MailSettings = SETTINGS) -> bytes:
    return message_bytes(letter, settings, "sato@city.example.jp", "<a@city.example.jp>", AT)


def test_an_attachment_arrives_with_its_name_type_and_bytes() -> None:
    content = bytes(range(256)) * 9
    letter = Letter("件名", Bilingual("本文です", "Text"), [
        Attachment(NAME, "application/pdf", content), Attachment("表.csv", "text/csv; charset=windows-31j", b"a,b"),
    ])  # fmt: skip
    raw = _bytes(letter)
    assert raw.isascii()
    assert max(map(len, raw.splitlines())) <= 78
    assert b"filename*0*=utf-8''" in raw, "RFC 2231, in pieces"
    read = _read(letter)
    pdf, csv = read.iter_attachments()
    assert (pdf.get_filename(), pdf.get_content_type(), pdf.get_content()) == (NAME, "application/pdf", content)
    assert (csv.get_filename(), csv.get_content_charset(), csv.get_payload(decode=True)) == (
        "表.csv", "windows-31j", b"a,b",
    )  # fmt: skip
    assert read["Date"].datetime == AT, "of the delivery, not of the attempt"
    body = read.get_body(("plain",))
    assert body is not None
    assert body.get_content() == "本文です\r\n\r\n----\r\nText\r\n"
    assert raw == _bytes(letter), "sent again it is the same message"


def test_names_bring_no_header_and_no_second_recipient() -> None:
    settings = SETTINGS.model_copy(update={"sender_name": EVIL})
    letter = Letter(EVIL, Bilingual("本文", "Text"), [Attachment(EVIL, "application/pdf", b"x")])
    read = _read(letter, settings)
    assert read["Bcc"] is None
    assert [address.addr_spec for address in read["To"].addresses] == ["sato@city.example.jp"]
    assert [address.addr_spec for address in read["From"].addresses] == ["noroshi@city.example.jp"]
    assert read["Subject"] == "茶園 Bcc: thief@example.com 本文 x"
    assert [part.get_filename() for part in read.iter_attachments()] == ["茶園 Bcc: thief@example.com 本文 x"]
    assert len(_read(Letter("長" * 5_000, Bilingual("", "")))["Subject"]) == 150


@pytest.mark.parametrize(
    "text",
    ["", "a", "a@", "@b", "a@b c", "a@b,c@d", "a@b\r\nBcc: x@y", "<a@b>", "名@b.jp", "a..b@c", '"a b"@c', "a@b@c",
     "a@-b.jp", f"{'a' * 65}@b.jp", f"a@{'b.' * 130}jp", "a@b.jp\n", "a@[127.0.0.1]"],
)  # fmt: skip
def test_what_is_no_address_is_none(text: str) -> None:
    with pytest.raises(ValueError, match="address"):
        checked_address(text if text != "a@b.jp\n" else "a\n@b.jp")
    assert checked_address(" sato.h+x@city.example.lg.jp ") == "sato.h+x@city.example.lg.jp"


def test_a_message_id_is_of_its_parts_alone() -> None:
    ids = {message_id_of(parts, "n@city.example.jp") for parts in ((1, 2), (1, 3), ("1", "2"), (12,), (1, 2))}
    assert len(ids) == 3
    assert all(each.startswith("<noroshi.") and each.endswith("@city.example.jp>") for each in ids)
