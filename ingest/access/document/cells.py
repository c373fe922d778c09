"""Converts the text of one cell to a value. Every refusal says in both languages what to write instead."""

import re

from ingest.access.authority import ChangeRefused
from ingest.access.document.model import EVERYWHERE_WORDS
from ingest.access.logins import MAX_CHARACTERS, names_a_person, normalised_login
from ingest.access.organisations import check_code
from ingest.access.roles import Role
from ingest.registry import cells
from schemas.bilingual import Bilingual
from schemas.mail_address import checked_address

MAX_NAME = 200
NONE_WORDS = ("none", "なし", "無", "無し")

_ROLE_NAME = re.compile(r"[a-z_][a-z0-9_$]{0,62}")
_ROLE_WORDS = {
    **{word: role for role in Role for word in (role.value, role.label.ja)},
    "閲覧者": Role.VIEWER,
    "報告者": Role.REPORTER,
    "運用者": Role.OPERATOR,
    "管理者": Role.ADMIN,
    "設置": Role.INSTALLER,
    "設置業者": Role.INSTALLER,
}


def login(cell: str) -> str:
    """A login as it is compared."""
    value = normalised_login(cell)
    if not names_a_person(value):
        raise ValueError(
            Bilingual(
                f"「{cell.strip()}」はログイン名に使えません。空白と「:」なしの{MAX_CHARACTERS}字以内で書いてください",
                f"{cell.strip()!r} is no login: write at most {MAX_CHARACTERS} characters without blanks and colons",
            )
        )
    return value


def name(cell: str) -> str:
    """A name of a person, an organisation or a department."""
    value = cells.text(cell)
    if len(value) > MAX_NAME:
        raise ValueError(
            Bilingual(f"長すぎます。{MAX_NAME} 字までです", f"it is too long: {MAX_NAME} characters at most")
        )
    return value


def email(cell: str) -> str:
    """An address for e-mail."""
    return checked_address(cells.folded(cell))


def role(cell: str) -> Role:
    """A role by its name in either language."""
    found = _ROLE_WORDS.get(cells.folded(cell).casefold())
    if found is None:
        ja = "、".join(f"{each.label.ja}({each.value})" for each in Role)
        raise ValueError(
            Bilingual(
                f"「{cell.strip()}」という権限はありません。{ja} のどれかを書いてください",
                f"there is no role {cell.strip()!r}: write one of {', '.join(Role)}",
            )
        )
    return found


def role_or_none(cell: str) -> Role | None:
    """The role of a share; `none` ends it."""
    if cells.folded(cell).casefold() in NONE_WORDS:
        return None
    found = role(cell)
    if found is Role.INSTALLER:
        raise ValueError(
            Bilingual(
                "設置者は共有の権限になりません。閲覧、報告、運用、管理、なし のどれかを書いてください",
                "a share has no installer: write viewer, reporter, operator, admin or none",
            )
        )
    return found


def organisation(cell: str) -> str:
    """A code of an organisation: its 団体コード with the check digit; for others a short name in ASCII."""
    plain = cells.folded(cell)
    if plain.isdigit() or not plain:
        return cells.organisation_code(cell)
    try:
        return check_code(plain)
    except ChangeRefused as refused:
        raise ValueError(refused.said) from None


def organisation_or_everywhere(cell: str) -> str:
    """A code of an organisation; empty for a role that counts everywhere."""
    return "" if cells.folded(cell).casefold() in EVERYWHERE_WORDS else organisation(cell)


def organisation_or_none(cell: str) -> str | None:
    """Whose projects a reader sees; `none` ends it."""
    return None if cells.folded(cell).casefold() in NONE_WORDS else organisation(cell)


def role_name(cell: str) -> str:
    """A name of a role of the database, as `create role` takes it without quotes."""
    value = cells.folded(cell)
    if not _ROLE_NAME.fullmatch(value):
        raise ValueError(
            Bilingual(
                f"「{cell.strip()}」は役の名前に使えません。英小文字・数字・_ で書いてください(例 grafana_fukuroi)",
                f"{cell.strip()!r} is no name of a role: write a-z, 0-9 and _, e.g. grafana_fukuroi",
            )
        )
    return value
