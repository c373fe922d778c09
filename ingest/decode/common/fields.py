"""Turns the fields of a decoded payload (ChirpStack `object`, The Things Stack `decoded_payload`) into measurements.

What a field means is never guessed from its name: a profile says so, or the name is a code of the
catalogue. Units, states and ranges are checked later, by `ingest.validate.values`.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from math import isfinite

from ingest.decode.common import names
from ingest.decode.common.limits import MOST_PARTS, check_parts
from schemas.line import line
from schemas.profile import FieldBinding, Profile, RecordList, doubted
from schemas.quantity import BY_CODE, Kind
from schemas.rejection import RejectionReason
from schemas.unit import is_blank, remembered_conversion
from schemas.uplink import Doubted, Measured, Refused
from schemas.uplink import new_tuple as _new

_SENTINEL_TEXTS = frozenset({"", "no sensor", "invalid reading", "n/a", "nan", "null", "---"})
"""What codecs of many vendors write where a number should be."""

_UNIT_KEYS = ("unit", "units", "uom", "unit_of_measurement", "unitOfMeasurement")
_OF_A_VALUE = frozenset({"value", *_UNIT_KEYS, "displayName", "display_name", "name", "label", "description"})
_BESIDE = "nothing is bound to what stands beside this value; a profile that needs none of it ignores it"

_YES_OR_NO = frozenset({"true", "false", "on", "off", "yes", "no"})
"""Words that name no state for certain. Products differ, for example, in whether the `true` of a contact is open."""

_NUMBER = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]{1,3})?", re.ASCII)
_NUMBER_WITH_UNIT = re.compile(rf"({_NUMBER.pattern})\s*([^\s0-9+.-].*)", re.ASCII)
_LONGEST_NUMBER = 40

_COMPASS = (
    "N", "NNE", "NE", "ENE", "E", "ESE", "SE", "SSE", "S", "SSW", "SW", "WSW", "W", "WNW", "NW", "NNW",
)  # fmt: skip
_COMPASS_JA = (
    "北", "北北東", "北東", "東北東", "東", "東南東", "南東", "南南東",
    "南", "南南西", "南西", "西南西", "西", "西北西", "北西", "北北西",
)  # fmt: skip
_DEGREES = {name: index * 22.5 for names in (_COMPASS, _COMPASS_JA) for index, name in enumerate(names)}


BY_EXACT_CODE: Mapping[str, FieldBinding] = {code: FieldBinding(quantity=code) for code in BY_CODE}
CERTAIN: Mapping[str, FieldBinding] = {
    code: binding for code, binding in BY_EXACT_CODE.items() if names.certain(code, unit=False)
}
"""Codes that mean the same in every decoded payload."""
_STATES = frozenset(code for code, quantity in BY_CODE.items() if quantity.states)
_DIRECTIONS = frozenset(code for code, quantity in BY_CODE.items() if quantity.kind is Kind.DIRECTION)


def read(decoded: Mapping[str, object], profile: Profile | None) -> tuple[list[Measured], list[Refused]]:
    """Every field as a measurement or a refusal; null and ignored fields are neither.

    Without a profile only fields that carry the exact code of a quantity are understood, and of those only the ones
    whose unit is beyond doubt. Raises Undecodable for more fields than a message may have parts.
    """
    if len(decoded) > MOST_PARTS:
        check_parts(len(decoded), what="fields")
    measured: list[Measured] = []
    refused: list[Refused] = []
    if profile is None:
        _sort(decoded.items(), CERTAIN, frozenset(), measured, refused, by_code=True)
        return measured, refused
    if profile.doubting and (unsure := doubted(profile.doubting, decoded)):
        decoded = _without_doubted(decoded, unsure, profile, measured, refused)
    records = profile.records
    if records is None or records.field not in decoded:
        _sort(decoded.items(), profile.fields, profile.ignore, measured, refused)
        return measured, refused
    _sort(decoded.items(), profile.fields, profile.ignore | {records.field}, measured, refused)
    for number, (part, record) in enumerate(_flat(decoded[records.field], records.field), start=1):
        inside = len(record) if isinstance(record, dict) else 1
        check_parts(max(number, len(measured) + len(refused) + inside))
        if isinstance(record, dict):
            _sort(_record(record, records), profile.fields, profile.ignore, measured, refused)
        else:
            refused.append(Refused(RejectionReason.WRONG_SHAPE, part, "a record is an object", record))
    return measured, refused


def take(binding: FieldBinding, part: str, value: object) -> Measured | Refused | None:
    """One field as a measurement or a refusal; None for null. `value` may be a `{"value", "unit"}` object."""
    quantity, sent, unit = binding.quantity, value, binding.unit
    if isinstance(value, dict) and "value" in value:
        sent, unit = value["value"], _own_unit(value) or unit
    if sent is None:
        return None
    if isinstance(sent, str) and (parted := _parted(sent, quantity)) is not None:
        sent, unit = parted
    if quantity in _STATES:
        meaning = _state(binding, sent)
    elif quantity in _DIRECTIONS and isinstance(sent, str) and sent.strip().upper() in _DEGREES:
        return Measured(quantity, _DEGREES[sent.strip().upper()], None, binding.channel)
    elif quantity not in BY_CODE and _is_word(binding, sent):
        return Measured(quantity, sent, None, binding.channel)
    else:
        meaning = _number(binding, sent)
    if isinstance(meaning, RejectionReason):
        return Refused(meaning, part, _DETAIL[meaning], value)
    return Measured(quantity, meaning, unit, binding.channel)


def _without_doubted(
    decoded: Mapping[str, object],
    unsure: AbstractSet[str],
    profile: Profile,
    measured: list[Measured],
    refused: list[Refused],
) -> Mapping[str, object]:
    """The fields outside `unsure`. Those in it go to `measured`, marked as doubtful, or to `refused`."""
    for name in unsure & decoded.keys():
        outcome = take(profile.fields[name], name, decoded[name])
        if isinstance(outcome, Measured):
            measured.append(doubtful(outcome))
        elif outcome is not None:
            refused.append(outcome)
    return {name: value for name, value in decoded.items() if name not in unsure}


def doubtful(measurement: Measured) -> Measured:
    """The same measurement, marked as doubtful by its publisher."""
    return measurement._replace(value=Doubted(measurement.value))


def _sort(
    fields: Iterable[tuple[str, object]],
    bindings: Mapping[str, FieldBinding],
    ignore: AbstractSet[str],
    measured: list[Measured],
    refused: list[Refused],
    *,
    by_code: bool = False,
) -> None:
    """Add every field to `measured` or `refused`. `by_code`: names of the catalogue count, as there is no profile."""
    for name, value in fields:
        if value is None:
            continue
        binding = bindings.get(name)
        if binding is not None:
            # Nearly every field is a plain number that its binding does not change. `take` would give the same, slower.
            if (
                (type(value) is float or type(value) is int)
                and binding.scale == 1
                and not binding.sentinels
                and binding.quantity not in _STATES
                and isfinite(value)
            ):
                measured.append(_new(Measured, (binding.quantity, value, binding.unit, binding.channel, None)))
                continue
            outcome = take(binding, name, value)
        elif name not in ignore:
            outcome = without_binding(name, value, by_code=by_code)
        else:
            continue
        if isinstance(outcome, Measured):
            measured.append(outcome)
            if type(value) is dict:
                refused.extend(refused_beside(name, value, ignore))
        elif outcome is not None:
            refused.append(outcome)


def without_binding(name: str, value: object, *, by_code: bool) -> Measured | Refused | None:
    """A field that no profile binds. It counts if its name is a code of the catalogue and its meaning beyond doubt.

    A unit beside the value removes the doubt, and so does the word of a state: `open` is open, `true` may be either.
    """
    binding = BY_EXACT_CODE.get(name) if by_code else None
    if binding is not None and (names.certain(name, unit=_says_unit(name, value)) or _is_state_word(name, value)):
        return take(binding, name, value)
    reason, detail = names.unbound(name, None, name if binding is not None else None, "field")
    return Refused(reason, name, detail, value)


def _is_state_word(name: str, value: object) -> bool:
    return name in _STATES and isinstance(value, str) and value.strip().lower() not in _YES_OR_NO


def _says_unit(name: str, value: object) -> bool:
    if isinstance(value, str):
        return _parted(value, name) is not None
    return isinstance(value, dict) and "value" in value and _own_unit(value) is not None


def _own_unit(value: Mapping[str, object]) -> str | None:
    """The unit that stands beside a value."""
    for key in _UNIT_KEYS:
        unit = value.get(key)
        if isinstance(unit, str) and not is_blank(unit):
            return unit
    return None


def refused_beside(name: str, value: Mapping[str, object], ignore: AbstractSet[str]) -> Iterator[Refused]:
    """A refusal for each key of an object besides its value, unit and name: a state, a time, another value."""
    check_parts(len(value), what="keys beside a value")
    for key, content in value.items():
        if content is not None and key not in _OF_A_VALUE and ignore.isdisjoint((key, f"{name}.{key}")):
            yield Refused(RejectionReason.UNKNOWN_QUANTITY, names.short(f"{name}.{key}"), _BESIDE, content)


def _parted(sent: str, quantity: str) -> tuple[str, str] | None:
    """The number and the unit of a text like "3.6 V"; None if that is no unit of the quantity."""
    word, in_catalogue = sent.strip(), BY_CODE.get(quantity)
    if in_catalogue is None or in_catalogue.states or len(word) > _LONGEST_NUMBER:
        return None
    parts = _NUMBER_WITH_UNIT.fullmatch(word)
    if parts is None or is_blank(parts[2]) or remembered_conversion(parts[2], in_catalogue.unit) is None:
        return None
    return parts[1], parts[2]


def _number(binding: FieldBinding, sent: object) -> float | RejectionReason:
    """A number times the scale of its binding. Sentinels are compared with what was sent, before the scale."""
    if isinstance(sent, str):
        word = sent.strip()
        if _means_nothing(binding, word):
            return RejectionReason.SENTINEL
        if len(word) > _LONGEST_NUMBER or _NUMBER.fullmatch(word) is None:
            return RejectionReason.NOT_A_NUMBER
        sent = float(word)
    elif isinstance(sent, bool) or not isinstance(sent, (int, float)):
        return RejectionReason.NOT_A_NUMBER
    if binding.sentinels and sent in binding.sentinels:
        return RejectionReason.SENTINEL
    number = sent if binding.scale == 1 else line(sent, binding.scale)
    return number if isfinite(number) else RejectionReason.NOT_A_NUMBER


def _state(binding: FieldBinding, sent: object) -> float | str | RejectionReason:
    """The name of a state, or what the publisher said if the profile gives it no other name."""
    if isinstance(sent, str):
        word = sent.strip()
        if _means_nothing(binding, word):
            return RejectionReason.SENTINEL
    elif isinstance(sent, bool):
        word = "true" if sent else "false"
    elif isinstance(sent, (int, float)):
        if sent in binding.sentinels:
            return RejectionReason.SENTINEL
        word = f"{sent:g}"
    else:
        return RejectionReason.NOT_A_NUMBER
    if not binding.states:
        return sent
    name = binding.states.get(word) or binding.states.get(word.lower())
    if name is not None:
        return name
    # A number the profile has no name for must not be read by the numbering of the catalogue.
    return sent if isinstance(sent, str) else RejectionReason.UNKNOWN_STATE


def _is_word(binding: FieldBinding, sent: object) -> bool:
    """Whether a value can only be a state. Which words are states of a project's own quantity is checked later."""
    if not isinstance(sent, str):
        return isinstance(sent, bool)
    word = sent.strip()
    return not _NUMBER.fullmatch(word) and not _means_nothing(binding, word)


