"""The identity of a LoRaWAN frame: the same whoever heard it, whatever time the network server gives it.

A device counts its frames. The address it has since it joined, the counter and what the frame says are one frame.
"""

from xxhash import xxh3_64_intdigest

from schemas.json_map import JsonMap
from schemas.profile import Profile
from schemas.uplink import EventKind, Uplink

_COUNTERS = frozenset({"fcnt", "fcntup", "framecounter", "framecount"})


def identity(uplink: Uplink) -> int | None:
    """A signed 64-bit hash; None where no frame with a counter was received.

    Times are left out: those of the values are told by the network server or its gateways.
    """
    if uplink.kind != EventKind.UPLINK or uplink.counter is None:
        return None
    more = None if uplink.link is None else uplink.link.more
    address = "" if more is None else str(more.get("dev_addr") or "").lower()
    said = [tuple(row)[:4] for row in uplink.measured]
    refused = [(one.part, one.value) for one in uplink.refused]
    return xxh3_64_intdigest(repr((address, uplink.counter, said, refused)).encode("utf-8", "replace")) - 2**63


def counts_frames(rule: JsonMap | None) -> bool:
    """Whether the counter of a map is that of LoRaWAN: the map opens frames, or calls it so."""
    if rule is None or rule.counter is None:
        return False
    names = (path.rpartition(".")[2].strip() for path in rule.counter.split("|"))
    return rule.frame is not None or any(name.lower().replace("_", "") in _COUNTERS for name in names)


def by_own_map(profile: Profile | None) -> bool:
    """The same, of a device that brings its map itself."""
    return profile is not None and counts_frames(profile.map)
