"""What would happen to one message, step by step, in words. It asks the path itself, and so cannot disagree with it."""

from collections.abc import Iterator, Mapping
from typing import NamedTuple, TypeAlias

from ingest.decode.unknown_keys import TIMES, unknown_of
from ingest.errors import Undecodable
from ingest.message import Received
from ingest.pipeline.interpret import Interpreter
from ingest.pipeline.route import Destination
from ingest.registry.index import DeviceEntry
from ingest.rows import GatewayRow, MessageRows, QuarantineRow, ReadingRow, UplinkRow
from ingest.validate.clocks import Placed
from schemas.advice import advice_for
from schemas.bilingual import Bilingual, joined, quoted
from schemas.detail import in_japanese
from schemas.japan import to_datetime, to_jst
from schemas.quantity import Quantity
from schemas.reading import Quality
from schemas.rejection import RejectionReason
from schemas.uplink import Doubted, Measured, MeasuredRow, Refused, Uplink

Series: TypeAlias = tuple[int, int, int]
"""Time, quantity and channel: where one message has one reading."""


class Step(NamedTuple):
    """One thing that happens. `good` is False where something is quarantined."""

    name: Bilingual
    text: Bilingual
    good: bool = True


DECODING, TIME, ROUTE = Bilingual("解読", "decode"), Bilingual("時刻", "time"), Bilingual("経路", "route")
GATEWAY, DEVICE, BINDINGS = (
    Bilingual("ゲートウェイ", "gateway"),
    Bilingual("機器", "device"),
    Bilingual("取付条件", "bindings"),
)
UNKNOWN, RESULT = Bilingual("未知の項目", "unknown keys"), Bilingual("結果", "result")
IDENTITY, ADVISED = Bilingual("識別", "identity"), Bilingual("対処", "what to do")


class Trace(NamedTuple):
    """All steps, and what the path made of the message."""

    steps: list[Step]
    interpreted: MessageRows

    @property
    def stored(self) -> bool:
        """Whether all of it would be stored."""
        return not self.interpreted.quarantined


def trace(interpreter: Interpreter, message: Received) -> Trace:
    """Follow a message along the path. Nothing is written anywhere."""
    interpreted = interpreter.interpret(message)  # first: it takes in a Sparkplug birth, by which `_steps` reads
    return Trace([*_steps(interpreter, message), *_verdict(interpreted)], interpreted)


def _steps(interpreter: Interpreter, message: Received) -> Iterator[Step]:
    to = interpreter.destination(message)
    yield from _route(message, to)
    if to.device is None:
        return
    try:
        uplink = interpreter.read(message, to, to.device)
    except Undecodable as bad:
        yield Step(DECODING, _reason(bad.reason, bad.detail), good=False)
        return
    yield Step(DECODING, _decoded(message, to, uplink))
    yield from _unknown_keys(uplink)
    try:
        placed = interpreter.placed(uplink, message.received_us)
    except Undecodable as bad:
        yield Step(TIME, _reason(bad.reason, bad.detail), good=False)
        return
    yield Step(TIME, _time(*placed.moment[:2], own=placed.moment.own, several=len(placed.claimed_us)))
    for refused in uplink.refused:
        yield _refused(refused)
    valid = interpreter.validated(uplink, to.device, message.received_us, placed)
    counts = {(row[0], row[3], row[4]): row for row in valid.readings}
    for measured in uplink.measured:
        yield from _measured(interpreter, message, uplink, measured, to.device, placed, counts)
    for refused in valid.refused:
        if refused.reason is RejectionReason.SAME_TIME:
            yield _refused(refused)


def _unknown_keys(uplink: Uplink) -> Iterator[Step]:
    """Keys that the format does not know: what stands there is not read."""
    names = unknown_of(uplink.link)
    if names:
        times = any(name in TIMES for name in names)
        advice = (
            Bilingual("。測定時刻は ts に書きます", "; the time of measurement is written as ts")
            if times
            else quoted("")
        )
        keys = [f"`{name}`" for name in names]
        text = Bilingual(
            f"{'、'.join(keys)} は、この形式にない項目です。読みません{advice.ja}",
            f"{', '.join(keys)}: not of this format, and not read{advice.en}",
        )
        yield Step(UNKNOWN, text, good=not times)


