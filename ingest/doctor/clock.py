"""Checks our clock: does NTP keep it, and does the database agree?"""

import asyncio
import ctypes
from collections.abc import Iterator, Sequence
from pathlib import Path

from ingest.doctor.finding import Finding, bad, note, ok, warning
from ingest.doctor.installation import Installation
from ingest.store.database import WatchedConnection
from ingest.store.doctor.server import Clock, clock
from schemas.bilingual import Bilingual

UNSYNCHRONISED = 0x40
TIMESYNC = Path("/run/systemd/timesync/synchronized")
AGREE_S = 1.0


class _Timex(ctypes.Structure):
    """The beginning of the kernel's `struct timex`, padded to its size."""

    _fields_ = (
        ("modes", ctypes.c_uint),
        ("offset", ctypes.c_long),
        ("freq", ctypes.c_long),
        ("maxerror", ctypes.c_long),
        ("esterror", ctypes.c_long),
        ("status", ctypes.c_int),
        ("rest", ctypes.c_byte * 256),
    )


def synchronised() -> bool | None:
    """Whether the clock of this machine is synchronised; None if the system does not tell."""
    if TIMESYNC.exists():
        return True
    timex = _Timex()  # no modes: it is only read
    try:
        answer = ctypes.CDLL(None).adjtimex(ctypes.byref(timex))
    except (AttributeError, OSError):
        return None
    return None if answer < 0 else not timex.status & UNSYNCHRONISED


async def ours(_installation: Installation) -> Sequence[Finding]:
    """Check NTP on this machine."""
    return [findings_of_ours(await asyncio.to_thread(synchronised))]


def findings_of_ours(kept: bool | None) -> Finding:  # noqa: FBT001  three answers, one question
    """The finding on our clock, which gives the times of receipt."""
    if kept is None:
        return note(Bilingual("時刻合わせ(NTP)の状態が分かりません", "whether this clock is kept by NTP is not known"))
    if kept:
        return ok("この機械の時計は時刻合わせ(NTP)されています", "the clock of this machine is kept")
    return warning(
        Bilingual("この機械の時計は時刻合わせ(NTP)されていません", "nobody keeps the clock of this machine"),
        Bilingual(
            "受信時刻がずれ、機器の正しい時刻を未来と判定します。chrony か systemd-timesyncd を動かしてください"
            "(コンテナの中では、外の機械で確かめてください)",
            "times of receipt drift, and right clocks look ahead: run chrony or systemd-timesyncd"
            " (in a container: on its host)",
        ),
    )


def theirs(installation: Installation, connection: WatchedConnection) -> Sequence[Finding]:
    """Check the database's clock, by which pages and figures tell who is silent."""
    return list(findings_of_theirs(clock(connection), installation.settings.clock.ahead_tolerance_s))


def findings_of_theirs(difference: Clock, tolerance_s: float) -> Iterator[Finding]:
    """The finding on the difference of both clocks: bad beyond `tolerance_s`, a warning beyond AGREE_S."""
    apart_s = max(abs(difference.ahead_s) - difference.uncertain_s, 0.0)
    way = Bilingual("進んで", "ahead") if difference.ahead_s > 0 else Bilingual("遅れて", "behind")
    if apart_s <= AGREE_S:
        yield ok(
            f"データベースの時計との差は {difference.ahead_s:+.3f} 秒です",
            f"the database's clock differs by {difference.ahead_s:+.3f} s",
            ahead_s=difference.ahead_s,
        )
        return
    make = bad if apart_s > tolerance_s else warning
    yield make(
        Bilingual(
            f"データベースの時計が {apart_s:,.1f} 秒{way.ja}います",
            f"the database's clock is {apart_s:,.1f} s {way.en} of ours",
        ),
        Bilingual("両方の機械で時刻合わせ(NTP)を動かしてください", "run NTP on both machines"),
        ahead_s=difference.ahead_s,
    )
