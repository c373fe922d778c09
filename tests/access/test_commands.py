"""`noroshi access` as an operator calls it, and whether what it prints works."""

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from ingest.access.access import Access
from ingest.access.audit import Action, read_entries
from ingest.access.audit_log.entry import Wanted
from ingest.access.roles import Role, Scope
from ingest.access.signing_in import SignedIn
from ingest.cli.access import access
from ingest.errors import CallRefused, StoreUnavailable
from ingest.settings.sign_in import SignInSettings
from ingest.store.database import Database as Connection
from schemas.bilingual import speaking
from tests.fixtures.database import Database

FUKUROI = "222160"
PASSWORD = "a long word for the tests"
LINK = re.compile(r"(http\S+)/link/(\S{43})$", re.MULTILINE)


def call(database: Database | str, *arguments: str | Path, given: bytes | None = None) -> Result:
    url = database if isinstance(database, str) else database.url
    return CliRunner().invoke(access, [*map(str, arguments), "--database", url], input=given)


def done(database: Database, *arguments: str | Path, given: bytes | None = None) -> str:
    result = call(database, *arguments, given=given)
    assert result.exit_code == 0, (result.output, result.exception)
    return result.output


def refused(database: Database | str, *arguments: str | Path) -> str:
    result = call(database, *arguments)
    assert isinstance(result.exception, CallRefused), result.output
    return str(result.exception)


def accounts(database: Database) -> Access:
    @contextmanager
    def connect() -> Iterator[Connection]:
        yield database.connect()

    return Access(connect, SignInSettings())


def signed_in_by(database: Database, output: str) -> SignedIn:
    """Use the link that a command printed to set a password."""
    (link,) = LINK.findall(output)
    found = accounts(database).use_password_link(link[1], PASSWORD, address="192.0.2.1", browser="")
    assert isinstance(found, SignedIn), found
    return found


def actions(database: Database) -> list[tuple[str, str]]:
    entries = read_entries(database.connect(), Wanted())
    return [(entry.action, entry.subject) for entry in reversed(entries) if entry.actor.startswith("command:")]


def test_the_first_admin_sets_a_password_by_the_link_and_administers_everything(any_database: Database) -> None:
    assert not accounts(any_database).has_admin()
    output = done(any_database, "init", "--login", "Ｓａｔｏ", "--name", "佐藤")
    assert "http://127.0.0.1:8080/link/" in output
    assert "within 72 hours" in output
    assert accounts(any_database).has_admin()
    session = signed_in_by(any_database, output)
    caller = accounts(any_database).caller_of_session(session.secret)
    assert caller is not None
    assert (caller.login, caller.name, caller.everywhere) == ("sato", "佐藤", Role.ADMIN)
    assert actions(any_database)[:2] == [(Action.PERSON_ADDED, "sato"), (Action.MEMBERSHIP_CHANGED, "sato")]


