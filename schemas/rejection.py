"""Reasons for quarantine: a closed list, so that dashboards, reports and replays can rely on it."""

from enum import StrEnum


class RejectionReason(StrEnum):
    """One word a program can filter by; `label_ja` is the sentence a clerk reads."""

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
    def label_ja(self) -> str:
        """The reason in the words of the overview page and the reports."""
        return _LABELS_JA[self]


_LABELS_JA: dict[RejectionReason, str] = {
    RejectionReason.UNKNOWN_TOPIC: "登録のないトピック",
    RejectionReason.UNKNOWN_DEVICE: "台帳にない機器",
    RejectionReason.UNKNOWN_GATEWAY: "台帳にない基地局",
    RejectionReason.DEVICE_DISABLED: "台帳で停止中の機器",
    RejectionReason.WRONG_PROJECT: "別の事業の機器",
    RejectionReason.EMPTY_PAYLOAD: "中身のないメッセージ",
    RejectionReason.TOO_LARGE: "大きすぎるメッセージ",
    RejectionReason.TOO_DEEP: "入れ子が深すぎる",
    RejectionReason.TOO_MANY_ELEMENTS: "要素が多すぎる",
    RejectionReason.NOT_UTF8: "文字コードがUTF-8でない",
    RejectionReason.NOT_JSON: "JSONとして読めない",
    RejectionReason.MALFORMED: "決められた形式(CBORなど)として読めない",
    RejectionReason.WRONG_SHAPE: "決められた形と異なる",
    RejectionReason.MUST_UNDERSTAND: "理解が必須の項目に対応していない",
    RejectionReason.UNSUPPORTED_EVENT: "対応していない種類の通知",
    RejectionReason.SIMULATED: "模擬送信(実測ではない)",
    RejectionReason.ENCRYPTED: "暗号化されたまま届いた",
    RejectionReason.NOT_DECODED: "送信側で復号・変換されていない",
    RejectionReason.NOT_BORN: "項目の定義(BIRTH)が届く前のデータ",
    RejectionReason.RETAINED_WITHOUT_TIME: "時刻のない保持メッセージ",
    RejectionReason.ENDED_THE_SERVICE: "処理すると取込プログラムが止まる(要連絡)",
    RejectionReason.TOO_FAST: "送信が多すぎる機器",
    RejectionReason.INVALID_TIME: "時刻の書式が誤り",
    RejectionReason.TIME_IN_FUTURE: "時刻が未来",
    RejectionReason.TIME_TOO_OLD: "時刻が古すぎる",
    RejectionReason.DATABASE_REFUSED: "データベースが受け付けない値",
    RejectionReason.DECODER_DEFECT: "取込プログラムの不具合(要連絡)",
    RejectionReason.UNKNOWN_QUANTITY: "登録のない測定項目",
    RejectionReason.NEEDS_PROFILE: "単位や意味が機種により異なる項目(プロファイルが必要)",
    RejectionReason.NOT_A_NUMBER: "数値でない",
    RejectionReason.UNKNOWN_UNIT: "換算できない単位",
    RejectionReason.UNKNOWN_STATE: "登録のない状態",
    RejectionReason.SENTINEL: "センサーの異常値コード",
    RejectionReason.NO_ECHO: "反射なし(センサーの測れる距離ではない)",
    RejectionReason.OUT_OF_RANGE: "物理的にありえない値",
    RejectionReason.BAD_QUALITY: "送信側が不良とした値",
    RejectionReason.SAME_TIME: "同じ時刻の値が一通に複数(最後の値だけ保存)",
}
