"""`noroshi access`: organisations, people and what each may do; files in, files out, and the first admin."""

from pathlib import Path

import click

from ingest.access.document import document
from ingest.access.document.outcome import report
from ingest.access.document.read import read
from ingest.access.document.state import MAKE_PAGES_ROLE, NO_PAGES_ROLE, SQL_OF_PAGES_ROLE, pages_role_is_there
from ingest.access.document.write import as_yaml, people_csv
from ingest.access.readers.apply import apply_readers
from ingest.cli.access_token import token
from ingest.cli.access_user import user
from ingest.cli.account_texts import by_command, link_lasts, login_of, new_password_link
from ingest.cli.command import group, option
from ingest.cli.database import open_database
from ingest.cli.options import REGISTRY_FILE, database_option, settings_for
from ingest.cli.say import say, say_file, say_lines, say_text
from ingest.errors import CallRefused, StoreUnavailable
from ingest.settings.model import Settings
from schemas.bilingual import Bilingual

FIRST_LOGIN = "admin"
FIRST_NAME = Bilingual("管理者", "Administrator")


@group(
    help=Bilingual(
        "だれが何を見てよいか: 団体、利用者、権限、トークン。",
        "Who may see what: organisations, people, roles, tokens.",
    )
)
def access() -> None:
    """The group of these commands."""


access.add_command(user)
access.add_command(token)

INIT_HELP = Bilingual(
    """最初の管理者を登録し、パスワードを決めるためのリンクを示します。

    管理者がいない間、画面はこの機械からしか開けません。ほかの利用者は、管理者が画面か access apply で登録します。""",
    """Make the first admin, and print the link by which they set a password.

    As long as there is no admin the pages open from this machine alone. The admin adds everybody else, by the pages or
    by `access apply`.""",
)


@access.command(help=INIT_HELP)
@option(
    "--login",
    default=FIRST_LOGIN,
    show_default=True,
    help=Bilingual("管理者のログイン名。", "Login of the admin"),
)
@option("--name", help=Bilingual("管理者の氏名。省略時は「管理者」。", "Name of the admin  [default: Administrator]"))
@option(
    "--if-needed",
    is_flag=True,
    help=Bilingual("管理者がいれば何もせず、終了コード 0 で終わります。", "Do nothing, with exit code 0, where one is"),
)
@database_option
def init(login: str, name: str | None, database: str | None, *, if_needed: bool) -> None:
    """Make the first admin, or say who is one."""
    settings = settings_for(database=database)
    login = login_of(login)
    with open_database(settings) as connection:
        role_is_there = pages_role_is_there(connection)
        present = document.make_first_admin(connection, login, name or str(FIRST_NAME), by_command().actor)
        link = "" if present else new_password_link(connection, settings, login)
    if present and not if_needed:
        raise CallRefused(_there_is_one(present))
    if present:
        say(_there_is_one(present))
    else:
        say(
            Bilingual(
                f"最初の管理者 {login} を登録しました。次のリンクを開き、パスワードを決めてください。",
                f"{login} is the first admin. Open this link and set a password:",
            )
        )
        say_lines([link])
        say(link_lasts(settings, login))
    if not role_is_there:
        say(Bilingual(f"注意 {NO_PAGES_ROLE.ja}。", f"note: {NO_PAGES_ROLE.en}."), MAKE_PAGES_ROLE, err=True)
        say_lines((f"  {line}" for line in SQL_OF_PAGES_ROLE), err=True)


def _there_is_one(admin: str) -> Bilingual:
    return Bilingual(
        f"管理者 {admin} がすでにいます。何も変えませんでした。入れなくなったときは: noroshi access user reset {admin}",
        f"{admin} is an admin already: nothing was changed. If they cannot sign in: noroshi access user reset {admin}",
    )


APPLY_HELP = Bilingual(
    """団体、利用者と権限、事業の共有、Grafana の読取役を、YAML と利用者の表(CSV)から反映します。

    - は標準入力です。ファイルに書かれていないものは変わりません。
    利用者の権限(memberships、表ではその人のすべての行)は、書けばそれがすべてです。
    一件でも誤りがあれば、何も書き込みません。""",
    """Bring organisations, people with their roles, shares and readers of Grafana in from YAML and tables (CSV).

    - is standard input. What the files do not name stays as it is.
    The roles of a person (memberships; in a table all rows of that person) are all that they have, where any is named.
    If one entry is wrong, nothing is written.""",
)


@access.command(help=APPLY_HELP)
@click.argument("files", nargs=-1, required=True, type=REGISTRY_FILE)
@option(
    "--dry-run", is_flag=True, help=Bilingual("何が変わるかだけを示し、書き込みません。", "Only say what would change")
)
@option(
    "--links",
    is_flag=True,
    help=Bilingual(
        "新しい利用者のパスワード設定リンクを示します。", "Print links by which the new people set their passwords"
    ),
)
@database_option
def apply(files: tuple[Path, ...], *, dry_run: bool, links: bool, database: str | None) -> None:
    """Read the files, compare them with the database, and write all of it or nothing."""
    wanted = read(files)
    settings = settings_for(database=database)
    left: list[str] = []
    try:
        with open_database(settings) as connection:
            if dry_run:
                changes = document.plan(connection, wanted)
                document.refuse(changes.problems)
            else:
                changes, left = document.apply(connection, wanted, by_command().actor, apply_readers)
            new = [person.new.login for person in changes.people if person.old is None and person.new.enabled]
            made = {} if dry_run or not links else {each: new_password_link(connection, settings, each) for each in new}
    except StoreUnavailable:
        document.refuse(wanted.problems)  # problems of the files are reported even if the database is down
        raise
    say_text(report(changes, dry_run=dry_run))
    say_lines(left)
    _say_links(settings, new, made, dry_run=dry_run)


def _say_links(settings: Settings, new: list[str], made: dict[str, str], *, dry_run: bool) -> None:
    if made:
        hours = settings.sign_in.link_hours
        say(
            Bilingual(
                f"パスワード設定リンク({hours} 時間、一度だけ):", f"links to set a password ({hours} hours, once):"
            )
        )
        say_lines(f"  {login}  {link}" for login, link in made.items())
    elif new and not dry_run:
        say(
            Bilingual(
                "新しい利用者のリンクは: noroshi access user reset ログイン名",
                "a link for a new person: noroshi access user reset LOGIN",
            )
        )


@access.command(
    help=Bilingual(
        "団体、利用者、共有、読取役を、apply が読める形で出力します。csv は利用者だけの表です(Excel で開けます)。",
        "Write organisations, people, shares and readers as `apply` reads them. csv is a table of people, for Excel.",
    )
)
@option(
    "--format",
    "format_",
    type=click.Choice(["yaml", "csv"]),
    default="yaml",
    show_default=True,
    help=Bilingual("形式。", "Format"),
)
@database_option
def show(format_: str, database: str | None) -> None:
    """Write what the database has. Passwords, links and tokens are never in it."""
    with open_database(settings_for(database=database)) as connection:
        known = document.known(connection)
    say_file((as_yaml(known) if format_ == "yaml" else people_csv(known)).encode())
