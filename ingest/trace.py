"""What would happen to one message, step by step, in words. It asks the path itself, and so cannot disagree with it."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone
from typing import NamedTuple

from ingest.decode.route import Destination
from ingest.directory import DeviceEntry
from ingest.errors import Undecodable
from ingest.judge import Judge
from ingest.receive.message import Received
from ingest.rows import Judged, ReadingRow
from schemas.quantity import Quantity
from schemas.reading import Quality
from schemas.rejection import RejectionReason
from schemas.uplink import Doubted, Measured, MeasuredRow, Refused, Uplink

JST = timezone(timedelta(hours=9))


class Step(NamedTuple):
    """One thing that happens. `good` is False where something is set aside."""

    name: str
    text: str
    good: bool = True


class Trace(NamedTuple):
    """All steps, and what the path made of the message."""

    steps: list[Step]
    judged: Judged

    @property
    def stored(self) -> bool:
        """Whether all of it would be stored."""
        return not self.judged.quarantined


def trace(judge: Judge, message: Received) -> Trace:
    """Follow a message along the path. Nothing is written anywhere."""
    judged = judge.judge(message)  # first: what a birth of Sparkplug announces, reading it needs
    return Trace([*_steps(judge, message), *_verdict(judged)], judged)


def _steps(judge: Judge, message: Received) -> Iterator[Step]:
    to = judge.destination(message)
    yield from _route(message, to)
    if to.device is None:
        return
    try:
        uplink = judge.read(message, to, to.device)
    except Undecodable as bad:
        yield Step("解読", _reason(bad.reason, bad.detail), good=False)
        return
    yield Step("解読", _said(message, to, uplink))
    try:
        valid = judge.validated(uplink._replace(measured=()), to.device, message.received_us)
    except Undecodable as bad:
        yield Step("時刻", _reason(bad.reason, bad.detail), good=False)
        return
    yield Step("時刻", _time(valid.moment.time_us, valid.moment.quality, own=valid.moment.own))
    for refused in uplink.refused:
        yield _refused(refused)
    for measured in uplink.measured:
        yield from _measured(judge, message, uplink, measured, to.device)


def _route(message: Received, to: Destination) -> Iterator[Step]:
    if to.reason is RejectionReason.UNKNOWN_TOPIC:
        yield Step("経路", f"{message.topic} に合う経路が設定にありません", good=False)
        return
    yield Step("経路", f"{message.topic} は {to.decoder} として読みます")
    if to.gateway is not None:
        yield Step("ゲートウェイ", f"{to.gateway.project}/{to.gateway.code}(測定値ではなく、ゲートウェイ自身の状態)")
        return
    if to.device is None:
        assert to.reason is not None  # a destination has a device, a gateway or a reason
        yield Step("機器", _reason(to.reason, to.detail), good=False)
        return
    profile = to.device.profile.code if to.device.profile else "なし"
    yield Step("機器", f"{to.device.project}/{to.device.code}(プロファイル: {profile})")
    if to.device.bindings is not None:
        yield Step("取付条件", "台帳に取付条件があります。測定時刻に有効なものを使います")


def _said(message: Received, to: Destination, uplink: Uplink) -> str:
    counter = "" if uplink.counter is None else f"、通し番号 {uplink.counter}"
    link = "あり" if uplink.link else "なし"
    return (
        f"{len(message.payload)} バイト。測定値 {len(uplink.measured)} 件、読めない部分 {len(uplink.refused)} 件、"
        f"電波の記録 {link}{counter}(種類: {uplink.kind.name.lower()}{f'、{to.event}' if to.event else ''})"
    )


_CLOCK = {
    Quality.TIME_ABSENT: "時刻がないため、受信時刻を使い、印を付けます",
    Quality.CLOCK_UNSET: "機器の時計が合わせられていないため、受信時刻を使い、印を付けます",
    Quality.CLOCK_AHEAD: "機器の時計が進みすぎているため、受信時刻を使い、印を付けます",
}


def _time(time_us: int, quality: int, *, own: bool) -> str:
    remark = "機器の測定時刻のまま使います" if own else _CLOCK.get(Quality(quality), "受信時刻を使います")
    return f"{_moment(time_us)}: {remark}"


def _moment(time_us: int) -> str:
    return (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=time_us)).astimezone(JST).isoformat(" ")


def _measured(judge: Judge, message: Received, uplink: Uplink, row: MeasuredRow, device: DeviceEntry) -> Iterator[Step]:
    """Judge one value alone, as it would be among the others."""
    said = Measured(*row)
    by_id = {quantity.id: quantity for quantity in device.catalogue.values()}
    valid = judge.validated(uplink._replace(measured=(row,), refused=()), device, message.received_us)
    for reading in valid.readings:
        yield _reading(said, reading, by_id[reading[3]])
    for refused in valid.refused:
        yield _refused(refused)


def _reading(said: Measured, reading: ReadingRow, quantity: Quantity) -> Step:
    time_us, value, _, _, channel, quality = reading
    unit = "" if quantity.unit == "1" else f" {quantity.unit}"
    name = quantity.code + (f" #{channel}" if channel else "")
    claimed = said.value.value if isinstance(said.value, Doubted) else said.value
    told = f"{claimed}{f' {said.unit}' if said.unit else ''}"
    way = "" if quantity.code != said.quantity else f"{told} → " if said.unit or value != claimed else ""
    derived = "" if quantity.code == said.quantity else "(取付高 - 距離)"
    own_time = "" if said.time_us is None else f"、時刻 {_moment(time_us)}"
    return Step(name, f"{quantity.label_ja} {way}{value:g}{unit}{derived}: {_flags(quality, quantity)}{own_time}")


def _flags(quality: int | None, quantity: Quantity) -> str:
    remarks: list[str] = []
    if quality and quality & Quality.RANGE:
        remarks.append(f"通常の範囲 {quantity.flag_low:g}..{quantity.flag_high:g} の外。印を付けて保存します")
    if quality and quality & Quality.CLAMPED:
        remarks.append(f"上限 {quantity.clamp_high:g} に直し、印を付けて保存します")
    if quality and quality & Quality.PUBLISHER:
        remarks.append("送信側が疑わしいとした値。印を付けて保存します")
    return "。".join(remarks) or "保存します"


def _refused(refused: Refused) -> Step:
    return Step(refused.part, f"{refused.value!r:.60}: {_reason(refused.reason, refused.detail)}", good=False)


def _reason(reason: RejectionReason, detail: str) -> str:
    said = f"({detail})" if detail else ""
    return f"{reason.label_ja} [{reason.value}]{said}"


def _verdict(judged: Judged) -> Iterator[Step]:
    refused = len(judged.quarantined)
    if judged.gateway is not None:
        yield Step("結果", "ゲートウェイの状態として保存します")
    elif judged.uplink is None:
        yield Step("結果", "メッセージ全体を隔離します。中身はそのまま残り、直してから再処理できます", good=False)
    elif refused:
        yield Step(
            "結果", f"メッセージを保存します。測定値 {len(judged.readings)} 件を保存、{refused} 件を隔離", good=False
        )
    else:
        yield Step("結果", f"メッセージを保存します。測定値 {len(judged.readings)} 件を保存")
    row = judged.row
    yield Step(
        "識別",
        f"機器、時刻 {_moment(row.time_us)}、中身の指紋 {row.message_id & (2**64 - 1):016x}。"
        "同じものは二度保存しません",
    )
    for reason in dict.fromkeys(row.reason for row in judged.quarantined):
        yield Step("対処", f"{reason.label_ja}: {ADVICE.get(reason, _ANY)}", good=False)


_ANY = "送信側の設定を確かめ、直した後に noroshi quarantine replay で再処理してください"
ADVICE = {
    RejectionReason.UNKNOWN_TOPIC: "トピックの綴りを確かめるか、設定 routes に経路を加えてください",
    RejectionReason.UNKNOWN_DEVICE: "台帳に機器を登録し、noroshi quarantine replay で再処理してください",
    RejectionReason.UNKNOWN_GATEWAY: "台帳に基地局を登録してください。番号は gateway_id に書きます",
    RejectionReason.NOT_BORN: "送信側の BIRTH が届けば、自動で再処理します",
    RejectionReason.ENCRYPTED: "暗号化されたままのデータは読めません。ネットワークサーバーで復号してください",
    RejectionReason.DEVICE_DISABLED: "台帳の「有効」を○にしてください",
    RejectionReason.WRONG_PROJECT: "台帳の事業か、経路の project を直してください",
    RejectionReason.NOT_JSON: "JSON の書式を確かめてください。NaN や末尾のコンマは書けません",
    RejectionReason.WRONG_SHAPE: "docs/devices.ja.md の形と見比べてください",
    RejectionReason.NOT_DECODED: "ネットワークサーバーのコーデックを設定するか、台帳のプロファイルに書いてください",
    RejectionReason.RETAINED_WITHOUT_TIME: "retain を付けずに送るか、測定時刻 ts を付けてください",
    RejectionReason.INVALID_TIME: "時刻は 2026-11-24T09:00:00+09:00 の形か、ミリ秒の数値で送ってください",
    RejectionReason.TIME_IN_FUTURE: "機器の時計を合わせてください",
    RejectionReason.TIME_TOO_OLD: "古いデータを受けるときは設定 clock.max_age_days を大きくしてください",
    RejectionReason.UNKNOWN_QUANTITY: "noroshi quantities にある名前で送るか、台帳の profiles: に書いてください",
    RejectionReason.NOT_A_NUMBER: "数値を引用符なしで送ってください",
    RejectionReason.UNKNOWN_UNIT: "台帳のプロファイルか取付条件に、UCUM の単位で書いてください",
    RejectionReason.UNKNOWN_STATE: "noroshi quantities の「状態」にある言葉で送ってください",
    RejectionReason.SENTINEL: "センサーの断線や故障を確かめてください",
    RejectionReason.OUT_OF_RANGE: "単位とセンサーを確かめてください",
}
