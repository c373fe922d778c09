"""Shows the progress of the demonstration: a table on a terminal, plain lines elsewhere."""

import time
from collections.abc import Mapping
from types import TracebackType
from typing import NamedTuple, Self

from rich.console import Console
from rich.live import Live
from rich.table import Table

from ingest.simulator.station import Tally
from schemas.bilingual import Bilingual, quoted

PLAIN_EVERY_S = 5.0

PHASES = {
    "starting": Bilingual("起動", "starting"),
    "history": Bilingual("過去の分", "history"),
    "live": Bilingual("現在", "live"),
    "stopping": Bilingual("終了処理", "stopping"),
}


class Snapshot(NamedTuple):
    """The state of a run at one moment. `counts`: the account of the service, None while it does not answer."""

    phase: str
    acknowledged: int
    counts: Mapping[str, int] | None
    tally: Tally


class Progress:
    """Shows snapshots. The rate is that of the last few seconds."""

    def __init__(self, console: Console, title: str) -> None:
        self._console = console
        self._title = title
        self._live = Live(console=console, refresh_per_second=4, transient=True) if console.is_terminal else None
        self._plain_at_s = float("-inf")
        self._phase = ""
        self._began_s = time.monotonic()
        self._recent: list[tuple[float, int]] = []

    def __enter__(self) -> Self:
        if self._live is not None:
            self._live.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._live is not None:
            self._live.stop()

    def show(self, now: Snapshot) -> None:
        """Show a snapshot: on a terminal at once, in a log every five seconds or when the phase changes."""
        seconds = time.monotonic() - self._began_s
        rate = self._rate(seconds, now.acknowledged)
        if self._live is not None:
            self._live.update(self._table(now, seconds, rate))
        elif now.phase != self._phase or seconds - self._plain_at_s >= PLAIN_EVERY_S:
            self._plain_at_s, self._phase = seconds, now.phase
            self._console.print(_line(now, seconds, rate), soft_wrap=True, highlight=False, markup=False)

    def _rate(self, seconds: float, acknowledged: int) -> float:
        self._recent = [(at, count) for at, count in self._recent if seconds - at <= PLAIN_EVERY_S]
        self._recent.append((seconds, acknowledged))
        (first_at, first), (last_at, last) = self._recent[0], self._recent[-1]
        return (last - first) / (last_at - first_at) if last_at > first_at else 0.0

    def _table(self, now: Snapshot, seconds: float, rate: float) -> Table:
        table = Table(title=self._title, show_header=False, min_width=64)
        table.add_row(str(Bilingual("経過", "elapsed")), f"{PHASES.get(now.phase, quoted(now.phase))} {seconds:,.0f} s")
        table.add_row(str(Bilingual("送信", "published")), f"{now.acknowledged:,}  ({rate:,.0f}/s)")
        counts = now.counts or {}
        for label, name in _COUNTS:
            table.add_row(str(label), f"{counts[name]:,}" if name in counts else "…")
        for fault, number in now.tally.faults.items():
            table.add_row(f"  {Bilingual(fault.label.ja, str(fault))}", f"{number:,}")
        lost = Bilingual("電波で消失 / 基地局停止で不達", "lost on air / behind a dead gateway")
        table.add_row(str(lost), f"{now.tally.lost_on_air:,} / {now.tally.silenced:,}")
        return table


_COUNTS = (
    (Bilingual("受信", "received"), "messages_received"),
    (Bilingual("保存", "stored"), "messages_stored"),
    (Bilingual("重複", "duplicate"), "messages_duplicate"),
    (Bilingual("隔離", "quarantined"), "messages_quarantined"),
    (Bilingual("処理中", "in flight"), "messages_in_flight"),
    (Bilingual("保存した測定値", "readings stored"), "readings_stored"),
)


def _line(now: Snapshot, seconds: float, rate: float) -> str:
    counts = now.counts or {}
    account = " ".join(f"{name.removeprefix('messages_')}={counts.get(name, 0)}" for _, name in _COUNTS)
    faults = sum(now.tally.faults.values())
    return f"{now.phase} {seconds:.0f}s published={now.acknowledged} {account} faults={faults} rate={rate:.0f}/s"
