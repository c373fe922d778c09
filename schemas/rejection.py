"""Reasons for quarantine: a closed list, so that dashboards, reports and replays can rely on it."""

from schemas.labelled import Labelled


class RejectionReason(Labelled):
    """One word a program can filter by; `label` is the sentence a clerk reads."""

    # The message as a whole.
    UNKNOWN_TOPIC = "unknown_topic", "登録のないトピック", "unknown topic"
    UNKNOWN_DEVICE = "unknown_device", "台帳にない機器", "unknown device"
    UNKNOWN_GATEWAY = "unknown_gateway", "台帳にない基地局", "unknown gateway"
    DEVICE_DISABLED = "device_disabled", "台帳で停止中の機器", "device disabled"
    WRONG_PROJECT = "wrong_project", "別の事業の機器", "wrong project"
    EMPTY_PAYLOAD = "empty_payload", "中身のないメッセージ", "empty payload"
    TOO_LARGE = "too_large", "大きすぎるメッセージ", "too large"
    TOO_DEEP = "too_deep", "入れ子が深すぎる", "too deep"
    TOO_MANY_ELEMENTS = "too_many_elements", "要素が多すぎる", "too many elements"
    NOT_UTF8 = "not_utf8", "文字コードがUTF-8でない", "not UTF-8"
    NOT_JSON = "not_json", "JSONとして読めない", "not JSON"
    MALFORMED = "malformed", "決められた形式(CBORなど)として読めない", "malformed"
    WRONG_SHAPE = "wrong_shape", "決められた形と異なる", "wrong shape"
    MUST_UNDERSTAND = "must_understand", "理解が必須の項目に対応していない", "must understand"
    UNSUPPORTED_EVENT = "unsupported_event", "対応していない種類の通知", "unsupported event"
    SIMULATED = "simulated", "模擬送信(実測ではない)", "simulated"
    ENCRYPTED = "encrypted", "暗号化されたまま届いた", "encrypted"
    NOT_DECODED = "not_decoded", "送信側で復号・変換されていない", "not decoded"
    NOT_BORN = "not_born", "項目の定義(BIRTH)が届く前のデータ", "not born"
    RETAINED_WITHOUT_TIME = "retained_without_time", "時刻のない保持メッセージ", "retained without time"
    ENDED_THE_SERVICE = "ended_the_service", "処理すると取込プログラムが止まる(要連絡)", "ended the service"
    TOO_FAST = "too_fast", "送信が多すぎる機器", "too fast"
    # The message or one of its readings.
    INVALID_TIME = "invalid_time", "時刻の書式が誤り", "invalid time"
    TIME_IN_FUTURE = "time_in_future", "時刻が未来", "time in future"
    TIME_TOO_OLD = "time_too_old", "時刻が古すぎる", "time too old"
    DATABASE_REFUSED = "database_refused", "データベースが受け付けない値", "database refused"
    DECODER_DEFECT = "decoder_defect", "取込プログラムの不具合(要連絡)", "decoder defect"
    # One reading.
    UNKNOWN_QUANTITY = "unknown_quantity", "登録のない測定項目", "unknown quantity"
    NEEDS_PROFILE = "needs_profile", "単位や意味が機種により異なる項目(プロファイルが必要)", "needs profile"
    NOT_A_NUMBER = "not_a_number", "数値でない", "not a number"
    UNKNOWN_UNIT = "unknown_unit", "換算できない単位", "unknown unit"
    UNKNOWN_STATE = "unknown_state", "登録のない状態", "unknown state"
    SENTINEL = "sentinel", "センサーの異常値コード", "sentinel"
    NO_ECHO = "no_echo", "反射なし(センサーの測れる距離ではない)", "no echo"
    OUT_OF_RANGE = "out_of_range", "物理的にありえない値", "out of range"
    BAD_QUALITY = "bad_quality", "送信側が不良とした値", "bad quality"
    SAME_TIME = "same_time", "同じ時刻の値が一通に複数(最後の値だけ保存)", "same time"