def _route(message: Received, to: Destination) -> Iterator[Step]:
    if to.reason is RejectionReason.UNKNOWN_TOPIC:
        yield Step(ROUTE, _unheard(message.topic), good=False)
        return
    yield Step(
        ROUTE, Bilingual(f"{message.topic} は {to.decoder} として読みます", f"{message.topic} is read as {to.decoder}")
    )
    if to.gateway is not None:
        key = f"{to.gateway.project}/{to.gateway.code}"
        own = Bilingual(f"{key}(測定値ではなく、ゲートウェイ自身の状態)", f"{key} (its own state, no measurement)")
        yield Step(GATEWAY, own)
        return
    if to.device is None:
        assert to.reason is not None  # a destination has a device, a gateway or a reason
        yield Step(DEVICE, _reason(to.reason, to.detail), good=False)
        return
    key, profile = f"{to.device.project}/{to.device.code}", to.device.profile
    none = Bilingual(f"{key}(プロファイル: なし)", f"{key} (profile: none)")
    yield Step(
        DEVICE,
        Bilingual(f"{key}(プロファイル: {profile.code})", f"{key} (profile: {profile.code})") if profile else none,
    )
    if to.device.bindings is not None:
        yield Step(
            BINDINGS,
            Bilingual(
                "台帳に取付条件があります。測定時刻に有効なものを使います",
                "the registry has bindings; those that hold at the time of measurement are used",
            ),
        )


def _unheard(topic: str) -> Bilingual:
    """A topic that no route matches is not subscribed to: nothing of it arrives, not even in the quarantine."""
    unheard = Bilingual(
        f"{topic} に合う経路が設定にありません。購読しないトピックなので、本番では届きません(隔離もされません)",
        f"no route of the settings matches {topic}: it is not subscribed to, so the service never hears it"
        " (and sets nothing aside)",
    )
    ends = [where for where, there in ((_FIRST, topic.startswith("/")), (_LAST, topic.endswith("/"))) if there]
    bare, where = topic.strip("/"), joined(ends, "と", " and ")
    if not ends or not bare:
        return unheard
    return Bilingual(
        f"{unheard.ja}。{where.ja}の / も MQTT では階層の一つです。{bare} と送ってください",
        f"{unheard.en}. A / at the {where.en} is a level of its own in MQTT: publish to {bare}",
    )


_FIRST, _LAST = Bilingual("先頭", "beginning"), Bilingual("末尾", "end")


def _decoded(message: Received, to: Destination, uplink: Uplink) -> Bilingual:
    counter = quoted("")
    if uplink.counter is not None:
        counter = Bilingual(f"、通し番号 {uplink.counter}", f", counter {uplink.counter}")
    link = Bilingual("あり", "yes") if uplink.link else Bilingual("なし", "no")
    kind = uplink.kind.name.lower()
    size, measured, unread = len(message.payload), len(uplink.measured), len(uplink.refused)
    return Bilingual(
        f"{size} バイト。測定値 {measured} 件、読めない部分 {unread} 件、"
        f"電波の記録 {link.ja}{counter.ja}(種類: {kind}{f'、{to.event}' if to.event else ''})",
        f"{size} bytes: readings {measured}, unreadable parts {unread}, link {link.en}{counter.en}"
        f" (kind: {kind}{f', {to.event}' if to.event else ''})",
    )


_CLOCK = {
    Quality.TIME_ABSENT: Bilingual(
        "時刻がないため、受信時刻を使い、印を付けます", "there is no time, so the time of receipt is used, and flagged"
    ),
    Quality.CLOCK_UNSET: Bilingual(
        "機器の時計が合わせられていないため、受信時刻を使い、印を付けます",
        "the clock of the device was never set, so the time of receipt is used, and flagged",
    ),
    Quality.CLOCK_AHEAD: Bilingual(
        "機器の時計が進みすぎているため、受信時刻を使い、印を付けます",
        "the clock of the device is too far ahead, so the time of receipt is used, and flagged",
    ),
}
_OWN_TIME = Bilingual("機器の測定時刻のまま使います", "the time of measurement, as the device says it")
_RECEIPT = Bilingual("受信時刻を使います", "the time of receipt is used")


def _time(time_us: int, quality: int, *, own: bool, several: int) -> Bilingual:
    flag = Quality(quality) & ~Quality.UNKNOWN_KEY
    remark = _OWN_TIME if own else _CLOCK.get(flag, _RECEIPT)
    more = quoted("")
    if several:
        more = Bilingual(
            f"。時刻は {several} 通りあり、最新を受信時刻とし、間隔は保ちます",
            f"; of {several} times the newest is at the time of receipt, and the others keep their distance",
        )
    at = _moment(time_us)
    return Bilingual(f"{at}: {remark.ja}{more.ja}", f"{at}: {remark.en}{more.en}")


def _moment(time_us: int) -> str:
    return to_jst(to_datetime(time_us)).isoformat(" ")


def _measured(
    interpreter: Interpreter,
    message: Received,
    uplink: Uplink,
    row: MeasuredRow,
    device: DeviceEntry,
    placed: Placed,
    counts: Mapping[Series, ReadingRow],
) -> Iterator[Step]:
    """Validate one value by itself. A value that gives way to a later one of the message has no step."""
    measured = Measured(*row)
    by_id = {quantity.id: quantity for quantity in device.catalogue.values()}
    valid = interpreter.validated(uplink._replace(measured=(row,), refused=()), device, message.received_us, placed)
    for reading in valid.readings:
        if counts.get((reading[0], reading[3], reading[4])) == reading:
            yield _reading(measured, reading, by_id[reading[3]])
    for refused in valid.refused:
        yield _refused(refused)


