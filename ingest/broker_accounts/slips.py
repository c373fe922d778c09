"""Slips for the installer (設置業者), one for each account: as a table for Excel and as text to print and cut."""

import csv
import io
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from ingest.broker_accounts.account import Account
from schemas.bilingual import Bilingual, joined, quoted
from schemas.foreign import plain_cell

HEADINGS = (
    Bilingual("種別", "kind"), Bilingual("機器コード", "code"), Bilingual("設置場所", "place"),
    Bilingual("ブローカーの住所", "broker"),
    Bilingual("ユーザー名", "user name"), Bilingual("パスワード", "password"), Bilingual("クライアントID", "client id"),
    Bilingual("トピック", "topics"), Bilingual("発行日時", "issued"),
)  # fmt: skip
ANY_CLIENT_ID = Bilingual("(自由)", "(any)")


class Slip(NamedTuple):
    """One account with its password, which is shown once. `issued`: the time of that, as text."""

    account: Account
    password: str
    address: str
    issued: str

    def cells(self) -> tuple[Bilingual, ...]:
        """The cells, in the order of HEADINGS."""
        who = self.account
        client_id = quoted(who.client_id) if who.client_id else ANY_CLIENT_ID
        address = (who.code, who.place, self.address, who.username, self.password)
        return (who.kind.label, *map(quoted, address), client_id, quoted(" ".join(who.topics)), quoted(self.issued))


def as_csv(slips: Iterable[Slip]) -> bytes:
    """A table for Excel: UTF-8 with BOM, CRLF, always in Japanese. No cell can be taken for a formula."""
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\r\n")
    table.writerow(heading.ja for heading in HEADINGS)
    table.writerows([plain_cell(cell.ja) for cell in slip.cells()] for slip in slips)
    return text.getvalue().encode("utf-8-sig")


def as_text(slips: Sequence[Slip]) -> Bilingual:
    """The slips as text to print and cut."""
    return joined(_slip(slip) for slip in slips)


def _slip(slip: Slip) -> Bilingual:
    named = zip(HEADINGS, slip.cells(), strict=True)
    lines = [Bilingual(f"{name.ja}  {cell.ja}", f"{name.en}  {cell.en}") for name, cell in named if cell.en]
    return joined((quoted("- - - - - - - - - - - - - - - - - - - - - - - - - - - -"), *lines, quoted("")))
