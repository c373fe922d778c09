"""The faults of a field, a closed list. Each fault is sent on purpose, and counted."""

from schemas.labelled import Labelled


class Fault(Labelled):
    """A kind of fault; `outcome` is what the service must do with such a message."""

    DUPLICATE = "duplicate", "同じ電文の再送", "duplicate"
    NOT_JSON = "not_json", "途中で切れた電文", "not JSON"
    UNKNOWN_DEVICE = "unknown_device", "台帳にない機器", "unknown device"
    WRONG_TYPE = "wrong_type", "数値でない値", "wrong type"
    WRONG_UNIT = "wrong_unit", "単位の誤り", "wrong unit"
    OUT_OF_RANGE = "out_of_range", "ありえない値", "out of range"
    SENTINEL = "sentinel", "センサー異常値コード", "sentinel"
    NAN_LITERAL = "nan_literal", "NaN", "NaN"
    UNKNOWN_EVENT = "unknown_event", "未対応の通知", "unknown event"
    BACKFILL = "backfill", "通信断後のまとめ送り", "backfill"
    HALF_GOOD_ARRAY = "half_good_array", "半分壊れたまとめ送り", "half good array"
    CLOCK_UNSET = "clock_unset", "時計未設定(1970年)", "clock unset"
    CLOCK_DRIFT = "clock_drift", "時計の進み", "clock drift"

    @property
    def outcome(self) -> str:
        """`stored`, `partly` (stored, some readings quarantined), `quarantined` or `duplicate`."""
        return _OUTCOMES[self]

    @property
    def outcome_ja(self) -> str:
        """The outcome in Japanese."""
        return _OUTCOMES_JA[self.outcome]


_OUTCOMES = {
    Fault.DUPLICATE: "duplicate",
    Fault.NOT_JSON: "quarantined",
    Fault.UNKNOWN_DEVICE: "quarantined",
    Fault.WRONG_TYPE: "partly",
    Fault.WRONG_UNIT: "partly",
    Fault.OUT_OF_RANGE: "partly",
    Fault.SENTINEL: "partly",
    Fault.NAN_LITERAL: "partly",
    Fault.UNKNOWN_EVENT: "quarantined",
    Fault.BACKFILL: "stored",
    Fault.HALF_GOOD_ARRAY: "partly",
    Fault.CLOCK_UNSET: "stored",
    Fault.CLOCK_DRIFT: "stored",
}

_OUTCOMES_JA = {"stored": "保存", "partly": "一部を隔離", "quarantined": "隔離", "duplicate": "重複"}

SCHEDULED: tuple[Fault, ...] = (
    Fault.DUPLICATE,
    Fault.NOT_JSON,
    Fault.UNKNOWN_DEVICE,
    Fault.OUT_OF_RANGE,
    Fault.BACKFILL,
    Fault.SENTINEL,
    Fault.NAN_LITERAL,
    Fault.WRONG_TYPE,
    Fault.UNKNOWN_EVENT,
    Fault.WRONG_UNIT,
    Fault.HALF_GOOD_ARRAY,
)
"""Faults that occur in turn. The faults of clocks belong to two devices and last all the time."""
