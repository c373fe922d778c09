"""Advice on a quarantined message or reading, by its reason."""

from schemas.bilingual import Bilingual
from schemas.rejection import RejectionReason


def advice_for(reason: RejectionReason) -> Bilingual:
    """What to do about a reason, for the person in charge of the sender or of the registry."""
    return _ADVICE.get(reason, _ANY)


_ANY = Bilingual(
    "送信側の設定を確かめ、直した後に noroshi quarantine replay で再処理してください",
    "look at the settings of the sender, and call `noroshi quarantine replay` when they are right",
)
_ADVICE = {
    RejectionReason.UNKNOWN_TOPIC: Bilingual(
        "トピックの綴りを確かめるか、設定 routes に経路を加えてください",
        "look at the spelling of the topic, or add a route to the setting routes",
    ),
    RejectionReason.UNKNOWN_DEVICE: Bilingual(
        "台帳に機器を登録し、noroshi quarantine replay で再処理してください",
        "register the device, then call `noroshi quarantine replay`",
    ),
    RejectionReason.UNKNOWN_GATEWAY: Bilingual(
        "台帳に基地局を登録してください。番号は gateway_id に書きます",
        "register the gateway; its number is written as gateway_id",
    ),
    RejectionReason.NOT_BORN: Bilingual(
        "送信側の BIRTH が届けば、自動で再処理します",
        "as soon as the BIRTH of the sender comes it is tried again by itself",
    ),
    RejectionReason.ENCRYPTED: Bilingual(
        "暗号化されたままのデータは読めません。ネットワークサーバーで復号してください",
        "what is encrypted cannot be read: let the network server decrypt it",
    ),
    RejectionReason.DEVICE_DISABLED: Bilingual(
        "台帳の「有効」を○にしてください",
        "write `enabled: true` in the registry",
    ),
    RejectionReason.WRONG_PROJECT: Bilingual(
        "台帳の事業か、経路の project を直してください",
        "correct the project of the registry, or that of the route",
    ),
    RejectionReason.NOT_JSON: Bilingual(
        "JSON の書式を確かめてください。NaN や末尾のコンマは書けません",
        "look at the form of the JSON: neither NaN nor a comma at the end can be written",
    ),
    RejectionReason.WRONG_SHAPE: Bilingual(
        "docs/devices.ja.md の形と見比べてください",
        "compare it with docs/devices.md",
    ),
    RejectionReason.NOT_DECODED: Bilingual(
        "ネットワークサーバーのコーデックを設定するか、台帳のプロファイルに書いてください",
        "set a codec in the network server, or write it into the profile of the registry",
    ),
    RejectionReason.RETAINED_WITHOUT_TIME: Bilingual(
        "retain を付けずに送るか、測定時刻 ts を付けてください",
        "send it without retain, or with the time of measurement ts",
    ),
    RejectionReason.ENDED_THE_SERVICE: Bilingual(
        "取り込むとプログラムが止まるメッセージです。開発元にお知らせください",
        "taking it in ends the program: tell its makers",
    ),
    RejectionReason.TOO_FAST: Bilingual(
        "機器の送信間隔を確かめ、直した後に noroshi quarantine replay で再処理してください",
        "look at the interval of the device, and call `noroshi quarantine replay` when it is right",
    ),
    RejectionReason.INVALID_TIME: Bilingual(
        "時刻は 2026-11-24T09:00:00+09:00 の形か、ミリ秒の数値で送ってください",
        "send times as 2026-11-24T09:00:00+09:00, or as a number of milliseconds",
    ),
    RejectionReason.SAME_TIME: Bilingual(
        "一通に何件も入れるときは、それぞれに測定時刻 ts を付けてください",
        "give each of several in one message a time of measurement ts of its own",
    ),
    RejectionReason.TIME_IN_FUTURE: Bilingual(
        "機器の時計を合わせてください",
        "set the clock of the device",
    ),
    RejectionReason.TIME_TOO_OLD: Bilingual(
        "古いデータを受けるときは設定 clock.max_age_days を大きくしてください",
        "to take old data raise the setting clock.max_age_days",
    ),
    RejectionReason.UNKNOWN_QUANTITY: Bilingual(
        "noroshi quantities にある名前で送るか、台帳の profiles: に書いてください",
        "send a name of `noroshi quantities`, or write it under profiles: of the registry",
    ),
    RejectionReason.NOT_A_NUMBER: Bilingual(
        "数値を引用符なしで送ってください",
        "send numbers without quotes",
    ),
    RejectionReason.UNKNOWN_UNIT: Bilingual(
        "台帳のプロファイルか取付条件に、UCUM の単位で書いてください",
        "write a unit of UCUM into the profile or the binding of the registry",
    ),
    RejectionReason.UNKNOWN_STATE: Bilingual(
        "noroshi quantities の「状態」にある言葉で送ってください",
        "send a word that `noroshi quantities` has under states",
    ),
    RejectionReason.SENTINEL: Bilingual(
        "センサーの断線や故障を確かめてください",
        "see whether the sensor is broken or its wire cut",
    ),
    RejectionReason.NO_ECHO: Bilingual(
        "センサーの前を確かめ、測れる距離を取付条件の blind_zone_m と range_m に書いてください",
        "look at what is before the sensor, and write blind_zone_m and range_m into its binding",
    ),
    RejectionReason.NEEDS_PROFILE: Bilingual(
        "台帳の profiles: に、項目の意味と送られてくる単位を書いてください",
        "write what the field means, and the unit in which it comes, under profiles: of the registry",
    ),
    RejectionReason.OUT_OF_RANGE: Bilingual(
        "単位とセンサーを確かめてください",
        "look at the unit and at the sensor",
    ),
}
