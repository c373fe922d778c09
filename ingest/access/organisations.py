"""Organisations (団体) and what they share with each other: changed by commands and pages, each change on record.

A project belongs to the organisation of its `organisation_code`. Its admins decide who else has a part in it. Only an
admin of the whole installation enters organisations.
"""

import re

from ingest.access import audit
from ingest.access.audit import Action
from ingest.access.authority import ORGANISATION, PROJECT, By, ChangeRefused, NotThere
from ingest.access.database import organisations as rows
from ingest.access.database.organisations import OrganisationRow, ShareRow
from ingest.access.roles import Role
from ingest.store.database import Database
from schemas.bilingual import Bilingual
from schemas.project import check_organisation_code

_CODE = re.compile(r"[A-Za-z0-9_-]{3,32}", re.ASCII)
_NAME_CHARACTERS = 200


def add_organisation(connection: Database, by: By, code: str, name: str) -> int:
    """Enter an organisation and give its id. Raises ChangeRefused for a code that is wrong or taken.

    `code`: the 団体コード, six digits with the check digit; for others, as a 協議会, 3 to 32 of A-Z a-z 0-9 _ -.
    """
    by.must_administer_everything()
    checked = check_code(code)
    named = checked_name(name)
    with connection.transaction():
        found = rows.insert_organisation(connection, checked, named)
        if found is None:
            raise ChangeRefused(
                Bilingual(f"団体 {checked} はもう登録されています", f"organisation {checked} is there already")
            )
        entry = by.entry(Action.ORGANISATION_CHANGED, checked, checked, after={"code": checked, "name": named})
        audit.append(connection, entry, by.address)
    return found


def rename_organisation(connection: Database, by: By, organisation_id: int, name: str) -> None:
    """Change the name of an organisation: its own admins may, too."""
    named = checked_name(name)
    with connection.transaction():
        found = rows.organisation_names(connection, organisation_id)
        if found is None or not by.administers(organisation_id):
            raise NotThere(ORGANISATION)
        code, before = found
        if before == named:
            return
        rows.rename_organisation(connection, organisation_id, named)
        entry = by.entry(Action.ORGANISATION_CHANGED, code, code, before={"name": before}, after={"name": named})
        audit.append(connection, entry, by.address)


def list_organisations(connection: Database, by: By) -> list[OrganisationRow]:
    """The organisations that they administer, by code."""
    return [row for row in rows.list_organisations(connection) if by.administers(row.organisation_id)]


def find_organisation(connection: Database, by: By, code: str) -> int:
    """The id of an organisation they administer. Raises NotThere."""
    found = rows.organisation_of_code(connection, code)
    if found is None or not by.administers(found):
        raise NotThere(ORGANISATION)
    return found


def set_share(connection: Database, by: By, project: str, organisation: str, role: Role | None) -> None:
    """Give another organisation a part in a project (codes), or (None) take it. An admin of its owner may do this."""
    with connection.transaction():
        owned = rows.project_of_code(connection, project)
        if owned is None or not by.administers(owned.owner):
            raise NotThere(PROJECT)
        other = rows.organisation_of_code(connection, organisation)
        if other is None:
            raise NotThere(ORGANISATION)
        if other == owned.owner:
            raise ChangeRefused(
                Bilingual(
                    "その事業はその団体自身のものです", "the project is that organisation's own: nothing to share"
                )
            )
        if role is Role.INSTALLER:
            raise ChangeRefused(
                Bilingual("共有できるのは閲覧・報告・運用・管理です", "share as viewer, reporter, operator or admin")
            )
        before = rows.role_of_share(connection, owned.project_id, other)
        if before == role:
            return
        rows.set_share(connection, owned.project_id, other, role)
        entry = by.entry(
            Action.SHARE_CHANGED, organisation, owned.owner_code, project, before={"role": before}, after={"role": role}
        )
        audit.append(connection, entry, by.address)


def list_shares(connection: Database, by: By) -> list[ShareRow]:
    """Parts in projects of the organisations they administer, and parts that these have in others' projects."""
    found = rows.list_shares(connection)
    return [row for row in found if by.administers(row.owner) or by.administers(row.organisation_id)]


def check_code(code: str) -> str:
    """A code as it is stored. Raises ChangeRefused saying what is wrong with it."""
    plain = code.strip()
    if plain.isascii() and plain.isdigit():
        try:
            return check_organisation_code(plain)
        except ValueError as error:
            said = error.args[0]
            assert isinstance(said, Bilingual)  # as `check_organisation_code` promises
            raise ChangeRefused(said) from None
    if not _CODE.fullmatch(plain):
        raise ChangeRefused(
            Bilingual(
                "団体コード(検査数字を含む6桁)か、3〜32字の英数字と _ - を書いてください",
                "write six digits with the check digit, or 3 to 32 of A-Z a-z 0-9 _ -",
            )
        )
    return plain


def checked_name(name: str) -> str:
    """A name as it is stored. Raises ChangeRefused for an empty one, one that is too long, or one nobody can read."""
    plain = name.strip()
    if not plain or len(plain) > _NAME_CHARACTERS or not plain.isprintable():
        raise ChangeRefused(
            Bilingual(
                f"名前を1〜{_NAME_CHARACTERS}字で書いてください", f"write a name of 1 to {_NAME_CHARACTERS} characters"
            )
        )
    return plain
