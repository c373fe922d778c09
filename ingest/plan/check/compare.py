"""What differs between two frozen bodies of one period, in the order in which people read them. Pure."""

from collections.abc import Iterator, Mapping
from typing import Any

from schemas.bilingual import Bilingual, joined

_PASSING = frozenset(("computed_at", "software"))
"""What says how something was computed, and is no result."""

_ROWS = ("figures", "outages", "work")
_COUNTED = (
    "expected", "sent", "arrived", "valid", "completeness", "availability", "readings", "outages", "ended", "ended_s",
    "downtime_s", "visits", "minutes", "km",
)  # fmt: skip

_INPUTS = {
    "data": Bilingual("遅れて届いたデータ、訂正", "late data or corrections"),
    "links": Bilingual("遅れて届いた通信の記録", "late records of transmission"),
    "work": Bilingual("作業記録の追加・取消し", "entries of the work log added or voided"),
    "stops": Bilingual("計画停止の追加・承認・取消し", "planned stops added, signed or voided"),
    "observations": Bilingual("手入力の観測の追加・取消し", "observations added or voided"),
    "outages": Bilingual("停止の一覧の変更", "a change of the list of outages"),
    "registry": Bilingual("台帳の変更", "a change of the registry"),
}


def comparable(body: Mapping[str, Any]) -> Any:
    """The body without what says how and when it was computed: equal bodies have the same results."""
    return _without({name: part for name, part in body.items() if name not in ("inputs", "use")})


def differences(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[dict[str, Any]]:
    """KPIs first, then figures, outages and work: `what` (a path), `before`, `after`. None: it was not there."""
    found = [*_of_kpis(before, after)]
    for part in _ROWS:
        found += _of_rows(part, before.get(part) or [], after.get(part) or [])
    if not found and comparable(before) != comparable(after):
        found.append({"what": "body", "before": None, "after": None})
    return found


def why_changed(before: Mapping[str, str], after: Mapping[str, str]) -> Bilingual:
    """Which inputs are not as they were."""
    changed = [said for kind, said in _INPUTS.items() if before.get(kind) != after.get(kind)]
    if not changed:
        return Bilingual("計算方法の変更", "a change of how it is computed")
    return joined(changed, "、", ", ")


def _of_kpis(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    old = {each["code"]: each for each in before["kpis"]}
    new = {each["code"]: each for each in after["kpis"]}
    for code in dict.fromkeys([*old, *new]):
        for name in ("actual", "rate", "grade", "reference_only"):
            was, now = old.get(code, {}).get(name), new.get(code, {}).get(name)
            if was != now:
                yield {"what": f"kpis.{code}.{name}", "before": was, "after": now}


def _of_rows(part: str, before: list[dict[str, Any]], after: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    old = {(each["level"], each["key"]): each for each in before}
    new = {(each["level"], each["key"]): each for each in after}
    for level, key in dict.fromkeys([*old, *new]):
        for name in _COUNTED:
            was, now = old.get((level, key), {}).get(name), new.get((level, key), {}).get(name)
            if was != now:
                where = ".".join(word for word in (part, level, key, name) if word)
                yield {"what": where, "before": was, "after": now}


def _without(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {name: _without(part) for name, part in value.items() if name not in _PASSING}
    if isinstance(value, list):
        return [_without(part) for part in value]
    return value
