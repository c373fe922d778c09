"""Corrections (訂正): what they would touch, and how they are made and revoked. Readings themselves never change."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, LiteralString, NamedTuple

from psycopg import Connection
from psycopg.rows import class_row

from ingest.errors import CallRefused
from ingest.store.database import translated
from schemas.bilingual import Bilingual
from schemas.quantity import BY_CODE


class CorrectionKind(StrEnum):
    """The three questions a correction can answer about readings."""

    ANNUL = "annul"
    """These values do not count."""
    RECALIBRATE = "recalibrate"
    """The value times `scale` plus `offset` counts."""
    PREFER = "prefer"
    """Of a recorded conflict, this value counts."""


class Wish(NamedTuple):
    """A correction somebody asks for. None: all quantities, all channels, open beginning or end."""

    kind: CorrectionKind
    project: str
    device: str
    quantity: str | None
    channel: int | None
    starts: datetime | None
    ends: datetime | None
    scale: float | None = None
    offset: float | None = None
    value: float | None = None


class Touched(NamedTuple):
    """Stored readings of one quantity inside a span, and how many of them do not count already."""

    quantity: str
    readings: int
    annulled: int
    first_at: datetime
    last_at: datetime


@dataclass(frozen=True, slots=True)
class Correction:
    """One row, with the codes of what it is about."""

    correction_id: int
    kind: CorrectionKind
    project: str
    device: str
    quantity: str | None
    channel: int | None
    starts: datetime | None
    ends: datetime | None
    scale: float | None
    offset: float | None
    value: float | None
    who: str
    made_at: datetime
    why: str
    revoked_by: str | None
    revoked_at: datetime | None
    revoked_why: str | None


_INSIDE: LiteralString = """
r.device_id = %(device)s
and (%(quantity)s::smallint is null or r.quantity_id = %(quantity)s)
and (%(channel)s::smallint is null or r.channel = %(channel)s)
and r.time >= coalesce(%(starts)s::timestamptz, '-infinity') and r.time < coalesce(%(ends)s::timestamptz, 'infinity')
"""

_TOUCHED: LiteralString = f"""
select q.code, count(*), count(*) - (
    select count(*) from reading_counted r where r.quantity_id = q.quantity_id and {_INSIDE}
), min(r.time), max(r.time)
from reading r join quantity q using (quantity_id)
where {_INSIDE} group by q.quantity_id, q.code order by q.quantity_id
"""  # noqa: S608  made of constants

_RECORDED: LiteralString = f"""
select value from reading r where {_INSIDE} union select value from reading_conflict r where {_INSIDE} order by 1
"""  # noqa: S608

_INSERT: LiteralString = """
insert into correction (kind, device_id, quantity_id, channel, starts, ends, scale, offset_, value, who, why)
values (%(kind)s, %(device)s, %(quantity)s, %(channel)s, %(starts)s, %(ends)s, %(scale)s, %(offset)s, %(value)s,
        %(who)s, %(why)s)
returning correction_id
"""

_SELECT: LiteralString = """
select c.correction_id, c.kind, p.code as project, d.code as device, q.code as quantity, c.channel, c.starts, c.ends,
       c.scale, c.offset_ as offset, c.value, c.who, c.made_at, c.why, c.revoked_by, c.revoked_at, c.revoked_why
