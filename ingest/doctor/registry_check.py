"""Compares the registry (台帳) with the devices that really send."""

from collections.abc import Iterator, Sequence

from ingest.doctor.database import unmigrated
from ingest.doctor.finding import Finding, few, note, ok, warning
from ingest.doctor.installation import Installation
from ingest.figures.lacking import lacking
from ingest.store.database import WatchedConnection
from ingest.store.doctor.reality import DAYS, Registered, Stranger, registered, strangers
from ingest.store.schema import migrate
from schemas.bilingual import Bilingual
from schemas.lacking import Lacking, cautions
from schemas.rejection import RejectionReason


def examine(_installation: Installation, connection: WatchedConnection) -> Sequence[Finding]:
    """Check for registered devices that do not send, and for senders that are not registered."""
    if migrate.pending(connection):
        return [unmigrated()]
    state = registered(connection)
    findings = [*findings_of_registered(state), *findings_of_strangers(strangers(connection))] or [
        ok(
            f"登録された機器 {state.devices:,} 台のすべてから届き、未登録の機器はありません",
            f"all {state.devices:,} registered devices are heard, and nobody else speaks",
            devices=state.devices,
        )
    ]
    return [*findings, *findings_of_lacking(lacking(connection))]


def findings_of_lacking(entries: Sequence[Lacking]) -> Iterator[Finding]:
    """Findings on entries that reports and figures will lack."""
    for each in entries:
        for caution in cautions(each):
            yield note(caution)


def findings_of_registered(state: Registered) -> Iterator[Finding]:
    """Findings on registered devices that should send and do not."""
    if not state.devices:
        yield warning(
            Bilingual("台帳に機器が一台もありません", "there is no device in the registry"),
            Bilingual("noroshi registry apply で登録してください", "register them: `noroshi registry apply`"),
        )
    if state.never:
        yield warning(
            Bilingual(
                f"一度も届いたことのない機器が {len(state.never):,} 台あります({few(state.never)})",
                f"{len(state.never):,} devices were never heard ({few(state.never)})",
            ),
            Bilingual(
                "設置・電源・機器コードと送信先トピックを確かめ、まだ設置前なら台帳に設置日を入れてください",
                "see that they are installed and powered, their code and topic; give installed_on if that comes later",
            ),
            never=state.never,
        )
    if state.silent:
        yield warning(
            Bilingual(
                f"途絶している機器が {len(state.silent):,} 台あります({few(state.silent)})",
                f"{len(state.silent):,} devices are silent ({few(state.silent)})",
            ),
            Bilingual(
                "画面で最後の受信と電池・基地局を確かめてください", "see the pages: last message, battery, gateway"
            ),
            silent=state.silent,
        )


def findings_of_strangers(senders: Sequence[Stranger]) -> Iterator[Finding]:
    """Findings on senders without an entry; one for each reason."""
    for reason in dict.fromkeys(stranger.reason for stranger in senders):
        mine = [stranger for stranger in senders if stranger.reason == reason]
        label = RejectionReason(reason).label.ja
        messages = sum(stranger.messages for stranger in mine)
        topics = [stranger.topic for stranger in mine]
        yield warning(
            Bilingual(
                f"{label}: {DAYS} 日間に {len(mine):,} トピック、{messages:,} 通({few(topics)})",
                f"{reason}: {messages:,} messages on {len(mine):,} topics within {DAYS} days ({few(topics)})",
            ),
            Bilingual(
                "台帳に登録すれば noroshi quarantine replay で取り戻せます。覚えのないものは送信元を止めてください",
                "register them, then `noroshi quarantine replay` brings them back; stop whoever is not yours",
            ),
            reason=reason,
            topics=topics,
            messages=messages,
        )
