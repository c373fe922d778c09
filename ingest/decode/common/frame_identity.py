"""The identity of a LoRaWAN frame: the same for every gateway that heard it and every time a network server gives it.

A device counts its frames, so its address since the join, the counter and the content name one frame.
"""

from xxhash import xxh3_64_intdigest

from schemas.json_map import JsonMap
from schemas.profile import Profile
from schemas.uplink import EventKind, Uplink

_COUNTERS = frozenset({"fcnt", "fcntup", "framecounter", "framecount"})


def identity(uplink: Uplink) -> int | None:
    """A signed 64-bit hash; None where no frame with a counter was received.

    Times are left out: the network server or its gateways add those of the values.
    """
    if uplink.kind != EventKind.UPLINK or uplink.counter is None:
        return None
    more = None if uplink.link is None else uplink.link.more
    address = "" if more is None else str(more.get("dev_addr") or "").lower()
    measured = [tuple(row)[:4] for row in uplink.measured]
    refused = [(part.part, part.value) for part in uplink.refused]
    return xxh3_64_intdigest(repr((address, uplink.counter, measured, refused)).encode("utf-8", "replace")) - 2**63


def counts_frames(rule: JsonMap | None) -> bool:
    """Whether the counter of a map is that of LoRaWAN: the map opens frames, or calls it so."""
    if rule is None or rule.counter is None:
        return False
    names = (path.rpartition(".")[2].strip() for path in rule.counter.split("|"))
    return rule.frame is not None or any(name.lower().replace("_", "") in _COUNTERS for name in names)


def by_own_map(profile: Profile | None) -> bool:
    """Whether the device's own profile has a map whose counter is that of LoRaWAN."""
    return profile is not None and counts_frames(profile.map)
