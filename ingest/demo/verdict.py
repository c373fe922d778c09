"""The account at the end: does it balance, and is anything lost?"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from ingest.simulator.station import Tally
from schemas.bilingual import Bilingual

SUMMARY_KEYS = (
    "received", "stored", "duplicate", "quarantined", "in_flight", "readings_stored",
    "devices", "seconds", "database", "timescaledb", "broker", "url",
)  # fmt: skip


@dataclass(frozen=True)
class Verdict:
    """The messages sent and their outcome. `counts`: the service's own metrics just before it stopped."""

    service: Mapping[str, object]
    published: int
    acknowledged: int
    tally: Tally
    counts: Mapping[str, int] | None = None

    @property
    def summary(self) -> dict[str, object]:
        """The summary, with the same keys as that of every command."""
        return {key: self.service.get(key) for key in SUMMARY_KEYS}

    @property
    def identity_holds(self) -> bool:
        """Whether received = stored + duplicate + quarantined + in_flight."""
        parts = ("stored", "duplicate", "quarantined", "in_flight")
        return self._number("received") == sum(self._number(part) for part in parts)

    @property
    def nothing_lost(self) -> bool:
        """Whether everything published was acknowledged, received and settled."""
        return (
            self.published == self.acknowledged
            and self._number("received") >= self.published
            and self._number("in_flight") == 0
        )

    @property
    def good(self) -> bool:
        """Whether the demonstration proved what it is there to prove."""
        return self.identity_holds and self.nothing_lost

    def lines(self) -> Iterator[Bilingual]:
        """The account in words."""
        received, stored, duplicate, quarantined, in_flight, readings = (
            f"{self._number(key):,}" for key in SUMMARY_KEYS[:6]
        )
        mark = _mark(self.identity_holds)
        yield Bilingual(
            f"{mark} 収支: 受信 {received} = 保存 {stored} + 重複 {duplicate} + 隔離 {quarantined} + 処理中"
            f" {in_flight}",
            f"{mark} identity: received {received} = stored {stored} + duplicate {duplicate}"
            f" + quarantined {quarantined} + in_flight {in_flight}",
        )
        mark, sent, acknowledged = _mark(self.nothing_lost), f"{self.published:,}", f"{self.acknowledged:,}"
        yield Bilingual(
            f"{mark} 欠落なし: 送信 {sent}、受領 {acknowledged}、受信 {received}",
            f"{mark} nothing lost: published {sent}, acknowledged {acknowledged}, received {received}",
        )
        yield Bilingual(f"  保存した測定値: {readings}", f"  readings stored: {readings}")
        yield from misbehaviour(self.tally)

    def _number(self, key: str) -> int:
        value = self.service.get(key)
        return value if isinstance(value, int) else 0


def misbehaviour(tally: Tally) -> Iterator[Bilingual]:
    """Lines on the deliberate faults, and on messages that no gateway heard."""
    for fault, count in sorted(tally.faults.items()):
        yield Bilingual(
            f"  故意の異常: {fault.label.ja} {count:,} ({fault}、{fault.outcome_ja})",
            f"  fault: {fault} {count:,} ({fault.outcome})",
        )
    yield Bilingual(
        f"  送信に至らず: 電波で消失 {tally.lost_on_air:,}、基地局停止で不達 {tally.silenced:,}",
        f"  never sent: {tally.lost_on_air:,} lost on air, {tally.silenced:,} behind a dead gateway",
    )


def _mark(good: bool) -> str:  # noqa: FBT001  it is what it marks
    return "✓" if good else "✗"
