"""What will hurt a database, told from its status before it does."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Literal, NamedTuple

from ingest.store.status.status import Status
from ingest.store.timescale import COLUMNSTORE, Tier
from schemas.bilingual import Bilingual

SERVICE_CONNECTIONS = 7
"""Connections beside the writers: four for the pages, one that follows the registry, two for background jobs."""
DISK_DAYS = 90
XID_AGE = 1_000_000_000
"""Half way to the two billion at which the server refuses to write; autovacuum should have come at a tenth of it."""
ROW_STORE_DAYS = 45
"""A chunk older than this should lie in the columnstore."""


def days_left(status: Status, disk_free: int | None) -> int | None:
    """Days until the disk is full at the rate of the last days; None where rate or room are not known."""
    if disk_free is None or not status.bytes_per_day:
        return None
    return disk_free // status.bytes_per_day


class Trouble(NamedTuple):
    """`about`: which part of the database it is."""

    about: Literal["disk", "server", "columnstore", "job"]
    found: Bilingual
    todo: Bilingual


def warnings(status: Status, *, disk_free: int | None, connections: int, now: datetime) -> Iterator[Bilingual]:
    """Each a sentence that says what, and what to do. `connections`: how many a service of these settings takes."""
    for trouble in troubles(status, disk_free=disk_free, connections=connections, now=now):
        yield Bilingual(f"{trouble.found.ja}。{trouble.todo.ja}", f"{trouble.found.en}: {trouble.todo.en}")


def troubles(status: Status, *, disk_free: int | None, connections: int, now: datetime) -> Iterator[Trouble]:
    """As `warnings`, with the part of the database, and finding and advice apart."""
    days = days_left(status, disk_free)
    if days is not None and days < DISK_DAYS:
        yield Trouble(
            "disk",
            Bilingual(
                f"今の増え方では {days} 日でディスクが一杯になります",
                f"the disk is full in {days} days at the present rate",
            ),
            Bilingual(
                "空きを作るか、保存期間を見直してください(noroshi retention)",
                "make room, or keep less (`noroshi retention`)",
            ),
        )
    yield from _limits(status, connections)
    yield from _columnstore(status, now)
    yield from _jobs(status)


def _limits(status: Status, connections: int) -> Iterator[Trouble]:
    limits = status.limits
    if limits.xid_age > max(XID_AGE, 2 * limits.freeze_max_age):
        yield Trouble(
            "server",
            Bilingual(
                f"最後の凍結(freeze)から {limits.xid_age:,} トランザクションたっています",
                f"{limits.xid_age:,} transactions since the last freeze",
            ),
            Bilingual(
                "autovacuum が終われていません。長いトランザクションを探し、その後 vacuum freeze を実行してください",
                "autovacuum does not get through; look for long transactions, then run `vacuum freeze`",
            ),
        )
    room = limits.max_connections - limits.reserved - limits.others
    if room < connections:
        yield Trouble(
            "server",
            Bilingual(
                f"max_connections = {limits.max_connections} のうち使えるのは {max(room, 0)} 接続で、"
                f"サービス1つに {connections} 接続が要ります",
                f"max_connections = {limits.max_connections} leaves {max(room, 0)} connections and one process"
                f" of the service takes {connections}",
            ),
            Bilingual(
                "max_connections を増やすか、intake.writers を減らしてください", "raise it, or lower intake.writers"
            ),
        )


def _columnstore(status: Status, now: datetime) -> Iterator[Trouble]:
    if status.tier is not Tier.COMMUNITY:
        return
    kept = {job.table for job in status.jobs if job.name in {"policy_compression", "policy_columnstore"}}
    for table in COLUMNSTORE:
        if table not in kept:
            yield Trouble(
                "columnstore",
                Bilingual(
                    f"{table} に列圧縮の規則(columnstore policy)がありません", f"{table} has no columnstore policy"
                ),
                Bilingual(
                    "ディスクを何倍も使います。noroshi db upgrade を実行してください",
                    "it takes several times the disk; run `noroshi db upgrade`",
                ),
            )
    for chunks in status.chunks:
        if chunks.table in kept and chunks.waiting and chunks.waiting < now - timedelta(days=ROW_STORE_DAYS):
            yield Trouble(
                "columnstore",
                Bilingual(
                    f"{chunks.table} に、列圧縮されないまま {ROW_STORE_DAYS} 日を超えたデータがあります",
                    f"{chunks.table} has chunks older than {ROW_STORE_DAYS} days outside the columnstore",
                ),
                Bilingual(
                    "圧縮の定期処理が動いているか、記録を見てください", "see whether its policy runs, and the log"
                ),
            )


def _jobs(status: Status) -> Iterator[Trouble]:
    for job in status.jobs:
        if job.failed or job.late:
            about = f"{job.name} of {job.table}" if job.table else job.name
            where = f"{job.name}({job.table})" if job.table else job.name
            yield Trouble(
                "job",
                Bilingual(
                    f"定期処理 {where} が{'失敗しました' if job.failed else '遅れています'}",
                    f"{about} {'failed' if job.failed else 'is late'}",
                ),
                Bilingual("サービスとデータベースの記録を見てください", "see the log"),
            )
