"""`noroshi report verify`, `report frozen` and `report key`: whether a file is the frozen one, and what signs."""

import base64
from pathlib import Path

import click

from ingest.access.authority import By
from ingest.cli.audited import system_user
from ingest.cli.command import command, group, option
from ingest.cli.database import open_database
from ingest.cli.options import database_option, settings_for
from ingest.cli.plan_document import project_id_or_refused
from ingest.cli.say import say
from ingest.errors import CallRefused, FrozenWrong, ReportNotVerified
from ingest.report.proof.kept import faults_of_kept
from ingest.report.submission import database as submissions
from ingest.report.submission.database import Key, Standing
from ingest.report.submission.signing import MOST_BYTES
from ingest.report.submission.using import adopt_key, rotate_key
from ingest.report.submission.verify import (
    Finding,
    about_known,
    about_signed,
    check_signature,
    public_key_of,
    sha256_of,
)
from ingest.runtime.bounded_files import FileRefused, read_regular
from schemas.bilingual import Bilingual, joined, quoted
from schemas.japan import to_jst

FAULTS_SHOWN = 100
_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@command(
    help=Bilingual(
        "検証: ファイルが提出版かどうか。署名のファイルを付ければ、データベースなしで確かめます。",
        "Whether a file is a frozen report; with its signature, without a database.",
    )
)
@click.argument("file", type=_FILE)
@option(
    "--signature",
    type=_FILE,
    help=Bilingual("署名のファイル(….sig.json)。", "Its signature (….sig.json)"),
)
@option(
    "--public-key",
    metavar="KEY",
    help=Bilingual("この公開鍵(表紙の44文字)の署名だけを認めます。", "Believe this key alone, as printed on the cover"),
)
@database_option
def verify(file: Path, signature: Path | None, public_key: str | None, database: str | None) -> None:
    """Say whether the file is a frozen report; exit code 1 if it is not."""
    if public_key is not None and signature is None:
        raise CallRefused(Bilingual("--public-key には --signature が要ります", "--public-key is for --signature"))
    try:
        with file.open("rb") as opened:
            digest = sha256_of(opened)
    except OSError as error:
        raise CallRefused(quoted(f"{file}: {error.strerror}")) from error
    if signature is None:
        with open_database(settings_for(database=database), autocommit=True) as connection:
            known = submissions.files_known(connection, bytes.fromhex(digest))
        lines, good = about_known(known), any(each.is_proven for each in known)
    else:
        key = None if public_key is None else public_key_of(public_key)
        try:
            text = read_regular(signature, MOST_BYTES)
        except (OSError, FileRefused) as error:
            raise CallRefused(quoted(f"--signature {signature}: {error}")) from error
        checked = check_signature(digest, text, key)
        lines, good = about_signed(checked, key_given=key is not None), checked.finding is Finding.SIGNED
    lines.append(quoted(f"SHA-256 {digest}"))
    if not good:
        raise ReportNotVerified(joined(lines))
    for line in lines:
        say(line)


@command(help=Bilingual("提出版の一覧。", "List the frozen reports."))
@option("--project", metavar="CODE", required=True, help=Bilingual("事業コード。", "Code of the project"))
@option(
    "--verify",
    "proven",
    is_flag=True,
    help=Bilingual(
        "保存しているすべてのファイルを、SHA-256 と署名で検証します。異常があれば 1 で終わります。",
        "Verify every file that is kept by its SHA-256 and its signature; exit with 1 if anything is wrong",
    ),
)
@database_option
def frozen(project: str, database: str | None, *, proven: bool) -> None:
    """Say each submission, whether it is the newest revision, and whether it is still what would be computed."""
    with open_database(settings_for(database=database), autocommit=True) as connection:
        project_id = project_id_or_refused(connection, project)
        found = submissions.list_frozen(connection, project_id)
        faults = [*faults_of_kept(connection, project_id)] if proven else []
    for each in found:
        say(_line(each))
    if not found:
        say(Bilingual("提出版はありません", "nothing was frozen"))
    if faults:
        wrong = Bilingual(
            f"提出版に {len(faults):,} 件の異常があります", f"{len(faults):,} things are wrong with what was frozen"
        )
        raise FrozenWrong(joined([*faults[:FAULTS_SHOWN], wrong]))
    if proven:
        say(
            Bilingual(
                f"{len(found):,} 版のすべてのファイルと署名を検証しました。異常はありません",
                f"all files and signatures of {len(found):,} revisions verified; nothing is wrong",
            )
        )