def test_the_link_leads_to_where_people_find_the_pages(any_database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NOROSHI_WEB__URL", "https://noroshi.example.lg.jp/")
    output = done(any_database, "init")
    assert LINK.findall(output)[0][0] == "https://noroshi.example.lg.jp"


def test_a_second_first_admin_is_refused_with_what_to_do(any_database: Database) -> None:
    done(any_database, "init", "--login", "sato")
    said = refused(any_database, "init", "--login", "ito")
    assert "sato is an admin already" in said
    assert "noroshi access user reset sato" in said
    again = done(any_database, "init", "--login", "ito", "--if-needed")
    assert "sato is an admin already" in again
    assert not LINK.search(again), "a restart makes no link"
    assert "ito" not in done(any_database, "show")


def test_who_has_no_role_for_the_pages_is_told_what_to_run(any_database: Database) -> None:
    connection = any_database.connect()
    there = connection.execute("select to_regrole('noroshi_pages') is not null").fetchone()
    result = call(any_database, "init")
    assert result.exit_code == 0, "it says so, and makes the admin all the same"
    assert ("create role noroshi_pages" in result.stderr) == (there == (False,))


def test_a_person_is_added_disabled_enabled_and_reset(any_database: Database, tmp_path: Path) -> None:
    done(any_database, "init")
    done(any_database, "apply", organisations(tmp_path))
    words = ("--name", "鈴木", "--department", "農政課", "--role", "operator", "--organisation", FUKUROI)
    session = signed_in_by(any_database, done(any_database, "user", "add", "Suzuki", *words))
    assert accounts(any_database).caller_of_session(session.secret) is not None
    assert "suzuki is there already" in refused(any_database, "user", "add", "suzuki", *words)
    assert "suzuki is disabled now" in done(any_database, "user", "disable", "suzuki")
    assert "was disabled already" in done(any_database, "user", "disable", "suzuki")
    assert accounts(any_database).caller_of_session(session.secret) is None
    assert "suzuki is enabled now" in done(any_database, "user", "enable", "SUZUKI")
    signing_in = accounts(any_database).sign_in("suzuki", PASSWORD, "", address="192.0.2.1", browser="")
    assert isinstance(signing_in, SignedIn)
    output = done(any_database, "user", "reset", "suzuki")
    assert accounts(any_database).caller_of_session(signing_in.secret) is None, "a reset ends sessions"
    refusal = accounts(any_database).sign_in("suzuki", PASSWORD, "", address="192.0.2.1", browser="")
    assert not isinstance(refusal, SignedIn), "the old password works no more"
    signed_in_by(any_database, output)
    assert (Action.PERSON_RESET, "suzuki") in actions(any_database)
    assert (Action.PERSON_DISABLED, "suzuki") in actions(any_database)


def organisations(tmp_path: Path) -> Path:
    path = tmp_path / "organisations.yaml"
    path.write_text(f"organisations: [{{code: '{FUKUROI}', name: 袋井市}}]\n", encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (("user", "add", "a b", "--name", "x", "--role", "viewer", "--everywhere"), "'a b' is no login"),
        (("user", "add", "a", "--name", "x", "--role", "viewer"), "write one of --organisation"),
        (("user", "add", "a", "--name", "x", "--role", "installer", "--everywhere"), "an installer needs --network"),
        (("user", "add", "a", "--name", "x", "--role", "viewer", "--project", "nowhere"), "no project nowhere"),
        (("user", "disable", "admin"), "nobody could administer"),
        (("user", "disable", "nobody"), "there is nobody called nobody"),
        (("user", "reset", "nobody"), "there is nobody called nobody"),
        (("token", "add", "x", "--for", "nobody", "--scope", "figures"), "there is nobody called nobody"),
        (("token", "add", "x", "--for", "admin", "--scope", "figures", "--project", "nowhere"), "no project nowhere"),
        (("token", "add", " ", "--for", "admin", "--scope", "figures"), "name"),
        (("token", "revoke", "7"), "there is no token 7"),
    ],
)
def test_what_cannot_be_is_refused_and_changes_nothing(
    any_database: Database, words: tuple[str, ...], why: str
) -> None:
    done(any_database, "init")
    before = done(any_database, "show"), actions(any_database)
    assert why in refused(any_database, *words)
    assert (done(any_database, "show"), actions(any_database)) == before


def test_a_token_is_told_once_and_is_what_was_asked_for(any_database: Database) -> None:
    connection = any_database.connect()
    connection.execute("insert into project (code, name) values ('tea', '茶'), ('river', '川')")
    done(any_database, "init")
    words = ("token", "add", "board", "--for", "admin", "--scope", "readings", "--scope", "metrics", "--project", "tea")
    result = call(any_database, *words, "--days", "30")
    assert result.exit_code == 0, result.output
    secret = result.stdout.strip()
    assert re.fullmatch(r"noroshi_\S{43}", secret), "alone on standard output, for scripts"
    caller = accounts(any_database).caller_of_token(secret)
    assert caller is not None
    assert caller.scopes == {Scope.READINGS, Scope.METRICS}
    assert len(caller.projects_setting.split(",")) == 1
    listed = done(any_database, "token", "list")
    assert "board" in listed
    assert "projects tea" in listed
    assert secret not in listed
    (entry,) = json.loads(done(any_database, "token", "list", "--json"))
    assert (entry["login"], entry["scopes"], entry["projects"]) == ("admin", ["metrics", "readings"], ["tea"])
    assert "Token 1 is revoked" in done(any_database, "token", "revoke", "1")
    assert accounts(any_database).caller_of_token(secret) is None
    assert "revoked" in done(any_database, "token", "list")
    assert actions(any_database)[-2:] == [(Action.TOKEN_ADDED, "admin"), (Action.TOKEN_REVOKED, "admin")]
    stored = connection.execute("select string_agg(t::text, '') from api_token t").fetchone()
    assert stored is not None
    assert secret.removeprefix("noroshi_") not in stored[0]


