"""Metrics that are read in one step: announced by alias as a number, and bound to a quantity without a conversion.

A reading is exactly what `sparkplug` would give; metrics with more to them are left to that.
"""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from ingest.decode.common.names import bound
from ingest.decode.sparkplug.session import Meaning, View
from ingest.decode.sparkplug.value import READERS
from schemas.certificate import Known
from schemas.profile import Profile
from schemas.quantity import BY_CODE

STATES = frozenset(code for code, quantity in BY_CODE.items() if quantity.states)

_FIELDS = {
    **dict.fromkeys((1, 2, 3, 5, 6, 7), "int_value"), 4: "long_value", 8: "long_value", 9: "float_value",
    10: "double_value",
}  # fmt: skip
"""Datatype of a number -> the field it usually comes in."""

_NONE: Mapping[int, "Plain"] = {}


class Plain(NamedTuple):
    """A metric whose value is a number if it comes in this field."""

    field: str
    read: Callable[[Any], Any]
    quantity: str
    unit: str | None
    channel: int
    known: Known


class _Prepared(NamedTuple):
    profile: Profile | None
    metrics: Mapping[int, Plain]


def plain_metrics(view: View | None, profile: Profile | None) -> Mapping[int, Plain]:
    """The plain metrics by alias, for a device of this profile; prepared once for each birth."""
    if view is None:
        return _NONE
    prepared = view.prepared
    if not isinstance(prepared, _Prepared) or prepared.profile is not profile:
        by_alias = {alias: _plain(meaning, profile) for alias, meaning in view.by_alias.items() if alias}
        prepared = _Prepared(profile, {alias: plain for alias, plain in by_alias.items() if plain is not None})
        view.prepared = prepared
    return prepared.metrics


def _plain(meaning: Meaning, profile: Profile | None) -> Plain | None:
    known, binding = meaning
    field = _FIELDS.get(known.datatype)
    binding = bound(known.name, profile, binding, unit=known.unit is not None)
    if profile is not None and known.name in profile.ignore:
        return None
    if field is None or binding is None or binding.scale != 1 or binding.sentinels or binding.quantity in STATES:
        return None
    read = READERS[known.datatype, field]
    return Plain(field, read, binding.quantity, known.unit or binding.unit, binding.channel, known)