def _reading(measured: Measured, reading: ReadingRow, quantity: Quantity) -> Step:
    time_us, value, _, _, channel, quality = reading
    unit = "" if quantity.unit == "1" else f" {quantity.unit}"
    name = quantity.code + (f" #{channel}" if channel else "")
    claimed = measured.value.value if isinstance(measured.value, Doubted) else measured.value
    claim = f"{claimed}{f' {measured.unit}' if measured.unit else ''}"
    way = "" if quantity.code != measured.quantity else f"{claim} → " if measured.unit or value != claimed else ""
    derived = quoted("")
    if quantity.code != measured.quantity:
        derived = Bilingual("(取付高 - 距離)", " (mount height - distance)")
    own_time = quoted("")
    if measured.time_us is not None:
        own_time = Bilingual(f"、時刻 {_moment(time_us)}", f", at {_moment(time_us)}")
    flags = _flags(quality, quantity)
    return Step(
        quoted(name),
        Bilingual(
            f"{quantity.label_ja} {way}{value:g}{unit}{derived.ja}: {flags.ja}{own_time.ja}",
            f"{quantity.label_en} {way}{value:g}{unit}{derived.en}: {flags.en}{own_time.en}",
        ),
    )


def _flags(quality: int | None, quantity: Quantity) -> Bilingual:
    remarks: list[Bilingual] = []
    if quality and quality & Quality.RANGE:
        usual = f"{quantity.flag_low:g}..{quantity.flag_high:g}"
        remarks.append(
            Bilingual(
                f"通常の範囲 {usual} の外。印を付けて保存します", f"beyond the usual range {usual}: stored, and flagged"
            )
        )
    if quality and quality & Quality.CLAMPED:
        most = f"{quantity.clamp_high:g}"
        remarks.append(
            Bilingual(
                f"上限 {most} に直し、印を付けて保存します",
                f"brought down to {most}, the most there is: stored, and flagged",
            )
        )
    if quality and quality & Quality.PUBLISHER:
        remarks.append(
            Bilingual("送信側が疑わしいとした値。印を付けて保存します", "the sender doubts it: stored, and flagged")
        )
    return joined(remarks, "。", "; ") if remarks else Bilingual("保存します", "stored")


def _refused(refused: Refused) -> Step:
    why, value = _reason(refused.reason, refused.detail), f"{refused.value!r:.60}"
    return Step(quoted(refused.part), Bilingual(f"{value}: {why.ja}", f"{value}: {why.en}"), good=False)


def _reason(reason: RejectionReason, detail: str) -> Bilingual:
    said = f"({in_japanese(detail) or detail})" if detail else ""
    return Bilingual(
        f"{reason.label.ja} [{reason.value}]{said}", f"{reason.value}: {detail}" if detail else reason.value
    )


def _verdict(interpreted: MessageRows) -> Iterator[Step]:
    refused = len(interpreted.quarantined)
    if interpreted.gateway is not None:
        yield Step(RESULT, Bilingual("ゲートウェイの状態として保存します", "stored as the state of the gateway"))
    elif interpreted.row.device_id is None and interpreted.quarantined[0].reason is RejectionReason.UNKNOWN_TOPIC:
        unheard = Bilingual("サービスには届かず、何も保存されません", "the service does not hear it, nothing is stored")
        yield Step(RESULT, unheard, good=False)
    elif interpreted.uplink is None:
        whole = Bilingual(
            "メッセージ全体を隔離します。中身はそのまま残り、直してから再処理できます",
            "the whole message is set aside; it stays as it is, and can be tried again when the cause is mended",
        )
        yield Step(RESULT, whole, good=False)
    elif refused:
        kept = len(interpreted.readings)
        some = Bilingual(
            f"メッセージを保存します。測定値 {kept} 件を保存、{refused} 件を隔離",
            f"the message is stored: readings stored {kept}, set aside {refused}",
        )
        yield Step(RESULT, some, good=False)
    else:
        kept = len(interpreted.readings)
        yield Step(
            RESULT,
            Bilingual(
                f"メッセージを保存します。測定値 {kept} 件を保存", f"the message is stored: readings stored {kept}"
            ),
        )
    yield _identity(interpreted.row)
    for reason in dict.fromkeys(row.reason for row in interpreted.quarantined):
        advice = advice_for(reason)
        yield Step(ADVISED, Bilingual(f"{reason.label.ja}: {advice.ja}", f"{reason}: {advice.en}"), good=False)


def _identity(row: UplinkRow | GatewayRow | QuarantineRow) -> Step:
    at, mark = _moment(row.time_us), f"{row.message_id & (2**64 - 1):016x}"
    return Step(
        IDENTITY,
        Bilingual(
            f"機器、時刻 {at}、中身の指紋 {mark}。同じものは二度保存しません",
            f"device, time {at}, digest {mark}: the same is not stored twice",
        ),
    )
