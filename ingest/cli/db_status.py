"""The output of `noroshi db status`, as lines and as JSON."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from ingest.cli.moments import shown
from ingest.cli.table import padded, row
from ingest.store.status.outlook import days_left
from ingest.store.status.status import Chunks, Job, Status
from schemas.bilingual import Bilingual

MIB = 2**20


def lines(status: Status, disk_free: int | None, warned: Sequence[Bilingual]) -> Iterator[Bilingual]:
    """Short aligned lines, with the warnings last, where they are noticed."""
    for table in status.tables:
        yield _size(table.name.removesuffix("_packed"), table.rows, table.bytes)
    whole = f"{status.database_bytes / MIB:>12,.1f} MiB"
    yield row("全体", "database", Bilingual(f"{'':>17} {whole}", f"{'':>19} {whole}"), 18)
    for project in status.projects:
        size = f"{project.bytes / MIB:>8,.1f} MiB"
        yield Bilingual(
            f"{padded(f'事業 {project.project}', 18)}{project.readings:>14,} 件 {size} ほど",
            f"project {project.project:<10}{project.readings:>14,} readings {size}  about",
        )
    yield from map(_chunks, status.chunks)
    yield from map(_job, status.jobs)
    yield row("増え方", "growth", _growth(status, disk_free), 13)
    most, others = status.limits.max_connections, status.limits.others
    taken = Bilingual(f"最大 {most}、うちほかが {others} を使用", f"{most} at most, {others} taken by others")
    yield row("接続", "connections", taken, 13)
    age = f"{status.limits.xid_age:,}"
    yield row("凍結から", "freeze age", Bilingual(f"{age} トランザクション", f"{age} transactions"), 13)
    for warning in warned:
        yield Bilingual(f"注意  {warning.ja}", f"WARNING  {warning.en}")


def _size(name: str, rows: int, size: int) -> Bilingual:
    mib = f"{size / MIB:>12,.1f} MiB"
    return Bilingual(f"{name:<18}{rows:>14,} 件 {mib}", f"{name:<18}{rows:>14,} rows {mib}")


def _chunks(chunks: Chunks) -> Bilingual:
    since = shown(chunks.oldest)
    text = Bilingual(
        f"{chunks.table}: {chunks.chunks} 個、{since} から", f"{chunks.table}: {chunks.chunks}, since {since}"
    )
    if chunks.before_bytes and chunks.after_bytes:
        sizes = f"{chunks.before_bytes / MIB:,.1f} -> {chunks.after_bytes / MIB:,.1f} MiB"
        ratio = f"1/{chunks.before_bytes / chunks.after_bytes:.1f}"
        packed = chunks.in_columnstore
        text = Bilingual(
            f"{text.ja}。列圧縮 {packed} 個、{sizes} ({ratio})",
            f"{text.en}; in the columnstore {packed}, {sizes} ({ratio})",
        )
    return row("分割", "chunks", text, 13)


FAILED, LATE, OK, NEW = (
    Bilingual("失敗", "FAILED"),
    Bilingual("遅れ", "late"),
    Bilingual("正常", "ok"),
    Bilingual("未実行", "has not run yet"),
)


def _job(job: Job) -> Bilingual:
    state = FAILED if job.failed else LATE if job.late else OK if job.last_run else NEW
    about = job.name + (f" {job.table}" if job.table else "")
    last = shown(job.last_run, Bilingual("なし", "never"))
    return row(
        "定期処理",
        "job",
        Bilingual(
            f"{about}、{job.every} ごと、前回 {last.ja}: {state.ja}",
            f"{about}, every {job.every}, last run {last.en}: {state.en}",
        ),
        13,
    )


def _growth(status: Status, disk_free: int | None) -> Bilingual:
    if status.bytes_per_day is None:
        return Bilingual("分かりません(最近届いたものがありません)", "not known: nothing came in lately")
    rate = f"{status.bytes_per_day / MIB:,.1f} MiB"
    if disk_free is None:
        return Bilingual(
            f"一日 {rate}(WAL を除く)。ディスクの空きはここからは分かりません(--disk PATH で示せます)",
            f"{rate} a day, without WAL; room on the disk is not known from here (--disk PATH says where it is)",
        )
    days, free = days_left(status, disk_free), f"{disk_free / MIB:,.0f} MiB"
    lasts = Bilingual("", "") if days is None else Bilingual(f"、あと {days:,} 日分", f", enough for {days:,} days")
    return Bilingual(
        f"一日 {rate}(WAL を除く)。空き {free}{lasts.ja}", f"{rate} a day, without WAL; {free} free{lasts.en}"
    )


def as_json(status: Status, disk_free: int | None, warned: Sequence[Bilingual]) -> dict[str, Any]:
    """The status for programs: bytes and seconds as numbers, times in RFC 3339, warnings always in English."""
    body = asdict(status)
    body |= {"tables": [size._asdict() for size in status.tables], "chunks": [each._asdict() for each in status.chunks]}
    body["limits"] = status.limits._asdict()
    more = {"disk_free_bytes": disk_free, "days_left": days_left(status, disk_free)}
    return body | more | {"warnings": [warning.en for warning in warned]}


def plain(value: object) -> object:
    """A value of a type that JSON lacks, as one it has."""
    return value.isoformat() if isinstance(value, datetime) else str(value)
