"""Checks what the broker does with the messages of a worker that dies on a shared subscription."""

from collections.abc import Iterator, Sequence

from ingest.doctor.broker import ONLY_5, tried_out
from ingest.doctor.finding import Finding, note, ok, warning
from ingest.doctor.installation import Installation
from ingest.mqtt.probe.share import Shared, try_out
from schemas.bilingual import Bilingual


async def examine(installation: Installation) -> Sequence[Finding]:
    """Share a subscription between two clients, and kill one."""
    if not tried_out(installation):
        return [ONLY_5]
    return list(findings_of(await try_out(installation.prober)))


def findings_of(shared: Shared | None) -> Iterator[Finding]:
    """The finding: lost, given to the other, or kept for the same client, and what that means for `--workers`."""
    if shared is None:
        yield note(
            Bilingual("ブローカーに共有購読($share)がありません", "it knows no shared subscriptions ($share)"),
            Bilingual("noroshi ingest は --workers なしで使ってください", "use `noroshi ingest` without --workers"),
        )
        return
    figures = shared._asdict()
    if shared.lost:
        yield warning(
            Bilingual(
                f"共有購読で、落ちた側の {shared.lost} 通(全 {shared.sent} 通)が誰にも届きませんでした",
                f"of {shared.sent} messages to a group of two, {shared.lost} reached nobody after one of them died",
            ),
            Bilingual("noroshi ingest は --workers なしで使ってください", "use `noroshi ingest` without --workers"),
            **figures,
        )
    elif shared.moved:
        yield note(
            Bilingual(
                f"共有購読で、落ちた側が受け取り中だった {shared.moved} 通は、もう一方に届き直しました",
                f"{shared.moved} messages that a dead member of a group had in hand went to the other",
            ),
            Bilingual(
                "--workers を使うと、時刻を持たないメッセージが二重に入ることがあります(decisions/003, 009)",
                "with --workers a message without a time of its own may be stored twice (decisions/003, 009)",
            ),
            **figures,
        )
    else:
        waited = shared.again + shared.dealt_to_the_dead
        yield ok(
            f"共有購読では、落ちた側の {waited} 通は同じ相手を待ち、すべて届きました",
            f"{waited} messages of a dead member of a group waited for it, and all came",
            **figures,
        )
