"""Keys of a message that its format does not know. Their names are kept for the operator; no value is read.

The exception is a time under another key where the format's own is absent. It is not believed, but the distances
between such times are.
"""

from collections.abc import Mapping
from collections.abc import Set as AbstractSet

from ingest.decode.common.names import short
from ingest.decode.common.times import time_reader
from ingest.errors import Undecodable
from schemas.json_map import TimeRule
from schemas.uplink import UNKNOWN_KEYS, Link, Misnamed, Uplink

TIMES = ("time", "timestamp", "datetime", "date_time", "measured_at", "time_ms", "t")
"""What other formats call the time of a measurement."""

_MOST = 10
_time_us = time_reader(TimeRule(path="time", zone="UTC"))


def noted(uplink: Uplink, document: Mapping[str, object], known: AbstractSet[str]) -> Uplink:
    """The same uplink with the names of its unknown keys, and their time if it has no other."""
    names = [key for key in document if key not in known]
    claimed_us = _claimed_us(document) if uplink.time_us is None else None
    link = with_unknown(uplink.link, names)
    if claimed_us is None:
        return uplink._replace(link=link)
    return Misnamed(uplink.kind, claimed_us, uplink.counter, uplink.measured, link, uplink.refused)


def with_unknown(link: Link | None, names: list[str]) -> Link:
    """The link record with the names of unknown keys; of very many only the first."""
    link = link or Link()
    return link._replace(more={**(link.more or {}), UNKNOWN_KEYS: [short(name) for name in names[:_MOST]]})


def unknown_of(link: Link | None) -> list[str]:
    """The unknown keys that a link record names."""
    names = None if link is None or link.more is None else link.more.get(UNKNOWN_KEYS)
    return [str(name) for name in names] if isinstance(names, list) else []


def _claimed_us(document: Mapping[str, object]) -> int | None:
    for key in TIMES:
        value = document.get(key)
        if value is not None:
            try:
                return _time_us(value)
            except Undecodable:
                continue
    return None