def test_files_are_applied_and_shown_again(any_database: Database, tmp_path: Path) -> None:
    done(any_database, "init")
    done(any_database, "apply", organisations(tmp_path))
    table = tmp_path / "people.csv"
    table.write_bytes(f"ログイン名,氏名,課,権限,団体コード\r\nsuzuki,鈴木,農政課,運用,{FUKUROI}\r\n".encode("cp932"))
    assert "This was a dry run" in done(any_database, "apply", table, "--dry-run")
    assert "suzuki" not in done(any_database, "show")
    with speaking("ja"):
        output = done(any_database, "apply", table, "--links")
        assert "利用者 suzuki: 新規 鈴木 農政課、+運用(団体 222160)" in output
    assert len(LINK.findall(output)) == 1
    shown = done(any_database, "show")
    assert "login: suzuki" in shown
    assert "All is as the files say" in done(any_database, "apply", "-", given=shown.encode())
    as_csv = call(any_database, "show", "--format", "csv").stdout_bytes
    assert as_csv.startswith(b"\xef\xbb\xbf")
    assert "All is as the files say" in done(any_database, "apply", "-", given=as_csv)


def test_what_is_shown_has_no_secret_in_it(any_database: Database) -> None:
    secret = signed_in_by(any_database, done(any_database, "init")).secret
    row = any_database.connect().execute("select password_hash, csrf from person, web_session").fetchone()
    assert row is not None
    token = call(any_database, "token", "add", "x", "--for", "admin", "--scope", "figures").stdout.strip()
    for words in (("show",), ("show", "--format", "csv"), ("user", "list", "--json"), ("token", "list", "--json")):
        output = done(any_database, *words)
        assert not [one for one in (secret, token, *row) if one in output], words


def test_a_mistake_in_a_file_is_told_even_if_the_database_is_away(tmp_path: Path) -> None:
    path = tmp_path / "people.yaml"
    path.write_text("people: [{login: a b}]\n", encoding="utf-8")
    assert "people.yaml line 1 login: 'a b' is no login" in refused("postgresql://127.0.0.1:1/x", "apply", path)
    path.write_text("people: []\n", encoding="utf-8")
    assert isinstance(call("postgresql://127.0.0.1:1/x", "apply", path).exception, StoreUnavailable)


def test_the_list_says_who_has_no_password_yet_in_columns(any_database: Database) -> None:
    assert "there is nobody yet: noroshi access init" in done(any_database, "user", "list")
    output = done(any_database, "init")
    with speaking("ja"):
        assert done(any_database, "user", "list") == "admin  Administrator  パスワード未設定  管理(全体)\n"
    signed_in_by(any_database, output)
    assert done(any_database, "user", "list") == "admin  Administrator  enabled  admin (everywhere)\n"


ISSUER = "https://login.example.lg.jp/realms/city"


def test_a_person_of_the_provider_is_linked_to_somebody_who_is_here(any_database: Database) -> None:
    done(any_database, "init", "--login", "sato", "--name", "佐藤")
    done(any_database, "user", "add", "suzuki", "--name", "鈴木", "--role", "viewer", "--everywhere", "--no-link")
    linked = ("user", "link", "suzuki", "--issuer", ISSUER, "--subject", "4f1c")
    assert "suzuki is linked to 4f1c" in done(any_database, *linked)
    identity = any_database.connect().execute("select issuer, subject from person where login = 'suzuki'").fetchone()
    assert identity == (ISSUER, "4f1c")
    assert actions(any_database)[-1] == (Action.PERSON_CHANGED, "suzuki")
    noted = len(actions(any_database))
    assert "already" in done(any_database, *linked)
    assert len(actions(any_database)) == noted
    assert "linked to another" in refused(any_database, *linked[:-1], "other")
    assert "linked to another" in refused(any_database, "user", "link", "sato", "--issuer", ISSUER, "--subject", "4f1c")
    assert "nobody called" in refused(any_database, "user", "link", "x", "--issuer", ISSUER, "--subject", "7")
    assert len(actions(any_database)) == noted
