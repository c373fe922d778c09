"""`noroshi access user`: adds, disables, enables and resets people, and lists them."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import click

from ingest.access.document import database, document
from ingest.access.document.changes import AccessChanges
from ingest.access.document.model import Document, Grant, Known, KnownPerson, PersonEntry, Where
from ingest.access.people import link_person, reset_person
from ingest.access.roles import Role
from ingest.cli.account_texts import (
    by_command,
    link_lasts,
    link_to,
    login_of,
    new_password_link,
    person_id_of,
)
from ingest.cli.command import group, option
from ingest.cli.database import open_database
from ingest.cli.options import AS_JSON, database_option, settings_for
from ingest.cli.say import say, say_json, say_lines
from ingest.cli.table import padded, width
from ingest.errors import CallRefused
from ingest.registry.problem import Place
from ingest.store.database import Database
from schemas.bilingual import Bilingual, joined
from schemas.mail_address import checked_address
from schemas.misfit import said_by

_PLACE = Place("access user", 1)
"""Commands have no file; a refusal names the command."""


@group(help=Bilingual("利用者。", "People."))
def user() -> None:
    """The group of these commands."""


ADD_HELP = Bilingual(
    """利用者を登録し、パスワードを決めるためのリンクを示します。

    \b
    noroshi access user add suzuki --name "鈴木 一郎" --role operator --organisation 222160
    noroshi access user add setchi --name 設置業者 --role installer --network lora""",
    """Add a person, and print the link by which they set a password.

    \b
    noroshi access user add suzuki --name "Suzuki Ichiro" --role operator --organisation 222160
    noroshi access user add fitter --name Fitter --role installer --network lora""",
)


@user.command(help=ADD_HELP)
@click.argument("login")
@option("--name", required=True, help=Bilingual("氏名。", "Name"))
@option("--department", default="", help=Bilingual("課。", "Department"))
@option(
    "--email",
    default="",
    help=Bilingual("メールアドレス(報告書の配信と、期限のお知らせ)。", "Address for reports and reminders"),
)
@option(
    "--role",
    type=click.Choice([each.value for each in Role]),
    required=True,
    help=Bilingual("権限: 閲覧、報告、運用、管理、設置者。", "What they may do"),
)
@option("--organisation", metavar="CODE", help=Bilingual("この団体で(団体コード)。", "In this organisation"))
@option("--project", metavar="CODE", help=Bilingual("この事業だけで。", "In this project alone"))
@option("--network", metavar="CODE", help=Bilingual("この通信網で(設置者だけ)。", "In this network (installers)"))
@option("--everywhere", is_flag=True, help=Bilingual("すべての団体で。", "In all organisations"))
@option("--no-link", is_flag=True, help=Bilingual("リンクを作りません。", "Make no link: they sign in elsewhere"))
@database_option
def add(
    login: str,
    name: str,
    department: str,
    role: str,
    organisation: str | None,
    project: str | None,
    network: str | None,
    database: str | None,
    *,
    email: str,
    everywhere: bool,
    no_link: bool,
) -> None:
    """Add a person who is not there yet."""
    settings = settings_for(database=database)
    grant = _grant(Role(role), organisation, project, network, everywhere=everywhere)
    entry = PersonEntry(_PLACE, login_of(login), name, department, _email_of(email), grants={grant: _PLACE})
    with open_database(settings) as connection:
        if entry.login in document.known(connection).people:
            raise CallRefused(_is_there(entry.login))
        _apply(connection, entry)
        link = "" if no_link else new_password_link(connection, settings, entry.login)
    said = Bilingual(f"{entry.login} を登録しました: {grant.said.ja}", f"{entry.login} is added: {grant.said.en}")
    say(said)
    if link:
        say_lines([link])
        say(link_lasts(settings, entry.login))


def _email_of(text: str) -> str:
    try:
        return checked_address(text) if text else ""
    except ValueError as error:
        raise CallRefused(said_by(error)) from None


def _is_there(login: str) -> Bilingual:
    return Bilingual(
        f"利用者 {login} はすでにいます。新しいリンクは noroshi access user reset {login}、"
        "権限を変えるには画面か access apply を使ってください",
        f"{login} is there already: noroshi access user reset {login} makes a new link; change roles by the pages or by"
        " access apply",
    )


def _grant(
    role: Role, organisation: str | None, project: str | None, network: str | None, *, everywhere: bool
) -> Grant:
    named = {
        Where.ORGANISATION: organisation,
        Where.PROJECT: project,
        Where.NETWORK: network,
        Where.EVERYWHERE: "" if everywhere else None,
    }
    written = [Grant(role, where, code) for where, code in named.items() if code is not None]
    if len(written) != 1:
        raise CallRefused(
            Bilingual(
                "--organisation、--project、--network、--everywhere のどれか一つを書いてください",
                "write one of --organisation, --project, --network and --everywhere",
            )
        )
    if (role is Role.INSTALLER) != (written[0].where is Where.NETWORK):
        raise CallRefused(
            Bilingual(
                "設置者(installer)には --network を、ほかの権限には --organisation か --project を書いてください",
                "an installer needs --network, every other role --organisation or --project",
            )
        )
    return written[0]


def _apply(connection: Database, entry: PersonEntry) -> AccessChanges:
    changes, _ = document.apply(connection, Document(people={entry.login: entry}), by_command().actor)
    return changes


@user.command(help=Bilingual("利用者を停止します。セッションとトークンは直ちに効かなくなります。",
                             "Disable a person. Their sessions and tokens work no more."))  # fmt: skip
@click.argument("login")
@database_option
def disable(login: str, database: str | None) -> None:
    """Disable a person."""
    _switch(login, database, enabled=False)


@user.command(help=Bilingual("停止した利用者を再開します。", "Enable a person again."))
@click.argument("login")
@database_option
def enable(login: str, database: str | None) -> None:
    """Enable a person."""
    _switch(login, database, enabled=True)


def _switch(login: str, database: str | None, *, enabled: bool) -> None:
    login = login_of(login)
    with open_database(settings_for(database=database)) as connection:
        person_id_of(connection, login)
        changed = _apply(connection, PersonEntry(_PLACE, login, enabled=enabled)).people
    state = Bilingual("有効", "enabled") if enabled else Bilingual("停止", "disabled")
    if changed:
        say(Bilingual(f"{login} を{state.ja}にしました。", f"{login} is {state.en} now."))
    else:
        say(Bilingual(f"{login} はすでに{state.ja}です。", f"{login} was {state.en} already."))


RESET_HELP = Bilingual(
    """利用者のパスワードと二段階認証を消し、セッションを終わらせ、新しいパスワードを決めるためのリンクを示します。""",
    """Remove password and second factor of a person, end their sessions, and print the link to set a new password.""",
)


@user.command(help=RESET_HELP)
@click.argument("login")
@database_option
def reset(login: str, database: str | None) -> None:
    """Let a person begin anew."""
    settings = settings_for(database=database)
    login = login_of(login)
    lasts = timedelta(hours=settings.sign_in.link_hours)
    with open_database(settings) as connection:
        person_id = person_id_of(connection, login)
        secret = reset_person(connection, by_command(), person_id, datetime.now(UTC), lasts)
    say_lines([link_to(settings.web.address, secret)])
    say(link_lasts(settings, login))


LINK_HELP = Bilingual(
    """認証サービス(OpenID)の人を、すでにいる利用者に結び付けます。以後そこでサインインした人は、この利用者です。

    \b
    issuer と subject は、監査ログの sign_in_refused(login_taken)にあります。同じ人だと確かめてから行ってください。
    noroshi access user link suzuki --issuer https://login.example.lg.jp/realms/city --subject 4f1c2d""",
    """Link a person of the OpenID provider to somebody who is here: who signs in there is this person from now on.

    \b
    Both stand in the audit log, in sign_in_refused (login_taken). Make sure first that it is the same person.
    noroshi access user link suzuki --issuer https://login.example.lg.jp/realms/city --subject 4f1c2d""",
)


