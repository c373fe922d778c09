"""Checks the broker: can the service connect, is it granted what it asks for, does it receive all its topics?"""

from collections.abc import Iterator, Sequence

from ingest.doctor.finding import Finding, bad, note, ok, warning
from ingest.doctor.installation import Installation
from ingest.mqtt.probe.granted import Granted, ask
from ingest.receive.subscription import plain_filters
from ingest.settings.model import Settings
from ingest.settings.routes import tells_of_downlinks
from schemas.bilingual import Bilingual

SLOW_S = 0.25
ONLY_5 = note(
    Bilingual("broker.protocol が 3.1.1 のため、試験接続では調べていません", "not examined: broker.protocol is 3.1.1"),
    Bilingual("ブローカーが MQTT 5 に対応していれば 5 にしてください", "set it to 5 if the broker speaks MQTT 5"),
)


def tried_out(installation: Installation) -> bool:
    """Whether the trials of the doctor can run: they need a broker that speaks MQTT 5."""
    return installation.settings.broker.protocol == "5"


async def reach(installation: Installation) -> Sequence[Finding]:
    """Connect once as the service does, and compare what is granted with what it needs."""
    if not tried_out(installation):
        return [ONLY_5]
    settings = installation.settings
    granted = await ask(installation.prober, plain_filters(settings))
    findings = list(findings_of(granted, settings))
    ms = granted.round_trip_s * 1000
    where = str(installation.prober.address)
    return findings or [ok(f"{where}(往復 {ms:.0f} ms)", f"{where} (round trip {ms:.0f} ms)", round_trip_ms=ms)]


def findings_of(granted: Granted, settings: Settings) -> Iterator[Finding]:
    """Findings on what the broker grants and the service needs."""
    yield from _session(granted, settings)
    if granted.qos < 1:
        yield bad(
            Bilingual("ブローカーが QoS 1 を認めません", "it does not grant QoS 1"),
            Bilingual(
                "届いたことを確かめられません。max_qos を 1 以上にしてください",
                "nothing can be acknowledged: set max_qos to 1 at least",
            ),
        )
    yield from _packet_size(granted, settings)
    for topic_filter, reason in granted.refused:
        yield (warning if tells_of_downlinks(topic_filter) else bad)(
            Bilingual(
                f"{topic_filter} の購読を断られます: {reason}",
                f"the subscription to {topic_filter} is refused: {reason}",
            ),
            Bilingual(
                "利用者に読む権利を与えるか、routes を直してください",
                "give our user the right to read it, or change routes",
            ),
        )
    if granted.round_trip_s > SLOW_S:
        ms = granted.round_trip_s * 1000
        yield note(
            Bilingual(f"ブローカーとの往復に {ms:.0f} ms かかります", f"the round trip takes {ms:.0f} ms"),
            Bilingual("取込サービスをブローカーの近くに置いてください", "run the service near its broker"),
        )


def _session(granted: Granted, settings: Settings) -> Iterator[Finding]:
    """How long the broker keeps messages while the service is away."""
    asked_s = settings.broker.session_expiry_s
    if granted.session_expiry_s < asked_s:
        yield bad(
            Bilingual(
                f"セッションの保持が {asked_s:,} 秒の求めに対し {granted.session_expiry_s:,} 秒しか認められません",
                f"it keeps a session for {granted.session_expiry_s:,} s, and we ask for {asked_s:,} s",
            ),
            Bilingual(
                "それより長く止まると、たまったメッセージが失われます。ブローカーの上限を上げてください",
                "what waits is lost when the service is away for longer: raise the limit of the broker",
            ),
            granted_s=granted.session_expiry_s,
        )
    if asked_s == 0:
        yield bad(
            Bilingual("broker.session_expiry_s が 0 です", "broker.session_expiry_s is 0"),
            Bilingual(
                "止まった瞬間に、届くはずのものが失われます。7日(604800)を勧めます",
                "nothing waits for a service that is away: set 604800 (a week)",
            ),
        )


def _packet_size(granted: Granted, settings: Settings) -> Iterator[Finding]:
    most = granted.max_packet_bytes
    if most is not None and most < settings.intake.max_payload_bytes:
        yield warning(
            Bilingual(
                f"ブローカーは {most:,} バイトを超えるパケットを受け取りません"
                f"(当方は {settings.intake.max_payload_bytes:,} バイトまで読めます)",
                f"it takes no packet above {most:,} bytes; we would read {settings.intake.max_payload_bytes:,}",
            ),
            Bilingual(
                "大きく送る機器は理由なく切断されます。max_packet_size を上げてください",
                "a device that sends more is cut off and nobody sees why: raise max_packet_size",
            ),
            max_packet_bytes=most,
        )
