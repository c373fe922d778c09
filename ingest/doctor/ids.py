"""Checks that a redelivery has the packet id of the first delivery, which messages without a time are known by."""

from collections.abc import Iterator, Sequence

from ingest.doctor.finding import Finding, note, ok, warning
from ingest.doctor.installation import Installation
from ingest.mqtt.probe.ids import QUIET_S, Again, try_out
from ingest.mqtt.probe.plain import TrialFailed
from schemas.bilingual import Bilingual


async def examine(installation: Installation) -> Sequence[Finding]:
    """Leave messages in flight and fetch them again, in the protocol version that the service uses."""
    prober = installation.prober
    try:
        return list(findings_of(await try_out(prober.broker, prober.named("ids"), prober.topic("ids"))))
    except TrialFailed as error:
        return [
            note(
                Bilingual(f"調べられませんでした: {error}", f"not examined: {error}"),
                Bilingual(
                    "分からない間は、時刻を持たないメッセージが再接続のあと二重に入ることがあります(失われはしません)",
                    "while nobody knows, a message without a time of its own may be stored twice after a reconnect",
                ),
            )
        ]


def findings_of(again: Again) -> Iterator[Finding]:
    """The finding: the same ids, other ids, or no redelivery."""
    figures = again._asdict()
    if again.came < again.in_flight:
        lost = again.in_flight - again.came
        yield warning(
            Bilingual(
                f"確認前に切れた {again.in_flight} 通のうち {lost} 通が、再接続後 {QUIET_S:g} 秒以内に届きませんでした",
                f"of {again.in_flight} messages in flight when a client went away, {lost} did not come again within"
                f" {QUIET_S:g} s",
            ),
            Bilingual(
                "サービスが止まると、受け取り中のものが遅れるか、失われます。docs/brokers.md を見てください",
                "what is in flight when the service stops comes late, or is lost: see docs/brokers.md",
            ),
            **figures,
        )
    elif again.same_ids:
        yield ok("再送は元と同じ番号で届きます", "a redelivery comes under its first packet id", **figures)
    else:
        yield note(
            Bilingual("再送のときに番号(packet id)が変わります", "a redelivery comes under another packet id"),
            Bilingual(
                "失われはしませんが、時刻を持たないメッセージは再接続のあと二重に入ることがあります。"
                "機器に時刻を付けさせてください(docs/brokers.md)",
                "nothing is lost, but a message without a time of its own may be stored twice after a reconnect:"
                " have devices send their time (docs/brokers.md)",
            ),
            **figures,
        )
