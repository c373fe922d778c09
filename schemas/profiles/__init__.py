"""Profiles that come with the program: one file per vendor, as read from the vendors' published codecs.

Those with a map, which read a vendor's JSON, are in `schemas/maps`. They are profiles like the others.

They say what the fields of a product mean, never where it was installed: depth, mount height and
datum belong to the registry. A registry may bring its own profile of the same code; that one counts.
"""

from functools import cache
from importlib.resources import files

import yaml
from pydantic import TypeAdapter

from schemas.profile import Profile

_PROFILES: TypeAdapter[list[Profile]] = TypeAdapter(list[Profile])


@cache
def shipped_profiles() -> dict[str, Profile]:
    """Every shipped profile by its code. Raises ValueError if a file is wrong or a code occurs twice."""
    shipped: dict[str, Profile] = {}
    every = [*files(__name__).iterdir(), *(files("schemas") / "maps").iterdir()]
    for file in sorted(every, key=lambda entry: entry.name):
        if not file.name.endswith(".yaml"):
            continue
        for profile in _PROFILES.validate_python(yaml.load(file.read_text(encoding="utf-8"), yaml.CSafeLoader)):
            if profile.code in shipped:
                raise ValueError(f"{file.name}: the profile {profile.code} occurs twice")
            shipped[profile.code] = profile
    return shipped


@cache
def shipped_maps() -> dict[str, Profile]:
    """The shipped profiles that have a map, by their code."""
    return {code: profile for code, profile in shipped_profiles().items() if profile.map is not None}
