"""The fields of each section: name in YAML, Japanese heading, other accepted headings, how to read a value."""

import difflib
from collections.abc import Mapping, Sequence

from ingest.access.document import cells
from ingest.access.document.model import Section
from ingest.registry import cells as registry_cells
from ingest.registry.columns import Column, heading_key
from schemas.bilingual import Bilingual

GRANT = (
    Column("role", "権限", cells.role, ("役割", "ロール")),
    Column("organisation", "団体コード", cells.organisation_or_everywhere, ("団体", "organisation code", "範囲")),
    Column("project", "事業コード", registry_cells.code, ("事業", "project code")),
    Column("network", "通信網コード", registry_cells.code, ("通信網", "network code")),
)
"""What a role is, and where it counts. In a table they stand in the row of a person."""

PERSON = (
    Column(
        "login", "ログイン名", cells.login, ("ログイン", "ユーザー名", "利用者名", "login name", "user", "user name")
    ),
    Column("name", "氏名", cells.name, ("名前", "full name")),
    Column("department", "課", cells.name, ("所属", "部署", "課名", "section")),
    Column("email", "メール", cells.email, ("メールアドレス", "電子メール", "e-mail", "mail")),
    Column("enabled", "有効", registry_cells.boolean),
)

COLUMNS: Mapping[Section, tuple[Column, ...]] = {
    Section.ORGANISATIONS: (
        Column("code", "団体コード", cells.organisation),
        Column("name", "団体名", cells.name),
    ),
    Section.PEOPLE: PERSON,
    Section.SHARES: (
        Column("project", "事業コード", registry_cells.code),
        Column("organisation", "団体コード", cells.organisation),
        Column("role", "権限", cells.role_or_none),
    ),
    Section.READERS: (
        Column("role", "役名", cells.role_name),
        Column("organisation", "団体コード", cells.organisation_or_none),
    ),
}

TABLE = (*PERSON, *GRANT)
"""The columns of a table of people: one row for each role of a person."""

REQUIRED: Mapping[Section, tuple[str, ...]] = {
    Section.ORGANISATIONS: ("code",),
    Section.PEOPLE: ("login",),
    Section.SHARES: ("project", "organisation", "role"),
    Section.READERS: ("role", "organisation"),
}

MEMBERSHIPS = "memberships"
"""The list of roles of a person, in YAML."""

_MEMBERSHIPS_KEYS = frozenset(map(heading_key, (MEMBERSHIPS, "権限", "roles")))


def find(columns: Sequence[Column], heading: str) -> Column | None:
    """The column that a heading means."""
    key = heading_key(heading)
    return next(
        (one for one in columns if key in {heading_key(each) for each in (one.field, one.heading, *one.also)}), None
    )


def means_memberships(key: str) -> bool:
    """Whether a key of a person in YAML is that of the list of roles."""
    return heading_key(key) in _MEMBERSHIPS_KEYS


def known_headings(row: Sequence[str]) -> int:
    """How many headings of a table of people a row has."""
    return sum(1 for heading in row if find(TABLE, heading) is not None)


def nearest(columns: Sequence[Column], heading: str, *more: str) -> Bilingual:
    """Advice on an unknown heading or field: the nearest known ones, else all of them."""
    choices = {heading_key(each): each for one in columns for each in (one.heading, one.field)}
    choices |= {heading_key(each): each for each in more}
    found = [choices[key] for key in difflib.get_close_matches(heading_key(heading), choices, n=2, cutoff=0.5)]
    if found:
        return Bilingual(f"「{'」か「'.join(found)}」ではありませんか", f"did you mean {' or '.join(found)}?")
    return Bilingual(
        f"使えるもの: {'、'.join([*(one.heading for one in columns), *more])}",
        f"there are {', '.join([*(one.field for one in columns), *more])}",
    )