def _means_nothing(binding: FieldBinding, word: str) -> bool:
    folded = word.lower()
    return folded in _SENTINEL_TEXTS or any(
        isinstance(sentinel, str) and sentinel.lower() == folded for sentinel in binding.sentinels
    )


_DETAIL = {
    RejectionReason.SENTINEL: "the publisher's way to say 'no measurement'",
    RejectionReason.NOT_A_NUMBER: "not a finite number",
    RejectionReason.UNKNOWN_STATE: "the profile names no such state",
}


def _flat(value: object, part: str) -> Iterator[tuple[str, object]]:
    """(part, record) for each record of a list; some codecs put lists of records into the list."""
    rows = value if isinstance(value, list) else [value]
    for index, row in enumerate(rows):
        if isinstance(row, list):
            yield from ((f"{part}[{index}][{inner}]", record) for inner, record in enumerate(row))
        elif row is not None:
            yield f"{part}[{index}]", row


def _record(record: Mapping[str, object], keys: RecordList) -> Iterable[tuple[str, object]]:
    """A record as a field named by its id. Without an id or a value its own keys are the fields."""
    name, value = record.get(keys.id_key), record.get(keys.value_key)
    if name is None or value is None:
        return record.items()
    # ChirpStack prints every number as a double: 4097.0 is the id 4097.
    own = (f"{name:g}" if isinstance(name, float) else str(name)), value
    beside = ((key, content) for key, content in record.items() if key not in (keys.id_key, keys.value_key))
    return (own, *beside)
