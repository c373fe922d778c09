"""Checks that the broker keeps messages across its own restart, and what it reports as dropped."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from ingest.doctor.broker import ONLY_5, tried_out
from ingest.doctor.finding import Finding, note, ok, warning
from ingest.doctor.installation import Installation
from ingest.mqtt.probe.mark import Memory, look
from schemas.bilingual import Bilingual
from schemas.japan import JST


async def examine(installation: Installation) -> Sequence[Finding]:
    """Look for the mark that an earlier run has left in the broker."""
    if not tried_out(installation):
        return [ONLY_5]
    return list(findings_of(await look(installation.prober, installation.now)))


def findings_of(memory: Memory) -> Iterator[Finding]:
    """Findings: a mark older than the broker's last start proves that it keeps them. No mark proves nothing."""
    if memory.started is not None and memory.mark is not None and memory.mark < memory.started:
        at = _shown(memory.started)
        yield ok(f"{at} の再起動の前のものを覚えています", f"it remembers what was before its start of {at}")
    else:
        yield _not_proven(memory)
    if memory.dropped:
        yield warning(
            Bilingual(
                f"ブローカー自身の数えで、起動から {memory.dropped:,} 通を捨てています",
                f"by its own count it has dropped {memory.dropped:,} messages since it was started",
            ),
            Bilingual(
                "待ち行列の上限と、長く不在の利用者を確かめてください", "see its queue limits, and who is away for long"
            ),
            dropped=memory.dropped,
        )


def _not_proven(memory: Memory) -> Finding:
    if memory.started is None:
        return note(
            Bilingual(
                "再起動で失わないかは、外からは分かりませんでした",
                "whether it survives a restart cannot be seen from here",
            ),
            Bilingual(
                "保存(Mosquitto の persistence)を確かめてください。$SYS/broker/uptime を読めれば、次回から判定できます",
                "see that it has persistence; where we may read $SYS/broker/uptime this can be told the next time",
            ),
        )
    return note(
        Bilingual(
            f"再起動で失わないことは、まだ確かめられていません(最後の起動 {_shown(memory.started)})",
            f"that it survives a restart is not proven yet (last start {_shown(memory.started)})",
        ),
        Bilingual(
            "印を残しました。ブローカーを一度再起動してからもう一度実行すると判定できます。印が前回もあったなら、"
            "ブローカーは忘れています(Mosquitto の persistence を確かめてください)",
            "a mark is left: restart the broker once and call this again. If there has been one before,"
            " the broker forgets: see that it has persistence",
        ),
    )


def _shown(at: datetime) -> str:
    return f"{at.astimezone(JST):%Y-%m-%d %H:%M}"
