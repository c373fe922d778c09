"""Resolves a name and a unit of SenML for a device of one profile, once: the results are cached."""

import re
from functools import lru_cache
from typing import NamedTuple

from ingest.decode.common.names import certain, in_catalogue, unbound
from ingest.decode.senml.units import SECONDARY, meaning
from ingest.errors import Undecodable
from schemas.profile import FieldBinding, Profile
from schemas.quantity import BY_CODE
from schemas.rejection import RejectionReason

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9:./_-]*", re.ASCII)
_LONGEST_NAME, _LONGEST_UNIT = 200, 40
"""Longer than any device writes. The cache keeps names, so they need a bound."""
_STATES = frozenset(code for code, quantity in BY_CODE.items() if quantity.states)


class Key:
    """A profile as a key of the cache: compared by identity, and kept alive while the cache has an entry for it."""

    __slots__ = ("profile",)

    def __init__(self, profile: Profile) -> None:
        self.profile = profile

    def __hash__(self) -> int:
        return id(self.profile)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Key) and other.profile is self.profile


class Resolved(NamedTuple):
    """A name in a unit. A number of it is `value * factor` in `unit`; anything else is read by `binding`.

    `quick`: what it takes to store a plain number; None if more is needed. `fields`: the names a profile may use.
    `ignored`: the profile says that it is no measurement.
    """

    quick: tuple[tuple[str, int], str, int, str, str | None, float] | None
    """(slot, quantity, channel, full, unit, factor)"""
    full: str
    fields: tuple[str, ...]
    binding: FieldBinding | None
    quantity: str
    channel: int
    slot: tuple[str, int]
    unit: str | None
    factor: float
    ignored: bool
    secondary: bool


@lru_cache(maxsize=8192)
def resolve(key: Key | None, base: str, own: str, unit: str) -> Resolved:
    """Base name and name put together. Raises Undecodable if that is no SenML name."""
    if type(own) is not str or type(unit) is not str:
        raise Undecodable(RejectionReason.WRONG_SHAPE, "a name or a unit is not text")
    full = base + own
    if _NAME.fullmatch(full) is None or len(full) > _LONGEST_NAME or len(unit) > _LONGEST_UNIT:
        raise Undecodable(RejectionReason.WRONG_SHAPE, f"{full[:60]!r} in {unit[:20]!r} is no name or unit of SenML")
    # The whole name, what the record itself says, what follows the last colon: the rest names the device.
    fields = tuple(dict.fromkeys(part for part in (full, own, full.rpartition(":")[2]) if part))
    profile = None if key is None else key.profile
    ignored = profile is not None and not profile.ignore.isdisjoint(fields)
    binding = None if ignored else _binding(profile, fields, unit)
    if binding is None:
        return Resolved(None, full, fields, None, "", 0, ("", 0), None, 1, ignored=ignored, secondary=False)
    quantity = binding.quantity
    own_unit, factor = meaning(unit, quantity) if unit else (binding.unit, 1)
    slot, secondary = (quantity, binding.channel), unit in SECONDARY
    plain = binding.scale == 1 and not binding.sentinels and quantity not in _STATES and not secondary
    quick = (slot, quantity, binding.channel, full, own_unit, factor) if plain else None
    return Resolved(
        quick, full, fields, binding, quantity, binding.channel, slot, own_unit, factor,
        ignored=False, secondary=secondary,
    )  # fmt: skip


def _binding(profile: Profile | None, fields: tuple[str, ...], unit: str) -> FieldBinding | None:
    if profile is not None and profile.fields:
        return next((profile.fields[field] for field in fields if field in profile.fields), None)
    binding = next(filter(None, map(in_catalogue, fields)), None)
    if binding is None or binding.quantity in _STATES:  # a state is read in the words of the catalogue
        return binding
    return binding if certain(binding.quantity, unit=bool(unit)) else None


def why_unbound(name: Resolved, profile: Profile | None) -> tuple[RejectionReason, str]:
    """Why a name that is not ignored is not taken."""
    looks_like = next(filter(None, map(in_catalogue, name.fields)), None)
    return unbound(name.fields[-1], profile, None if looks_like is None else looks_like.quantity, "name")
