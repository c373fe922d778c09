"""What the installer (設置業者) takes along: one line an account, as a table for Excel and as slips to cut out."""

import csv
import io
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from ingest.access.account import Account

HEADINGS = (
    "種別", "機器コード", "設置場所", "ブローカーの住所", "ユーザー名", "パスワード", "クライアントID", "トピック",
    "発行日時",
)  # fmt: skip
ANY_CLIENT_ID = "(自由)"
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


class Slip(NamedTuple):
    """One account with the password that is told once. `issued`: when, as text."""

    account: Account
    password: str
    address: str
    issued: str

    def cells(self) -> tuple[str, ...]:
        """The cells under HEADINGS."""
        who = self.account
        return (
            who.kind.label_ja, who.code, who.place, self.address, who.username, self.password,
            who.client_id or ANY_CLIENT_ID, " ".join(who.topics), self.issued,
        )  # fmt: skip


def as_csv(slips: Iterable[Slip]) -> bytes:
    """For Excel: UTF-8 with BOM, CRLF. No cell is taken for a formula."""
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\r\n")
    table.writerow(HEADINGS)
    table.writerows([_plain(cell) for cell in slip.cells()] for slip in slips)
    return text.getvalue().encode("utf-8-sig")


def as_text(slips: Sequence[Slip]) -> str:
    """To print and cut: one slip after the other."""
    return "\n".join(_slip(slip) for slip in slips)


def _slip(slip: Slip) -> str:
    lines = [f"{heading}  {cell}" for heading, cell in zip(HEADINGS, slip.cells(), strict=True) if cell]
    return "\n".join(("- - - - - - - - - - - - - - - - - - - - - - - - - - - -", *lines, ""))


def _plain(cell: str) -> str:
    return f"'{cell}" if cell.startswith(_FORMULA) else cell
