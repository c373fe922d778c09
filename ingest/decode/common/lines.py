"""Several JSON documents in one message, one a line: each is read by itself, and all become one uplink."""

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
    """One uplink of all lines; a line that cannot be read is a refused part.

    Raises Undecodable with the reason of the first line if no line can be read, or if there are too many parts.
    """
    check_parts(len(lines), most)
    uplinks: list[Uplink] = []
    refused: list[Refused] = []
    count = 0
    for number, line in enumerate(lines, start=1):
        try:
            uplink = read(line)
        except Undecodable as bad:
            if bad.reason is RejectionReason.TOO_MANY_ELEMENTS:
                raise
            refused.append(Refused(bad.reason, f"line {number}", bad.detail, line.decode("utf-8", "replace")))
            continue
        uplinks.append(uplink)
        count += len(uplink.measured) + len(uplink.refused)
        check_parts(count + len(refused), most)
    if not uplinks:
        raise Undecodable(refused[0].reason, f"no line can be read; the first: {refused[0].detail}")
    return _together(uplinks, refused)


def _together(uplinks: Sequence[Uplink], refused: Sequence[Refused]) -> Uplink:
    """One uplink; values without a time of their own have that of their line."""
    measured: list[MeasuredRow] = [
        Measured(*row[:4], uplink.time_us if row[4] is None else row[4])
        for uplink in uplinks
        for row in uplink.measured
    ]
    times = [uplink.time_us for uplink in uplinks if uplink.time_us is not None]
    counters = [uplink.counter for uplink in uplinks if uplink.counter is not None]
    links = [uplink.link for uplink in uplinks if uplink.link is not None]
    made = Misnamed if any(uplink.__class__ is Misnamed for uplink in uplinks) else Uplink
    return made(
        EventKind.BACKFILL,
        max(times, default=None),
        max(counters, default=None),
        measured,
        links[-1] if links else None,
        (*(part for uplink in uplinks for part in uplink.refused), *refused),
    )
