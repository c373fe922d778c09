"""SenML (RFC 8428, 8798, 9100) in JSON and in CBOR: records that inherit from those before them.

A pack is resolved as a whole or quarantined as a whole; what a name means is then checked record by record. Times
below 2**28 seconds count from the time of receipt, which a decoder does not know: see `schemas.uplink.Relative`.
"""

from collections.abc import Sequence

from ingest.decode.common.cbor import parse_cbor
from ingest.decode.common.limits import Limits, check_parts, parse_json
from ingest.decode.senml.labels import CBOR, JSON, Labels
from ingest.decode.senml.names import Key
from ingest.decode.senml.pack import Pack
from ingest.decode.senml.plain import plain
from ingest.errors import Undecodable
from schemas.profile import Profile
from schemas.rejection import RejectionReason
from schemas.uplink import Uplink

_BOM = b"\xef\xbb\xbf"


def decode(payload: bytes, event: str, profile: Profile | None, limits: Limits) -> Uplink:  # noqa: ARG001 - a pack is a pack whatever the topic calls it
    """One pack. Its first byte says whether it is JSON or CBOR.

    A profile names a measurement by its resolved name, by the record's own `n`, or by what follows the last colon
    of the name; the sum of a record is the field `NAME#s`. Without a profile, names of the catalogue are understood.
    """
    labels, records = _records(payload, limits)
    key = None if profile is None else Key(profile)
    quick = plain(labels, records, key)
    if quick is not None:
        return quick
    pack = Pack(labels, profile, key)
    for record in records:
        pack.take(record)
    uplink = pack.uplink()
    check_parts(len(uplink.measured) + len(uplink.refused), limits.max_parts)  # a record may have a value and a sum
    return uplink


def _records(payload: bytes, limits: Limits) -> tuple[Labels, Sequence[object]]:
    in_cbor = payload[:1] >= b"\x80" and not payload.startswith(_BOM)
    records = parse_cbor(payload, limits) if in_cbor else parse_json(payload, limits)
    if not isinstance(records, list):
        raise Undecodable(RejectionReason.WRONG_SHAPE, "a SenML pack is an array")
    if not records:
        raise Undecodable(RejectionReason.EMPTY_PAYLOAD, "the pack has no record")
    if len(records) > limits.max_parts or len(records) > limits.max_elements:
        check_parts(len(records), min(limits.max_elements, limits.max_parts), "records")
    return (CBOR if in_cbor else JSON), records
