"""Makes roles of the database readers of one organisation, where the connection may; else says what is left to do."""

import secrets
from collections.abc import Mapping

from ingest.access.document import database as documents
from ingest.access.readers import database
from ingest.errors import CallRefused
from ingest.store.database import Database
from schemas.bilingual import Bilingual

OURS = frozenset({"noroshi", "noroshi_writer", "noroshi_pages", "noroshi_walled", "grafana", "postgres"})
"""Roles of an installation: a reader with one of these names would be the service, or see everything."""
PASSWORD_TO_WRITE = "..."  # noqa: S105


def apply_readers(connection: Database, wanted: Mapping[str, str | None]) -> list[str]:
    """Let each role see the projects of an organisation (its code) and no others; None: of none any more.

    Roles that are not named stay as they are. Returns lines to show: passwords of new roles, which are shown this once,
    and the statements that a superuser has to run where this connection may not. Raises CallRefused for a role that is
    more than a reader.
    """
    lines: list[str] = []
    for role, organisation in wanted.items():
        if organisation is not None:
            lines += _make(connection, role)
        documents.store_reader(connection, role, organisation)
        if organisation is None:
            lines.append(str(Bilingual(
                f"読取役割 {role} には、もう何も見えません。要らなければ: drop role {role}",
                f"the reader {role} sees nothing any more; if it is not needed: drop role {role}",
            )))  # fmt: skip
    return lines


def _make(connection: Database, role: str) -> list[str]:
    _refuse_ours(role)
    if not database.has_group(connection):
        raise CallRefused(
            Bilingual(
                "データベースに団体の境(役割 noroshi_walled)がありません。先に noroshi access init を見てください",
                "the database has no wall between organisations (role noroshi_walled): see `noroshi access init` first",
            )
        )
    state = database.state_of(connection, role)
    if state.powers:
        raise CallRefused(
            Bilingual(
                f"役割 {role} は読取だけの役割ではありません({', '.join(state.powers)})。別の名前にしてください",
                f"the role {role} is more than a reader ({', '.join(state.powers)}): take another name",
            )
        )
    if state.member:
        return []
    if not database.may_create(connection):
        needed = database.statements(connection, role, PASSWORD_TO_WRITE, exists=state.exists)
        head = Bilingual(
            f"読取役割 {role}: 次の文を、管理者(superuser)が実行してください",
            f"reader {role}: a superuser has to run these statements",
        )
        return [str(head), *(f"  {statement};" for statement in needed)]
    password = secrets.token_urlsafe(24)
    database.run(connection, database.statements(connection, role, password, exists=state.exists))
    if state.exists:
        return []
    made = Bilingual(
        f"読取役割 {role} を作りました。パスワード(表示はこの一度だけ): {password}",
        f"reader {role} is made; its password, shown this once: {password}",
    )
    return [str(made)]


def _refuse_ours(role: str) -> None:
    if role in OURS or role.startswith("pg_"):
        raise CallRefused(
            Bilingual(
                f"役割 {role} は取込や全体の表示のためのものです。grafana_222160 のような別の名前にしてください",
                f"the role {role} is one of the installation itself: take another name, as grafana_222160",
            )
        )
