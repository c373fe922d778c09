"""Reasons for quarantine: a closed list, so that dashboards, reports and replays can rely on it."""

from enum import StrEnum

from schemas.bilingual import Bilingual


class RejectionReason(StrEnum):
    """One word a program can filter by; `label` is the sentence a clerk reads."""

    # The message as a whole.
    UNKNOWN_TOPIC = "unknown_topic"
    UNKNOWN_DEVICE = "unknown_device"
    UNKNOWN_GATEWAY = "unknown_gateway"
    DEVICE_DISABLED = "device_disabled"
    WRONG_PROJECT = "wrong_project"
    EMPTY_PAYLOAD = "empty_payload"
    TOO_LARGE = "too_large"
    TOO_DEEP = "too_deep"
    TOO_MANY_ELEMENTS = "too_many_elements"
    NOT_UTF8 = "not_utf8"
    NOT_JSON = "not_json"
    MALFORMED = "malformed"
    WRONG_SHAPE = "wrong_shape"
    MUST_UNDERSTAND = "must_understand"
    UNSUPPORTED_EVENT = "unsupported_event"
    SIMULATED = "simulated"
    ENCRYPTED = "encrypted"
    NOT_DECODED = "not_decoded"
    NOT_BORN = "not_born"
    RETAINED_WITHOUT_TIME = "retained_without_time"
    ENDED_THE_SERVICE = "ended_the_service"
    TOO_FAST = "too_fast"
    # The message or one of its readings.
    INVALID_TIME = "invalid_time"
    TIME_IN_FUTURE = "time_in_future"
    TIME_TOO_OLD = "time_too_old"
    DATABASE_REFUSED = "database_refused"
    DECODER_DEFECT = "decoder_defect"
    # One reading.
    UNKNOWN_QUANTITY = "unknown_quantity"
    NEEDS_PROFILE = "needs_profile"
    NOT_A_NUMBER = "not_a_number"
    UNKNOWN_UNIT = "unknown_unit"
    UNKNOWN_STATE = "unknown_state"
    SENTINEL = "sentinel"
    NO_ECHO = "no_echo"
    OUT_OF_RANGE = "out_of_range"
    BAD_QUALITY = "bad_quality"
    SAME_TIME = "same_time"

    @property
    def label(self) -> Bilingual:
        """What people call it."""
        return _LABELS[self]


_LABELS = {
    RejectionReason.UNKNOWN_TOPIC: Bilingual("登録のないトピック", "unknown topic"),
    RejectionReason.UNKNOWN_DEVICE: Bilingual("台帳にない機器", "unknown device"),
    RejectionReason.UNKNOWN_GATEWAY: Bilingual("台帳にない基地局", "unknown gateway"),
    RejectionReason.DEVICE_DISABLED: Bilingual("台帳で停止中の機器", "device disabled"),
    RejectionReason.WRONG_PROJECT: Bilingual("別の事業の機器", "wrong project"),
    RejectionReason.EMPTY_PAYLOAD: Bilingual("中身のないメッセージ", "empty payload"),
    RejectionReason.TOO_LARGE: Bilingual("大きすぎるメッセージ", "too large"),
    RejectionReason.TOO_DEEP: Bilingual("入れ子が深すぎる", "too deep"),
    RejectionReason.TOO_MANY_ELEMENTS: Bilingual("要素が多すぎる", "too many elements"),
    RejectionReason.NOT_UTF8: Bilingual("文字コードがUTF-8でない", "not UTF-8"),
    RejectionReason.NOT_JSON: Bilingual("JSONとして読めない", "not JSON"),
    RejectionReason.MALFORMED: Bilingual("決められた形式(CBORなど)として読めない", "malformed"),
    RejectionReason.WRONG_SHAPE: Bilingual("決められた形と異なる", "wrong shape"),
    RejectionReason.MUST_UNDERSTAND: Bilingual("理解が必須の項目に対応していない", "must understand"),
    RejectionReason.UNSUPPORTED_EVENT: Bilingual("対応していない種類の通知", "unsupported event"),
    RejectionReason.SIMULATED: Bilingual("模擬送信(実測ではない)", "simulated"),
    RejectionReason.ENCRYPTED: Bilingual("暗号化されたまま届いた", "encrypted"),
    RejectionReason.NOT_DECODED: Bilingual("送信側で復号・変換されていない", "not decoded"),
    RejectionReason.NOT_BORN: Bilingual("項目の定義(BIRTH)が届く前のデータ", "not born"),
    RejectionReason.RETAINED_WITHOUT_TIME: Bilingual("時刻のない保持メッセージ", "retained without time"),
    RejectionReason.ENDED_THE_SERVICE: Bilingual("処理すると取込プログラムが止まる(要連絡)", "ended the service"),
    RejectionReason.TOO_FAST: Bilingual("送信が多すぎる機器", "too fast"),
    RejectionReason.INVALID_TIME: Bilingual("時刻の書式が誤り", "invalid time"),
    RejectionReason.TIME_IN_FUTURE: Bilingual("時刻が未来", "time in future"),
    RejectionReason.TIME_TOO_OLD: Bilingual("時刻が古すぎる", "time too old"),
    RejectionReason.DATABASE_REFUSED: Bilingual("データベースが受け付けない値", "database refused"),
    RejectionReason.DECODER_DEFECT: Bilingual("取込プログラムの不具合(要連絡)", "decoder defect"),
    RejectionReason.UNKNOWN_QUANTITY: Bilingual("登録のない測定項目", "unknown quantity"),
    RejectionReason.NEEDS_PROFILE: Bilingual("単位や意味が機種により異なる項目(プロファイルが必要)", "needs profile"),
    RejectionReason.NOT_A_NUMBER: Bilingual("数値でない", "not a number"),
    RejectionReason.UNKNOWN_UNIT: Bilingual("換算できない単位", "unknown unit"),
    RejectionReason.UNKNOWN_STATE: Bilingual("登録のない状態", "unknown state"),
    RejectionReason.SENTINEL: Bilingual("センサーの異常値コード", "sentinel"),
    RejectionReason.NO_ECHO: Bilingual("反射なし(センサーの測れる距離ではない)", "no echo"),
    RejectionReason.OUT_OF_RANGE: Bilingual("物理的にありえない値", "out of range"),
    RejectionReason.BAD_QUALITY: Bilingual("送信側が不良とした値", "bad quality"),
    RejectionReason.SAME_TIME: Bilingual("同じ時刻の値が一通に複数(最後の値だけ保存)", "same time"),
}
