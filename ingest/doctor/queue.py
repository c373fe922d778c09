"""Checks whether the broker keeps all messages while the service is away, and how fast they can be fetched."""

import asyncio
from collections.abc import Iterator, Sequence

from ingest.doctor.broker import ONLY_5, tried_out
from ingest.doctor.finding import Finding, bad, note, ok
from ingest.doctor.installation import Installation
from ingest.errors import NoroshiError
from ingest.mqtt.probe.queue import Queued, try_out
from ingest.mqtt.probe.window import Window
from ingest.mqtt.probe.window import try_out as window_of
from ingest.store.database import connect
from ingest.store.doctor.reality import registered
from schemas.bilingual import Bilingual


async def examine(installation: Installation) -> Sequence[Finding]:
    """Queue messages for a client that is away, and fetch them."""
    if not tried_out(installation):
        return [ONLY_5]
    queued, window, per_hour = await asyncio.gather(
        try_out(installation.prober, installation.queue_messages),
        window_of(installation.prober),
        asyncio.to_thread(_per_hour, installation),
    )
    return [*findings_of(queued, per_hour), *findings_of_window(queued, window)]


def _per_hour(installation: Installation) -> float:
    """Messages an hour from the devices of the registry; 0 if that is not known."""
    try:
        with connect(installation.database, autocommit=True, watched=True) as connection:
            return registered(connection).per_hour
    except NoroshiError:
        return 0.0


def findings_of(queued: Queued, per_hour: float) -> Iterator[Finding]:
    """The finding on the queue: all messages kept, or some dropped."""
    if not queued.session_kept:
        yield bad(
            Bilingual(
                "切断するとブローカーがセッションを忘れます", "the broker forgets a session when its client goes"
            ),
            Bilingual(
                "サービスが止まる間のメッセージはすべて失われます。セッションの保持を認める設定にしてください",
                "everything that comes meanwhile is lost: let it keep sessions",
            ),
        )
        return
    yield _kept(queued, per_hour)


def _kept(queued: Queued, per_hour: float) -> Finding:
    dropped = queued.accepted - queued.returned
    if queued.accepted < queued.sent:
        refused = queued.sent - queued.accepted
        return bad(
            Bilingual(
                f"不在の相手への {queued.sent:,} 通のうち {refused:,} 通をブローカーが断りました",
                f"of {queued.sent:,} messages for somebody who is away it refused {refused:,}",
            ),
            _RAISE,
            sent=queued.sent, accepted=queued.accepted, returned=queued.returned,
        )  # fmt: skip
    if dropped > 0:
        reach = _reach(queued.returned, per_hour)
        return bad(
            Bilingual(
                f"不在の相手への {queued.sent:,} 通を受け取ったと答えながら、{dropped:,} 通を黙って捨てました"
                f"(残ったのは {queued.returned:,} 通{reach.ja})",
                f"it acknowledged {queued.sent:,} messages for somebody who was away and silently dropped {dropped:,};"
                f" {queued.returned:,} were left{reach.en}",
            ),
            _RAISE,
            sent=queued.sent, accepted=queued.accepted, returned=queued.returned,
        )  # fmt: skip
    return ok(
        f"不在の間の {queued.sent:,} 通が、すべて戻りました",
        f"{queued.sent:,} messages waited for somebody who was away, and all came back",
        sent=queued.sent, accepted=queued.accepted, returned=queued.returned,
    )  # fmt: skip


_RAISE = Bilingual(
    "Mosquitto では max_queued_messages 0 と、十分な max_queued_bytes(例 2147483647)を設定して再起動してください",
    "in Mosquitto set max_queued_messages 0 and a large max_queued_bytes (2147483647), and start it again",
)


def _reach(messages: int, per_hour: float) -> Bilingual:
    """How long a queue of so many messages lasts at this rate."""
    if per_hour <= 0:
        return Bilingual("", "")
    minutes = messages * 60 / per_hour
    if minutes < 120:
        return Bilingual(
            f"、登録機器の約 {minutes:.0f} 分ぶん", f", about {minutes:.0f} minutes of the registered devices"
        )
    hours = minutes / 60
    return Bilingual(f"、登録機器の約 {hours:.0f} 時間ぶん", f", about {hours:.0f} hours of the registered devices")


def findings_of_window(queued: Queued, window: Window) -> Iterator[Finding]:
    """Findings if the broker sends more messages at once than we allow, or fewer than we could take."""
    expected = min(queued.window_asked, queued.returned)
    if window.most > window.asked:
        yield note(
            Bilingual(
                f"未確認のまま {window.asked} 通までと求めたのに、{window.most} 通送ってきました",
                f"it sent {window.most} unacknowledged messages although we allow {window.asked}",
            ),
            Bilingual(
                "受信上限(receive maximum)を守りません。失われはせず、当方の記憶量は intake.window_messages までです",
                "it does not respect the receive maximum; nothing is lost: our memory has its own bound",
            ),
            most=window.most, asked=window.asked,
        )  # fmt: skip
    if queued.window < expected:
        yield note(
            Bilingual(
                f"一度に送られるのは {queued.window:,} 通まででした({queued.window_asked:,} 通まで求めました)",
                f"it has {queued.window:,} messages under way at once, although we allow {queued.window_asked:,}",
            ),
            Bilingual(
                "たまった分を取り戻すのが遅くなります。Mosquitto では max_inflight_messages 0 にしてください",
                "fetching a backlog takes longer: in Mosquitto set max_inflight_messages 0",
            ),
            window=queued.window, asked=queued.window_asked,
        )  # fmt: skip
