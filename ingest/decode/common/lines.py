"""Several JSON documents in one message, a line each: each is read by itself, and what they say stands together."""

from collections.abc import Callable, Sequence

from ingest.decode.common.limits import check_parts
from ingest.errors import Undecodable
from schemas.rejection import RejectionReason
from schemas.uplink import EventKind, Measured, MeasuredRow, Misnamed, Refused, Uplink

_OPENS = (b"{", b"[")


def lines_of(payload: bytes) -> list[bytes]:
    """The documents of a message that is no JSON as a whole; empty if it does not look like several."""
    lines = [stripped for line in payload.rstrip(b"\0").split(b"\n") if (stripped := line.strip())]
    return lines if len(lines) > 1 and all(line.startswith(_OPENS) for line in lines) else []


def read_lines(lines: Sequence[bytes], read: Callable[[bytes], Uplink], most: int) -> Uplink:
    """What the lines say. Raises Undecodable as the first line does if none can be read."""
    check_parts(len(lines), most)
    said: list[Uplink] = []
    refused: list[Refused] = []
    count = 0
    for number, line in enumerate(lines, start=1):
        try:
            one = read(line)
        except Undecodable as bad:
            if bad.reason is RejectionReason.TOO_MANY_ELEMENTS:
                raise
            refused.append(Refused(bad.reason, f"line {number}", bad.detail, line.decode("utf-8", "replace")))
            continue
        said.append(one)
        count += len(one.measured) + len(one.refused)
        check_parts(count + len(refused), most)
    if not said:
        raise Undecodable(refused[0].reason, f"no line can be read; the first: {refused[0].detail}")
    return _together(said, refused)


def _together(said: Sequence[Uplink], refused: Sequence[Refused]) -> Uplink:
    """One uplink; values without a time of their own have that of their line."""
    measured: list[MeasuredRow] = [
        Measured(*row[:4], one.time_us if row[4] is None else row[4]) for one in said for row in one.measured
    ]
    times = [one.time_us for one in said if one.time_us is not None]
    counters = [one.counter for one in said if one.counter is not None]
    links = [one.link for one in said if one.link is not None]
    made = Misnamed if any(one.__class__ is Misnamed for one in said) else Uplink
    return made(
        EventKind.BACKFILL,
        max(times, default=None),
        max(counters, default=None),
        measured,
        links[-1] if links else None,
        (*(part for one in said for part in one.refused), *refused),
    )