@user.command(help=LINK_HELP)
@click.argument("login")
@option("--issuer", required=True, help=Bilingual("認証サービスの発行者(issuer)。", "Issuer of the provider"))
@option("--subject", required=True, help=Bilingual("そこでの識別子(sub)。", "Who it is there (sub)"))
@database_option
def link(login: str, issuer: str, subject: str, database: str | None) -> None:
    """Link a person of the provider to somebody."""
    settings = settings_for(database=database)
    login = login_of(login)
    provider = settings.sign_in.open_id
    if provider is not None and provider.issuer != issuer:
        raise CallRefused(
            Bilingual(
                f"設定の発行者は {provider.issuer} です。一字一句同じに書いてください",
                f"the issuer of the settings is {provider.issuer}: write it to the letter",
            )
        )
    with open_database(settings) as connection:
        changed = link_person(connection, by_command(), person_id_of(connection, login), issuer, subject)
    if changed:
        say(Bilingual(f"{login} を {subject} に結び付けました。", f"{login} is linked to {subject}."))
    else:
        say(Bilingual(f"{login} はすでに {subject} に結び付いています。", f"{login} was linked to {subject} already."))


@user.command("list", help=Bilingual("利用者の一覧。", "List the people."))
@option("--json", "as_json", is_flag=True, help=AS_JSON)
@database_option
def list_(database: str | None, *, as_json: bool) -> None:
    """List the people with their roles."""
    with open_database(settings_for(database=database)) as connection:
        known, waiting = document.known(connection), _waiting(connection)
    if as_json:
        say_json(json.dumps([*_objects(known, waiting)], ensure_ascii=False, indent=2).encode())
        return
    if not known.people:
        say(Bilingual("利用者はまだいません: noroshi access init", "there is nobody yet: noroshi access init"))
    people = [person for _, person in sorted(known.people.items())]
    rows = [_columns(person, waiting) for person in people]
    widths = [max((width(row[column]) for row in rows), default=0) + 2 for column in range(3)]
    for person, row in zip(people, rows, strict=True):
        start = "".join(padded(text, columns) for text, columns in zip(row, widths, strict=True))
        roles = _roles(person)
        say(Bilingual(start + roles.ja, start + roles.en))