from correction c
join device d using (device_id)
join project p using (project_id)
left join quantity q on q.quantity_id = c.quantity_id
"""

_REVOKE: LiteralString = """
select device_id as device, quantity_id as quantity, channel, starts, ends
from correction_revoke(%(id)s, %(who)s, %(why)s)
"""

# Only what is stored can have been added up already: an open end is closed at the last reading.
_TOUCH: LiteralString = f"""
select rollup_touch(%(device)s::integer, min(r.time), max(r.time) + interval '1 microsecond')
from reading r where {_INSIDE} having count(*) > 0
"""  # noqa: S608


def touched(connection: Connection[Any], wish: Wish) -> list[Touched]:
    """What the correction would touch, by quantity.

    Raises CallRefused where it is impossible: an unknown device, a state to recalibrate, a value nobody measured.
    """
    with translated(), connection.transaction():
        values = _values(connection, wish)
        if wish.kind is CorrectionKind.PREFER:
            _refuse_invented(connection, wish, values)
        return [Touched(*row) for row in connection.execute(_TOUCHED, values)]


def correct(connection: Connection[Any], wish: Wish, who: str, why: str) -> int:
    """Make the correction; returns its number. It counts from the commit on, and the rollups it touches become due."""
    with translated(), connection.transaction():
        values = _values(connection, wish) | _signed(who, why)
        row = connection.execute(_INSERT, values).fetchone()
        _touch(connection, values)
    assert row is not None  # insert ... returning
    return int(row[0])


def corrections(
    connection: Connection[Any], *, project: str | None = None, device: str | None = None, revoked: bool = False
) -> list[Correction]:
    """Corrections in force, of all or of one project or device; with `revoked` those too. The oldest first."""
    where: LiteralString = """
        where (%(project)s::text is null or p.code = %(project)s) and (%(device)s::text is null or d.code = %(device)s)
          and (%(revoked)s or c.revoked_at is null)
        order by c.correction_id
    """
    values = {"project": project, "device": device, "revoked": revoked}
    with translated(), connection.cursor(row_factory=class_row(Correction)) as cursor:
        return cursor.execute(_SELECT + where, values).fetchall()


def correction(connection: Connection[Any], correction_id: int) -> Correction:
    """The correction of this number. Raises CallRefused if there is none."""
    with translated(), connection.cursor(row_factory=class_row(Correction)) as cursor:
        row = cursor.execute(_SELECT + "where c.correction_id = %s", (correction_id,)).fetchone()
    if row is None:
        raise CallRefused(
            Bilingual(
                f"訂正 {correction_id} はありません。noroshi corrections list --revoked で一覧を見られます",
                f"there is no correction {correction_id}; `noroshi corrections list --revoked` shows them",
            )
        )
    return row


def revoke(connection: Connection[Any], correction_id: int, who: str, why: str) -> None:
    """Take a correction back. It stays on record. Raises CallRefused if it is revoked already."""
    with translated(), connection.transaction(), connection.cursor() as cursor:
        signed = _signed(who, why)
        row = cursor.execute(_REVOKE, {"id": correction_id, **signed}).fetchone()
        if row is None:
            before = correction(connection, correction_id)
            raise CallRefused(
                Bilingual(
                    f"訂正 {correction_id} は、{before.revoked_by} がすでに取り消しています",
                    f"correction {correction_id} was revoked before, by {before.revoked_by}",
                )
            )
        names = ("device", "quantity", "channel", "starts", "ends")
        _touch(connection, dict(zip(names, row, strict=True)))


def _signed(who: str, why: str) -> dict[str, Any]:
    if not who.strip() or not why.strip():
        raise CallRefused(
            Bilingual(
                "--who と --why を空にはできません。五年後に尋ねる人が読みます",
                "--who and --why must say something: whoever asks in five years reads them",
            )
        )
    return {"who": who.strip(), "why": why.strip()}


def _values(connection: Connection[Any], wish: Wish) -> dict[str, Any]:
    query = "select device_id from device join project p using (project_id) where p.code = %s and device.code = %s"
    row = connection.execute(query, (wish.project, wish.device)).fetchone()
    if row is None:
        key = f"{wish.project}/{wish.device}"
        raise CallRefused(Bilingual(f"機器 {key} は台帳にありません", f"there is no device {key} in the registry"))
    if wish.starts is not None and wish.ends is not None and wish.starts >= wish.ends:
        raise CallRefused(Bilingual("--from を --to より前にしてください", "--from is not before --to"))
    quantity = None if wish.quantity is None else BY_CODE.get(wish.quantity)
    if wish.quantity is not None and quantity is None:
        raise CallRefused(
            Bilingual(
                f"測定項目 {wish.quantity!r} は一覧にありません。noroshi quantities で見られます",
                f"there is no quantity {wish.quantity!r} in the catalogue",
            )
        )
    if wish.kind is CorrectionKind.RECALIBRATE and quantity is not None and quantity.states:
        raise CallRefused(
            Bilingual(
                f"{quantity.code} は状態なので、倍率がありません。noroshi annul で無効にしてください",
                f"{quantity.code} has states, which have no scale; annul them instead",
            )
        )
    return {
        "kind": str(wish.kind), "device": row[0], "quantity": quantity and quantity.id, "channel": wish.channel,
        "starts": wish.starts, "ends": wish.ends, "scale": wish.scale, "offset": wish.offset, "value": wish.value,
    }  # fmt: skip


def _refuse_invented(connection: Connection[Any], wish: Wish, values: dict[str, Any]) -> None:
    recorded = [value for (value,) in connection.execute(_RECORDED, values)]
    if wish.value not in recorded:
        known = ", ".join(f"{value:g}" for value in recorded)
        raise CallRefused(
            Bilingual(
                f"--value {wish.value:g} はその時刻の測定値ではありません。記録にあるもの: {known or 'なし'}",
                f"--value {wish.value:g} was not measured at that time; on record: {known or 'nothing'}",
            )
        )


def _touch(connection: Connection[Any], values: dict[str, Any]) -> None:
    exists = connection.execute("select to_regprocedure('rollup_touch(integer, timestamptz, timestamptz)')").fetchone()
    if exists != (None,):
        connection.execute(_TOUCH, values)
