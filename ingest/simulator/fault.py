"""The faults of a field, a closed list. Each fault is sent on purpose, and counted."""

from enum import StrEnum

from schemas.bilingual import Bilingual


class Fault(StrEnum):
    """A kind of fault; `outcome` is what the service must do with such a message."""

    DUPLICATE = "duplicate"
    NOT_JSON = "not_json"
    UNKNOWN_DEVICE = "unknown_device"
    WRONG_TYPE = "wrong_type"
    WRONG_UNIT = "wrong_unit"
    OUT_OF_RANGE = "out_of_range"
    SENTINEL = "sentinel"
    NAN_LITERAL = "nan_literal"
    UNKNOWN_EVENT = "unknown_event"
    BACKFILL = "backfill"
    HALF_GOOD_ARRAY = "half_good_array"
    CLOCK_UNSET = "clock_unset"
    CLOCK_DRIFT = "clock_drift"

    @property
    def outcome(self) -> str:
        """`stored`, `partly` (stored, some readings quarantined), `quarantined` or `duplicate`."""
        return _OUTCOMES[self]

    @property
    def outcome_ja(self) -> str:
        """The outcome in Japanese."""
        return _OUTCOMES_JA[self.outcome]

    @property
    def label(self) -> Bilingual:
        """The name of the fault in both languages."""
        return _LABELS[self]


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

_LABELS = {
    Fault.DUPLICATE: Bilingual("同じ電文の再送", "duplicate"),
    Fault.NOT_JSON: Bilingual("途中で切れた電文", "not JSON"),
    Fault.UNKNOWN_DEVICE: Bilingual("台帳にない機器", "unknown device"),
    Fault.WRONG_TYPE: Bilingual("数値でない値", "wrong type"),
    Fault.WRONG_UNIT: Bilingual("単位の誤り", "wrong unit"),
    Fault.OUT_OF_RANGE: Bilingual("ありえない値", "out of range"),
    Fault.SENTINEL: Bilingual("センサー異常値コード", "sentinel"),
    Fault.NAN_LITERAL: Bilingual("NaN", "NaN"),
    Fault.UNKNOWN_EVENT: Bilingual("未対応の通知", "unknown event"),
    Fault.BACKFILL: Bilingual("通信断後のまとめ送り", "backfill"),
    Fault.HALF_GOOD_ARRAY: Bilingual("半分壊れたまとめ送り", "half good array"),
    Fault.CLOCK_UNSET: Bilingual("時計未設定(1970年)", "clock unset"),
    Fault.CLOCK_DRIFT: Bilingual("時計の進み", "clock drift"),
}

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
