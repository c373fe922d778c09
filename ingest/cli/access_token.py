"""`noroshi access token`: tokens by which programs read the API and /metrics."""

import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta

import click

from ingest.access.authority import NotThere
from ingest.access.database import organisations
from ingest.access.database.tokens import ListedToken
from ingest.access.document import document
from ingest.access.roles import Scope
from ingest.access.tokens import LONGEST, TokenWanted, add_token, list_tokens, revoke_token
from ingest.cli.account_texts import by_command, login_of, person_id_of
from ingest.cli.command import group, option
from ingest.cli.database import open_database
from ingest.cli.options import AS_JSON, database_option, settings_for
from ingest.cli.say import say, say_json, say_lines
from ingest.cli.table import padded, width
from ingest.errors import CallRefused
from ingest.store.database import Database
from schemas.bilingual import Bilingual, joined
from schemas.japan import JST

DAYS = 365


@group(help=Bilingual("プログラムのためのトークン。", "Tokens for programs."))
def token() -> None:
    """The group of these commands."""


ADD_HELP = Bilingual(
    """トークンを作ります。秘密の文字列は、この一度しか示しません。

    トークンは --for の人が見てよいものより多くを見ることはなく、その人が停止されると効かなくなります。

    \b
    noroshi access token add 河川ダッシュボード --for suzuki --scope readings --project river --days 365
    curl --header "Authorization: Bearer noroshi_..." http://127.0.0.1:8080/api/v1/""",
    """Make a token. Its secret is printed this once.

    It never may more than the person of --for, and works no more once that person is disabled.

    \b
    noroshi access token add river-dashboard --for suzuki --scope readings --project river --days 365
    curl --header "Authorization: Bearer noroshi_..." http://127.0.0.1:8080/api/v1/""",
)


@token.command(help=ADD_HELP)
@click.argument("name")
@option("--for", "login", metavar="LOGIN", required=True, help=Bilingual("だれのためのトークンか。", "Whose it is"))
@option(
    "--scope",
    "scopes",
    type=click.Choice([each.value for each in Scope]),
    multiple=True,
    required=True,
    help=Bilingual(
        "使いみち。figures は集計だけ、readings は測定値も、metrics は /metrics だけ。何度でも書けます。",
        "What it is for: figures alone, readings too, metrics for /metrics alone; may be given several times",
    ),
)
@option(
    "--project",
    "projects",
    metavar="CODE",
    multiple=True,
    help=Bilingual(
        "この事業だけ。何度でも書けます。省略時は、その人に見えるすべて。",
        "These projects alone; may be given several times  [default: all that the person sees]",
    ),
)
@option(
    "--days",
    type=click.IntRange(1, LONGEST.days),
    default=DAYS,
    show_default=True,
    help=Bilingual("この日数で切れます。", "It works for so many days"),
)
@database_option
def add(
    name: str, login: str, scopes: tuple[str, ...], projects: tuple[str, ...], days: int, database: str | None
) -> None:
    """Make a token, and print its secret."""
    login, now = login_of(login), datetime.now(UTC)
    until = now + timedelta(days=days)
    with open_database(settings_for(database=database)) as connection:
        only = [_project_id(connection, code) for code in projects] or None
        person = person_id_of(connection, login)
        wanted = TokenWanted(name, [Scope(scope) for scope in scopes], until, only)
        number, secret = add_token(connection, by_command(), person, wanted, now)
    say_lines([secret])
    day = f"{until.astimezone(JST):%Y-%m-%d}"
    say(
        Bilingual(
            f"トークン {number} です。この文字列は二度と示しません。{day} に切れます。"
            f"取り消すには: noroshi access token revoke {number}",
            f"This is token {number}. It is not shown again. It works until {day};"
            f" to revoke it: noroshi access token revoke {number}",
        ),
        err=True,
    )


def _project_id(connection: Database, code: str) -> int:
    found = organisations.project_of_code(connection, code)
    if found is None:
        raise CallRefused(Bilingual(f"台帳に事業 {code} がありません", f"the registry has no project {code}"))
    return found.project_id


@token.command(
    "list", help=Bilingual("トークンの一覧。秘密の文字列は含みません。", "List the tokens, without secrets.")
)
@option("--json", "as_json", is_flag=True, help=AS_JSON)
@database_option
def list_(database: str | None, *, as_json: bool) -> None:
    """List all tokens."""
    now = datetime.now(UTC)
    with open_database(settings_for(database=database)) as connection:
        tokens = list_tokens(connection, by_command())
        codes = document.project_codes(connection)
    if as_json:
        say_json(json.dumps([_object(each, codes) for each in tokens], ensure_ascii=False, indent=2).encode())
        return
    if not tokens:
        say(Bilingual("トークンはまだありません。", "There are no tokens yet."))
    rows = [(str(each.token_id), each.name, each.login) for each in tokens]
    widths = [max((width(row[column]) for row in rows), default=0) + 2 for column in range(3)]
    for each, row in zip(tokens, rows, strict=True):
        start = "".join(padded(text, columns) for text, columns in zip(row, widths, strict=True))
        what = joined(_facts(each, codes, now), "、", ", ")
        say(Bilingual(start + what.ja, start + what.en))


def _facts(each: ListedToken, codes: Mapping[int, str], now: datetime) -> Iterator[Bilingual]:
    yield joined((Scope(scope).label for scope in each.scopes), "・", " + ")
    if each.projects is not None:
        named = " ".join(codes[number] for number in each.projects)
        yield Bilingual(f"事業 {named}", f"projects {named}")
    until = f"{each.expires_at.astimezone(JST):%Y-%m-%d}"
    if each.revoked_at is not None:
        yield Bilingual("取消し済み", "revoked")
    elif now < each.expires_at:
        yield Bilingual(f"{until} まで", f"until {until}")
    else:
        yield Bilingual(f"{until} に期限切れ", f"expired {until}")
    if each.last_used_at is not None:
        used = f"{each.last_used_at.astimezone(JST):%Y-%m-%d %H:%M}"
        yield Bilingual(f"最終利用 {used}", f"last used {used}")


def _object(each: ListedToken, codes: Mapping[int, str]) -> dict[str, object]:
    return {
        "token": each.token_id,
        "name": each.name,
        "login": each.login,
        "scopes": [*each.scopes],
        "projects": None if each.projects is None else [codes[number] for number in each.projects],
        "created_at": each.created_at.isoformat(),
        "expires_at": each.expires_at.isoformat(),
        "last_used_at": None if each.last_used_at is None else each.last_used_at.isoformat(),
        "revoked_at": None if each.revoked_at is None else each.revoked_at.isoformat(),
    }


@token.command(help=Bilingual("トークンを取り消します。直ちに効かなくなります。", "Revoke a token: it works no more."))
@click.argument("number", type=click.IntRange(1))
@database_option
def revoke(number: int, database: str | None) -> None:
    """Revoke a token."""
    try:
        with open_database(settings_for(database=database)) as connection:
            revoke_token(connection, by_command(), number, datetime.now(UTC))
    except NotThere:
        raise CallRefused(
            Bilingual(
                f"トークン {number} はありません。noroshi access token list で確かめてください",
                f"there is no token {number}: see noroshi access token list",
            )
        ) from None
    say(Bilingual(f"トークン {number} を取り消しました。", f"Token {number} is revoked."))
