"""Native messages as the HaLow and local 5G stations publish them."""

from collections.abc import Mapping, Sequence
from datetime import datetime

import orjson

from ingest.simulator.town import Site
from schemas.device import NetworkKind
from schemas.japan import JST


def topic(site: Site) -> str:
    """The native topic of a station."""
    return f"noroshi/v1/{site.project}/{site.code}/up"


def element(
    time_s: float, seq: int, values: Mapping[str, object], link: Mapping[str, object] | None, kind: NetworkKind
) -> dict[str, object]:
    """One measurement. The two makers write the time differently, as real makers do."""
    ts = round(time_s * 1000) if kind is NetworkKind.LOCAL5G else local_time(time_s)
    message: dict[str, object] = {"ts": ts, "seq": seq, "readings": values}
    if link is not None:
        message["link"] = link
    return message


def local_time(time_s: float) -> str:
    """RFC 3339 with the offset of Japan and milliseconds."""
    return datetime.fromtimestamp(time_s, JST).isoformat(timespec="milliseconds")


def encode(content: Mapping[str, object] | Sequence[object]) -> bytes:
    """The payload of one measurement, or of an array of them."""
    return orjson.dumps(content)
