"""`noroshi db`: migrations, the state of the database, and rollups."""

import json
from datetime import UTC, datetime
from pathlib import Path

import click

from ingest.cli import db_status
from ingest.cli.command import group, option
from ingest.cli.database import open_database
from ingest.cli.options import AS_JSON, database_option, settings_for
from ingest.cli.say import say, say_json
from ingest.cli.table import row
from ingest.errors import CallRefused
from ingest.store import timescale
from ingest.store.database import describe
from ingest.store.rollup import rollup
from ingest.store.schema import migrate
from ingest.store.status import status as store
from ingest.store.status.outlook import SERVICE_CONNECTIONS, warnings
from schemas.bilingual import Bilingual, quoted
from schemas.japan import JST


@group(
    help=Bilingual(
        "データベースを新しくし、何ができ、どれだけ大きいかを示します。",
        "The database: bring it up to date, see what it can do and how large it is.",
    )
)
def db() -> None:
    """The group of commands for the database as a whole."""


@db.command(
    help=Bilingual(
        "データベースを、この版に合わせます。", "Bring the database to what this version of the program needs."
    )
)
@database_option
def upgrade(database: str | None) -> None:
    """Apply every pending migration."""
    settings = settings_for(database=database)
    with open_database(settings) as connection:
        applied = migrate.upgrade(connection)
        if settings.web.url:
            migrate.set_pages_url(connection, settings.web.url)
        server = timescale.ask(connection)
    for name in applied:
        say(Bilingual(f"適用しました: {name}", f"applied {name}"))
    where = describe(settings.database.url)
    say(Bilingual(f"{where} は最新です(tier: {server.tier})。", f"{where} is up to date (tier: {server.tier})"))


@db.command(
    help=Bilingual(
        "版、種別、移行、大きさ、定期処理と、これから困ることを示します。",
        "Versions, tier, migrations, sizes, jobs, and what will hurt.",
    )
)
@option("--json", "as_json", is_flag=True, help=AS_JSON)
@option(
    "--disk",
    type=click.Path(exists=True, path_type=Path),
    help=Bilingual("データベースのディスク上の場所。", "A path on the disk of the database"),
)
@database_option
def status(
    *,
    as_json: bool,
    disk: Path | None,
    database: str | None,
) -> None:
    """Print the state of the database as lines or as one JSON object."""
    settings = settings_for(database=database)
    with open_database(settings, autocommit=True) as connection:
        server = timescale.ask(connection)
        waiting = migrate.pending(connection)
        state = None if waiting else store.status(connection)
    about = {
        "database": describe(settings.database.url),
        "postgresql": server.postgresql,
        "timescaledb": server.timescaledb_text,
        "tier": str(server.tier),
        "migrations_waiting": len(waiting),
    }
    free = None if state is None else store.free_bytes(state, disk or settings.database.disk)
    needed = settings.intake.writers + SERVICE_CONNECTIONS
    warned = [] if state is None else list(warnings(state, disk_free=free, connections=needed, now=datetime.now(UTC)))
    if as_json:
        more = {} if state is None else db_status.as_json(state, free, warned)
        say_json(json.dumps(about | more, ensure_ascii=False, default=db_status.plain).encode())
        return
    say(*(row(ja, en, quoted(about[en] or "-"), 13) for ja, en in HEAD), _migrations(len(waiting)))
    if state is not None:
        say(*db_status.lines(state, free, warned))


HEAD = (("データベース", "database"), ("PostgreSQL", "postgresql"), ("TimescaleDB", "timescaledb"), ("種別", "tier"))


def _migrations(waiting: int) -> Bilingual:
    state = Bilingual("最新", "up to date")
    if waiting:
        state = Bilingual(
            f"{waiting} 件が未適用です。noroshi db upgrade を実行してください",
            f"{waiting} waiting: run `noroshi db upgrade`",
        )
    return row("移行", "migrations", state, 13)


@db.command(
    "rollup",
    help=Bilingual(
        """時間と日の集計を、動いているサービスが自分で行うのと同じように、最新にします。

        サービスと並べて実行しても、途中で止めても、繰り返してもかまいません。""",
        """Bring the sums by hour and day up to date, as the running service does by itself.

        Safe beside a running service, to interrupt and to repeat.""",
    ),
)
@option(
    "--from",
    "since",
    metavar="YYYY-MM-DD",
    help=Bilingual("この日(日本時間)からすべて計算し直します。", "Compute everything since this day in Japan again"),
)
@option("--project", metavar="CODE", help=Bilingual("この事業の機器だけ。", "Only devices of this project"))
@option(
    "--device",
    "devices",
    metavar="CODE",
    multiple=True,
    help=Bilingual("この機器だけ。何度でも書けます。", "Only this device; may be given several times"),
)
@database_option
def rollup_command(since: str | None, project: str | None, devices: tuple[str, ...], database: str | None) -> None:
    """Mark rollups as due, then compute them."""
    if since is None and (project is not None or devices):
        raise CallRefused(
            Bilingual(
                "--project と --device は --from の範囲を狭めます。--from も書いてください",
                "--project and --device say what --from means: give --from as well",
            )
        )
    start = None if since is None else _midnight(since)
    with open_database(settings_for(database=database), autocommit=True) as connection:
        connection.execute("set statement_timeout = 0; set jit = off")
        if start is not None:
            chosen = rollup.devices_of(connection, project, devices)
            unknown = sorted(set(devices) - set(chosen.values()))
            if unknown:
                raise CallRefused(
                    Bilingual(
                        f"--device {unknown[0]}: 台帳にない機器です",
                        f"--device {unknown[0]}: there is no such device in the registry",
                    )
                )
            hours = f"{rollup.touch(connection, list(chosen), start):,}"
            say(Bilingual(f"{hours} 時間分を計算し直すことにしました。", f"{hours} hours noted"))
        kept = rollup.keep(connection)
    until = _text(kept.until)
    say(
        Bilingual(
            f"{kept.refreshed:,} 時間分を計算し直しました。{until} まで締めました。",
            f"{kept.refreshed:,} hours computed again, closed until {until}",
        )
    )


def _midnight(day: str) -> datetime:
    try:
        return datetime.strptime(day, "%Y-%m-%d").replace(tzinfo=JST)
    except ValueError:
        raise CallRefused(
            Bilingual(f"--from {day}: 日は 2026-04-01 の形で書いてください", f"--from {day}: write a day as 2026-04-01")
        ) from None


def _text(at: datetime | None) -> str:
    return (at or datetime.now(UTC)).astimezone(JST).isoformat(sep=" ", timespec="minutes")
