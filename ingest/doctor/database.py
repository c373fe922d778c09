"""Checks the database: is it there, is COMMIT durable, does it fit this program, do its jobs run?"""

from collections.abc import Iterator, Sequence

from ingest.doctor.finding import Finding, bad, note, ok, warning
from ingest.doctor.installation import Installation
from ingest.store import timescale
from ingest.store.database import WatchedConnection
from ingest.store.doctor.roles import has_pooler_between
from ingest.store.doctor.server import Durability, Link, durability, link
from ingest.store.schema import migrate
from ingest.store.status.outlook import SERVICE_CONNECTIONS, Trouble, days_left, troubles
from ingest.store.status.status import Status, free_bytes, status
from ingest.store.timescale import Server, Tier
from schemas.bilingual import Bilingual

BAD_DISK_DAYS = 14

UPGRADE = Bilingual("noroshi db upgrade を実行してください", "run `noroshi db upgrade`")


def reach(installation: Installation, connection: WatchedConnection) -> Sequence[Finding]:
    """Check versions, tier, migrations, and whether COMMIT is durable."""
    server = timescale.ask(connection)
    waiting = len(migrate.pending(connection))
    findings = [
        *_pooled(connection),
        *_fits(server, waiting),
        *_holds(durability(connection)),
        *_comes(link(connection)),
    ]
    if waiting:
        return findings
    return [_versions(server), *findings, *_server(installation, status(connection))]


def _versions(server: Server) -> Finding:
    about = f"PostgreSQL {server.postgresql}, TimescaleDB {server.timescaledb_text or '-'}"
    return ok(about, about, tier=str(server.tier))


def _fits(server: Server, waiting: int) -> Iterator[Finding]:
    if waiting:
        yield bad(
            Bilingual(f"適用していない変更(migration)が {waiting} 件あります", f"{waiting} migrations are waiting"),
            UPGRADE,
            waiting=waiting,
        )
    if server.tier is not Tier.COMMUNITY:
        yield note(
            Bilingual(
                f"TimescaleDB の community 版ではありません({server.tier})",
                f"this is not TimescaleDB's community edition ({server.tier})",
            ),
            Bilingual(
                "列圧縮がなく、測定値がディスクを約10倍使います。本番では community 版を勧めます",
                "without the columnstore readings take about ten times the disk: use it in production",
            ),
        )


def _pooled(connection: WatchedConnection) -> Iterator[Finding]:
    if has_pooler_between(connection):
        yield bad(
            Bilingual("間に接続プール(PgBouncer など)があります", "a pooler (PgBouncer or the like) is in between"),
            Bilingual(
                "取込の排他制御と一時表は接続ごとのものです。database.url に PostgreSQL 自身を書いてください",
                "locks and temporary tables of the service belong to a connection: name PostgreSQL itself",
            ),
        )


def _holds(durability: Durability) -> Iterator[Finding]:
    if durability.read_only:
        yield bad(
            Bilingual("読み取り専用です(待機系か、既定の設定)", "it is read-only: a standby, or set so"),
            Bilingual(
                "書き込めるサーバーを database.url に書いてください",
                "let database.url name the server that is written to",
            ),
        )
    if durability.switched_off:
        names = ", ".join(durability.switched_off)
        yield bad(
            Bilingual(f"{names} が off です", f"{names} off"),
            Bilingual(
                "停電などで、確認済み(PUBACK)のメッセージが失われます。on に戻してください",
                "after a power cut messages are missing that we acknowledged: set them on",
            ),
            switched_off=durability.switched_off,
        )


def _comes(link: Link) -> Iterator[Finding]:
    if not link.password_used and not link.local:
        yield note(
            Bilingual("パスワードなしで接続できました", "it let us in without a password"),
            Bilingual(
                "pg_hba.conf の trust を scram-sha-256 か cert にしてください",
                "replace trust in pg_hba.conf: scram-sha-256 or cert",
            ),
        )


def _server(installation: Installation, state: Status) -> Iterator[Finding]:
    yield from (_as_warning(each) for each in _troubles(installation, state, None) if each.about == "server")


def housekeeping(installation: Installation, connection: WatchedConnection) -> Sequence[Finding]:
    """Check that policies and jobs exist and run on time without failures."""
    if migrate.pending(connection):
        return [unmigrated()]
    state = status(connection)
    findings = [
        _as_warning(each) for each in _troubles(installation, state, None) if each.about in {"columnstore", "job"}
    ]
    ran = [job.last_run for job in state.jobs if job.last_run is not None]
    if not ran:
        findings.append(
            note(
                Bilingual("定期処理はまだ一度も動いていません", "no job has run yet"),
                Bilingual(
                    "取込サービス(noroshi ingest)が動いているか確かめてください", "see that `noroshi ingest` is running"
                ),
            )
        )
    return findings or [ok(f"定期処理 {len(state.jobs)} 件は予定どおりです", f"{len(state.jobs)} jobs run as planned")]


def disk(installation: Installation, connection: WatchedConnection) -> Sequence[Finding]:
    """Check how long the space on the disk lasts."""
    if migrate.pending(connection):
        return [unmigrated()]
    state = status(connection)
    free = free_bytes(state, installation.disk or installation.settings.database.disk)
    days = days_left(state, free)
    full = [each for each in _troubles(installation, state, free) if each.about == "disk"]
    if full:
        make = bad if days is not None and days < BAD_DISK_DAYS else warning
        return [make(each.found, each.todo, days=days, free_bytes=free) for each in full]
    if free is None:
        return [
            note(
                Bilingual(
                    "データベースのディスクの空きは、ここからは見えません",
                    "room on the disk of the database cannot be seen from here",
                ),
                Bilingual(
                    "データベースの機械で --disk PATH を付けて実行してください",
                    "call this on its machine, with --disk PATH",
                ),
            )
        ]
    gib = free / 2**30
    if days is None:
        return [
            ok(
                f"空き {gib:,.1f} GiB(増え方はまだ分かりません)",
                f"{gib:,.1f} GiB free (growth not known yet)",
                free_bytes=free,
            )
        ]
    return [
        ok(
            f"空き {gib:,.1f} GiB、今の増え方で {days:,} 日ぶん",
            f"{gib:,.1f} GiB free, enough for {days:,} days",
            days=days,
        )
    ]


def _troubles(installation: Installation, state: Status, free: int | None) -> Iterator[Trouble]:
    needed = installation.settings.intake.writers + SERVICE_CONNECTIONS
    return troubles(state, disk_free=free, connections=needed, now=installation.now)


def _as_warning(trouble: Trouble) -> Finding:
    return warning(trouble.found, trouble.todo)


def unmigrated() -> Finding:
    """The finding of checks whose tables a migration has still to make."""
    return note(
        Bilingual("変更(migration)の適用後に調べます", "not examined before the migrations are applied"), UPGRADE
    )
