"""Names of measurements that need no profile: the codes of the catalogue, with any separator between their parts.

Where products differ in the unit or the meaning of a name, its code alone is not enough: a profile, or a unit beside
the value, must say what it is. A profile that binds fields takes those and no others.
"""

from zlib import crc32

from schemas.profile import FieldBinding, Profile
from schemas.quantity import BY_CODE, NEED_A_PROFILE
from schemas.rejection import RejectionReason

_SEPARATORS = str.maketrans("/.:-", "____")
_BINDINGS = {code: FieldBinding(quantity=code) for code in BY_CODE}


def in_catalogue(name: str) -> FieldBinding | None:
    """The quantity that `soil/temperature`, `soil.temperature` or `soil_temperature` is; None for any other name."""
    return _BINDINGS.get(name) or _BINDINGS.get(name.translate(_SEPARATORS).lower())


def bound(name: str, profile: Profile | None, in_catalogue: FieldBinding | None, *, unit: bool) -> FieldBinding | None:
    """The binding of a name for a device, or None. `unit`: the publisher sends the unit with the value."""
    if profile is not None and profile.fields:
        return profile.fields.get(name)
    return in_catalogue if in_catalogue is not None and certain(in_catalogue.quantity, unit=unit) else None


def certain(code: str, *, unit: bool) -> bool:
    """Whether a code alone tells what its value is. `unit`: the publisher sends the unit with the value."""
    return code not in NEED_A_PROFILE or (unit and not BY_CODE[code].states)


def unbound(name: str, profile: Profile | None, code: str | None, what: str) -> tuple[RejectionReason, str]:
    """Why a name is not taken, and what to write into a profile so that it is. `code`: the quantity it looks like."""
    if code not in NEED_A_PROFILE or (profile is not None and profile.fields):
        return RejectionReason.UNKNOWN_QUANTITY, f"no quantity is bound to this {what}"
    return RejectionReason.NEEDS_PROFILE, f"products differ in what it means; a profile says it: {_line(name, code)}"


def _line(name: str, code: str) -> str:
    quantity = BY_CODE[code]
    if quantity.states:
        no, yes = (next(word for word, number in quantity.states.items() if number == one) for one in (0, 1))
        return f'{name}: {{quantity: {code}, states: {{"true": {yes}, "false": {no}}}}}, or the other way round'
    return f'{name}: {{quantity: {code}, unit: "{quantity.unit}"}}, with the unit that is sent'


LONGEST = 200
"""Characters of a name that are kept; no device writes one that long."""


def short(name: str) -> str:
    """The name itself; a longer one is cut, with a checksum that tells it from others of the same beginning."""
    if len(name) <= LONGEST:
        return name
    return f"{name[:LONGEST]}…{crc32(name.encode('utf-8', 'replace')):08x}"
