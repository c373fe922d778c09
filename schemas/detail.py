"""The details of the quarantine in Japanese: a closed list of sentences beside the English ones of the program.

A detail is stored once, in English, with its values. This list has the same sentence for clerks, so that old rows are
translated as well as new ones. A test searches the program and fails for a sentence that is missing here.
"""

import re
from collections.abc import Mapping
from functools import cache

from schemas.quantity import CATALOGUE

# `{}` is a value; in Japanese `{0}`, `{1}` are these values. `{detail}` is one of these sentences itself.
SENTENCES: tuple[tuple[str, str], ...] = (
    # several parts, or a sentence with something behind it
    ("{detail} (at {})", "{detail}(測定時刻 {0})"),
    ("and {} more; the first of them is {}: {detail}", "ほか{0}件。最初は{1}: {detail}"),
    ("no element can be read; the first: {detail}", "どの要素も読めません。最初の要素: {detail}"),
    ("no line can be read; the first: {detail}", "どの行も読めません。最初の行: {detail}"),
    ("birth not accepted: {detail}", "BIRTH を受け付けません。{detail}"),
    (
        "{detail}; not kept: of this device {} MiB were set aside today already",
        "{detail}(この機器の隔離は今日すでに{0} MiBのため、元のデータは保管していません)",
    ),
    (
        "not kept: of this device {} MiB were set aside today already",
        "この機器の隔離は今日すでに{0} MiBのため、元のデータは保管していません",
    ),
    # how much
    ("{}... has {} bytes, at most {}", "{0}… は{1}バイトです(上限{2})"),
    ("{} bytes, at most {}", "{0}バイト(上限{1})"),
    ("more than {} elements", "要素が{0}を超えています"),
    ("nested deeper than {}", "入れ子が{0}段を超えています"),
    ("more than {} rows of {} in one message", "一通に{1}が{0}行を超えています"),
    ("more than {} {} in one message", "一通に{1}が{0}を超えています"),
    ("more than {} rows a second, after {} at once", "毎秒{0}行を超えています(一度には{1}行まで)"),
    # who
    ("no route of the settings matches this topic", "設定(routes)のどの経路にも当てはまらないトピックです"),
    ("the message names no device", "メッセージに機器の名前がありません"),
    ("the topic names no device, and neither does the payload", "トピックにもデータにも機器の名前がありません"),
    (
        "{} is not in the registry under the network of this gateway",
        "{0} は、この基地局の通信網の機器として台帳にありません",
    ),
    ("the gateway {} is not in the registry", "基地局 {0} は台帳にありません"),
    ("the network {} is not in the registry", "通信網 {0} は台帳にありません"),
    ("{} is not in the registry", "{0} は台帳にありません"),
    ("this gateway belongs to {}", "この基地局は事業 {0} のものです"),
    ("{} belongs to {}", "{0} は事業 {1} のものです"),
    ("{} is disabled", "{0} は台帳で停止中です"),
    ("there is no map {}: the route of the settings names it", "設定の経路が指す読み替え {0} がありません"),
    # the form of the whole
    ("compressed with gzip: publish it as it is", "gzip で圧縮されています。圧縮せずに送ってください"),
    ("byte {}", "{0}バイト目"),
    ("{}: line {} column {} (char {})", "{1}行目{2}文字目({0})"),
    ("not CBOR: {}", "CBOR として読めません({0})"),
    ("no Sparkplug payload: {}", "Sparkplug として読めません({0})"),
    ("neither JSON nor a protobuf message of ChirpStack", "JSON でも、ChirpStack の protobuf でもありません"),
    ("expected a JSON object, or an array of them", "JSON のオブジェクト、またはその配列ではありません"),
    ("there is no object `readings`", "readings がありません"),
    ("the array is empty", "配列が空です"),
    ("the pack has no record", "レコードがありません"),
    ("a SenML pack is an array", "SenML は配列で送ります"),
    ("`{}` is not an object", "{0} がオブジェクトではありません"),
    ("`{}` is not an array of times", "{0} が時刻の配列ではありません"),
    ("`{}` is not an array", "{0} が配列ではありません"),
    ("`{}` is not a whole number from 0", "{0} が0以上の整数ではありません"),
    ("`{}` is not a number of frames", "{0} がフレームの数ではありません"),
    ("`{}` is not a number", "{0} が数値ではありません"),
    ("`{}` is not a level in decibel", "{0} がデシベルの値ではありません"),
    ("`{}` is not a depth in cm", "{0} が cm の深さではありません"),
    ("`{}` is not text", "{0} が文字列ではありません"),
    ("`{}` is not a duration", "{0} が時間の長さではありません"),
    ("`{}` is not a time", "{0} が時刻ではありません"),
    ("`{}` is no text", "{0} が文字列ではありません"),
    ("`{}` has the wrong type", "{0} の型が違います"),
    ("`{}` has not as many values as there are times", "{0} の値の数が時刻の数と合いません"),
    ("`{}` has several values and is an object", "{0} に値が複数あります"),
    ("`{}` is not one number for the whole pack", "{0} が全体で1つの数ではありません"),
    ("`{}` is neither ONLINE nor OFFLINE: {}", "{0} が ONLINE でも OFFLINE でもありません: {1}"),
    ("`{}` is no place on earth", "{0} が地球上の位置ではありません"),
    ("`rxInfo` has a level that no radio has", "rxInfo に、電波としてありえない強さがあります"),
    ("{} is not a level in decibel", "{0} はデシベルの値ではありません"),
    ("{} is not a counter", "{0} は通番ではありません"),
    ("a record is an object", "レコードがオブジェクトではありません"),
    ("a record is not an object", "レコードがオブジェクトではありません"),
    ("a row is an object of names and values", "行が、名前と値のオブジェクトではありません"),
    ("the row does not say what it measures", "何を測ったかが行に書かれていません"),
    ("the row has not as many values as there are names", "行の値の数が名前の数と合いません"),
    ("a column has a name that is neither text nor a number", "列の名前が文字列でも数値でもありません"),
    ("a value is not finite", "値が有限の数ではありません"),
    ("a value, sum or time is not a finite number", "値・合計・時刻が有限の数ではありません"),
    ("a record has neither a value nor a sum", "レコードに値も合計もありません"),
    ("a record has more than one value", "1つのレコードに値が複数あります"),
    ("a name or a unit is not text", "名前か単位が文字列ではありません"),
    ("a base name or unit is not text", "基本名か基本単位が文字列ではありません"),
    ("`vd` is not base64url without padding", "vd が、詰め物のない base64url ではありません"),
    ("{} in {} is no name or unit of SenML", "{0}(単位 {1})は SenML の名前や単位ではありません"),
    ("the label {} is not known here", "項目 {0} には対応していません"),
    ("version {} of SenML is not known here", "SenML の版 {0} には対応していません"),
    # events of network servers
    ("ChirpStack event {} in protobuf", "ChirpStack の通知 {0}(protobuf)"),
    ("ChirpStack event {}", "ChirpStack の通知 {0}"),
    ("gateway event {}", "基地局の通知 {0}"),
    ("Sparkplug message {}", "Sparkplug のメッセージ {0}"),
    ("no event of The Things Stack is in this message", "The Things Stack の通知が含まれていません"),
    ("sent from the console or the API, not by the device", "機器ではなく、管理画面か API から送られたものです"),
    ("the same readings are stored from `up`", "同じ測定値は up から保存しています"),
    ("end-to-end encrypted: {} keeps the key", "暗号化されたままです。鍵は {0} にあります"),
    (
        "no `object`: the codec of the device profile is missing or failed",
        "object がありません。変換(codec)がないか、失敗しています",
    ),
    (
        "no decoded_payload: the payload formatter is missing or failed",
        "decoded_payload がありません。変換がないか、失敗しています",
    ),
    # frames
    ("the device has no profile with a map", "機器に、読み替え(map)のあるプロファイルがありません"),
    ("the device has no profile that says what its bytes mean", "機器に、バイト列を読むプロファイルがありません"),
    (
        "the profile {} has no layout for {} bytes on port {}",
        "プロファイル {0} に、ポート{2}の{1}バイトの読み方がありません",
    ),
    ("the profile {} has no layout for {} bytes", "プロファイル {0} に、{1}バイトの読み方がありません"),
    ("the profile does not know this tag", "プロファイルにない識別番号です"),
    (
        "the profile does not know the tag {} at byte {}: the rest of the frame cannot be read",
        "{1}バイト目の識別番号 {0} はプロファイルにありません。以降は読めません",
    ),
    (
        "no field of the layout reads these bytes; a profile that needs none of them ignores `rest`",
        "このバイト列を読む項目がありません。不要なら、プロファイルの ignore に rest と書きます",
    ),
    (
        "the frame ends inside `{}`: it needs bytes {} to {}, and there are {}",
        "{0} の途中でデータが終わっています({1}〜{2}バイト目が必要、全{3}バイト)",
    ),
    ("the frame ends inside the record at byte {}", "{0}バイト目のレコードの途中でデータが終わっています"),
    ("the frame ends inside a tag", "識別番号の途中でデータが終わっています"),
    (
        "unknown type 0x{} at byte {}: the rest of the frame cannot be read",
        "{1}バイト目の種別 0x{0} が分かりません。以降は読めません",
    ),
    ("a polyline is no measurement", "折れ線は測定値ではありません"),
    (
        "repetition {} of this channel and type; `repeat_channel` of the profile would keep it",
        "同じ系統と種別の{0}回目の値です。プロファイルの repeat_channel で残せます",
    ),
    ("the frame {} is not base64", "{0} は base64 ではありません"),
    ("the frame {} is not hexadecimal", "{0} は16進数ではありません"),
    ("nothing stands where the map looks for values", "読み替えの指す場所に値がありません"),
    # Sparkplug
    ("{} devices behind node {} are not registered", "ノード {1} の先の{0}台が台帳にありません"),
    (
        "node {} announces more than {} metrics, its devices included",
        "ノード {0} の項目が、機器の分も含めて{1}を超えています",
    ),
    ("more than {} devices behind node {}", "ノード {1} の先の機器が{0}台を超えています"),
    ("node {} announces more than its share of {} metrics", "ノード {0} の項目が、割当ての{1}を超えています"),
    ("{}: its birth has not been heard", "{0} の BIRTH がまだ届いていません"),
    ("no birth announced it", "どの BIRTH にもない項目です"),
    ("it was announced for {}", "{0} の項目として通知されています"),
    ("it has neither a name nor an alias", "名前も別名もありません"),
    ("its quality is 0: bad", "送信元が品質を不良(0)としています"),
    ("datatype {} was announced, and {} came", "通知された型 {0} と異なる {1} が届きました"),
    ("a {} is no single value", "{0} は1つの値ではありません"),
    ("{} bytes are no array of items of {} bytes", "{0}バイトは、{1}バイトずつの配列ではありません"),
    ("{} bytes are no count with {} bits behind it", "{0}バイトは、{1}ビットの並びではありません"),
    # times
    ("{} has no offset (write Z or +09:00)", "{0} に時差がありません(+09:00 などを付けてください)"),
    ("{} has no offset, and the map gives no zone", "{0} に時差がなく、読み替え(map)にも時間帯がありません"),
    ("{} is not an RFC 3339 time", "{0} は RFC 3339 の時刻ではありません"),
    ("{} is not a time in epoch milliseconds", "{0} は1970年からのミリ秒の時刻ではありません"),
    ("{} is not a time as the map describes it", "{0} は、読み替え(map)の形の時刻ではありません"),
    ("no `ts`, unlike other elements of this array", "ほかの要素と違い、ts がありません"),
    (
        "`ts` is RFC 3339 with offset, or epoch milliseconds as a number",
        "ts は時差つきの RFC 3339 か、ミリ秒の数値で送ります",
    ),
    ("{} s is no time", "{0}秒は時刻ではありません"),
    ("{} s before the frame, which has no time", "時刻のないデータの{0}秒前とされています"),
    ("the publisher gave no time", "送信元が時刻を付けていません"),
    ("{} s ahead of the time of receipt", "受信時刻より{0}秒進んでいます"),
    ("the clock of the device was never set", "機器の時計が設定されていません"),
    ("{} days old", "{0}日前の時刻です"),
    (
        "the message says {} for the same time later on, and the last one counts",
        "同じメッセージの後の方に同じ時刻の {0} があり、そちらを保存しました",
    ),
    # values
    ("{} is not in the catalogue", "{0} という測定項目はありません"),
    ("not in the normalized vocabulary", "共通の項目名(normalized)にありません"),
    (
        "{} is the same quantity: a profile tells them apart by channels",
        "{0} と同じ測定項目です。プロファイルで系統を分けてください",
    ),
    ("no quantity is bound to this {}", "この{0}に対応する測定項目がありません"),
    (
        "products differ in what it means; a profile says it: {}",
        "機種により意味が異なります。プロファイルに書く行: {0}",
    ),
    ("{} cannot be converted to {}", "単位 {0} は {1} に換算できません"),
    ("{} means 'no measurement'", "{0} は「測定なし」を表す値です"),
    ("the device's way to say 'no measurement'", "「測定なし」を表す機器の値です"),
    ("the device's way to say 'nothing was measured'", "「測定なし」を表す機器の値です"),
    ("the publisher's way to say 'no measurement'", "「測定なし」を表す送信元の値です"),
    ("{} is not a finite number", "{0} は有限の数ではありません"),
    ("not a finite number", "有限の数ではありません"),
    ("these bytes are no number", "このバイト列は数値ではありません"),
    ("{} {} is outside {}..{}", "{0} {1} は受け付ける範囲({2}〜{3})の外です"),
    ("{} is no state of {}", "{0} は {1} の状態ではありません"),
    ("the profile names no such state", "プロファイルにない状態です"),
    ("the layout has no name for this number", "この番号の状態の名前が、読み方にありません"),
    ("no echo: {} m is not beyond the blind zone of {} m", "距離 {0} m は、センサーの不感帯 {1} m 以内です"),
    ("no echo: {} m is not within the range of {} m", "距離 {0} m は、センサーの測定範囲 {1} m 以上です"),
    # what the program found out about itself
    (
        "it was alone under way when the service died, for the second time at least",
        "単独の処理中にプログラムが止まりました(2回以上)",
    ),
    ("judging it does not end within {} s", "処理が{0}秒で終わりません"),
    ("judging it takes more than {} MiB", "処理に{0} MiBを超えるメモリーが要ります"),
    ("judging it ended the process with signal {}", "処理すると、プログラムが止まります(シグナル{0})"),
    ("judging it ended the process with exit code {}", "処理すると、プログラムが止まります(終了コード{0})"),
)