def _line(each: Standing) -> Bilingual:
    at = f"{to_jst(each.frozen_at):%Y-%m-%d %H:%M}"
    state = Bilingual(
        "最新" if each.is_newest else f"第{each.newest_revision}版に差し替え済み",
        "newest" if each.is_newest else f"replaced by revision {each.newest_revision}",
    )
    if each.is_newest and each.changes:
        state = Bilingual(
            f"{state.ja}、いま計算すると{each.changes}か所が違います",
            f"{state.en}; {each.changes} values would differ if computed now",
        )
    return Bilingual(
        f"{each.number} 第{each.revision}版 {at} {each.title} {each.period} [{state.ja}]",
        f"{each.number} revision {each.revision} {at} {each.title} {each.period} [{state.en}]",
    )


@group(help=Bilingual("提出版に署名する鍵。", "The key that signs frozen reports."))
def key() -> None:
    """The group of commands about the key."""


@key.command(help=Bilingual("公開鍵の一覧。", "Show the public keys."))
@database_option
def show(database: str | None) -> None:
    """Print every public key, the one in use first."""
    with open_database(settings_for(database=database), autocommit=True) as connection:
        found = submissions.list_keys(connection)
    for each in found:
        say(_key_line(each))
    if not found:
        say(
            Bilingual(
                "鍵はまだありません。最初に確定するときに作ります",
                "there is no key yet: it is made when the first report is frozen",
            )
        )


@key.command(
    help=Bilingual(
        "新しい鍵に替えます。これまでの署名は有効なままです。",
        "Change to a new key; earlier signatures stay valid.",
    )
)
@option(
    "--lost",
    is_flag=True,
    help=Bilingual(
        "鍵のファイルがないとき、使用中の鍵ではないときも、新しい鍵を作ります。",
        "Make one although the file is gone, or is not that of the key in use",
    ),
)
@database_option
def rotate(database: str | None, *, lost: bool) -> None:
    """Make a new key, in the file of the setting `report.key_file`."""
    settings = settings_for(database=database)
    with open_database(settings, autocommit=True) as connection:
        made = rotate_key(connection, settings.report.key_file, By.of_command(system_user()), lost=lost)
    say(_key_line(made), _keep_a_copy(settings.report.key_file))


@key.command(
    help=Bilingual(
        "設定 report.key_file にある鍵を、これから署名する鍵にします。",
        "Take the key in the file of the setting report.key_file as the one that signs from now on.",
    )
)
@database_option
def adopt(database: str | None) -> None:
    """Use a key that was prepared elsewhere, or that the database lost sight of."""
    settings = settings_for(database=database)
    with open_database(settings, autocommit=True) as connection:
        adopted = adopt_key(connection, settings.report.key_file, By.of_command(system_user()))
    say(_key_line(adopted), _keep_a_copy(settings.report.key_file))


def _keep_a_copy(path: Path) -> Bilingual:
    return Bilingual(
        f"鍵のファイルは {path.absolute()} です。設定とともに控えを取り、ほかの機械にも同じものを置いてください",
        f"the key is in {path.absolute()}: keep a copy with the settings, and the same file on other machines",
    )


def _key_line(each: Key) -> Bilingual:
    public, made_at = base64.b64encode(each.public_key).decode(), f"{to_jst(each.made_at):%Y-%m-%d %H:%M}"
    if not each.own:
        state = Bilingual("引き継いだ事業の鍵", "came with a project")
    elif each.retired_at is None:
        state = Bilingual("使用中", "in use")
    else:
        at = f"{to_jst(each.retired_at):%Y-%m-%d %H:%M}"
        state = Bilingual(f"{at} に交換", f"retired {at}")
    return Bilingual(f"{each.key_id} {public} {made_at} {state.ja}", f"{each.key_id} {public} {made_at} {state.en}")