def _waiting(connection: Database) -> frozenset[str]:
    return frozenset(database.without_password(connection))


def _columns(person: KnownPerson, waiting: frozenset[str]) -> tuple[str, str, str]:
    state = Bilingual("有効", "enabled")
    if not person.enabled:
        state = Bilingual("停止", "disabled")
    elif person.login in waiting:
        state = Bilingual("パスワード未設定", "no password yet")
    return person.login, f"{person.name} {person.department}".rstrip(), str(state)


def _roles(person: KnownPerson) -> Bilingual:
    grants = [grant.said for grant in sorted(person.grants)]
    grants += [
        Bilingual(f"{grant.said.ja}[認証サービス]", f"{grant.said.en} [provider]") for grant in sorted(person.provided)
    ]
    return joined(grants, "、", ", ")


def _objects(known: Known, waiting: frozenset[str]) -> Iterator[dict[str, object]]:
    for _, person in sorted(known.people.items()):
        yield {
            "login": person.login,
            "name": person.name,
            "department": person.department,
            "email": person.email,
            "enabled": person.enabled,
            "password": person.login not in waiting,
            "roles": [
                {"role": grant.role.value, grant.where.value: grant.code or True, "source": source}
                for source, grants in (("local", person.grants), ("oidc", person.provided))
                for grant in sorted(grants)
            ],
        }