_PLACES = re.compile(r"\{(detail)?\}")
_WORDS = {
    "field": "項目", "metric": "項目", "record": "レコード", "sum": "合計", "name": "名前",
    "readings": "測定値", "values": "値", "channels": "系統", "receptions": "受信の記録",
    "the message": "メッセージ", "the element": "要素", "the join server": "参加サーバー",
}  # fmt: skip


def _pattern(english: str) -> re.Pattern[str]:
    """The sentence as a pattern, in which a value matches as little as it can, and an inner sentence as much."""
    parts = _PLACES.split(english)
    text = "".join(
        re.escape(part or "") if place % 2 == 0 else "(?P<detail>.+)" if part else "(.*?)"
        for place, part in enumerate(parts)
    )
    return re.compile(text, re.DOTALL)


_PATTERNS = tuple((_pattern(english), japanese) for english, japanese in SENTENCES)


@cache
def _units() -> dict[str, str]:
    return {quantity.unit: quantity.unit_ja for quantity in CATALOGUE if quantity.unit}


def in_japanese(detail: str, labels: Mapping[str, str] | None = None) -> str | None:
    """The detail as a Japanese sentence; None if it is not in the list, as for the words of a database or a parser.

    `labels`: code of a quantity -> its label, which replaces a value that is such a code.
    """
    for pattern, japanese in _PATTERNS:
        if match := pattern.fullmatch(detail):
            inside = match.groupdict().get("detail", "")
            place = match.re.groupindex.get("detail", 0) - 1
            values = [_called(value, labels or {}) for at, value in enumerate(match.groups()) if at != place]
            return japanese.format(*values, detail=in_japanese(inside, labels) or inside)
    return None


def _called(value: str, labels: Mapping[str, str]) -> str:
    bare = value.strip("'")
    return labels.get(bare) or _units().get(bare) or _WORDS.get(bare) or value
