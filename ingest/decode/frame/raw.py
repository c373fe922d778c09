"""Reads the bytes of a device by its profile (a byte layout or Cayenne LPP), in a network server's message or alone."""

import binascii
from collections.abc import Mapping

from ingest.decode.common.limits import Limits
from ingest.decode.frame import cayenne, layout
from ingest.decode.frame.piece import Piece, measure
from ingest.errors import Undecodable
from schemas.profile import Profile
from schemas.rejection import RejectionReason
from schemas.uplink import Aged, EventKind, Measured, Refused, Uplink

_Readings = tuple[list[Measured], list[Refused]]


def decode(payload: bytes, event: str, profile: Profile | None, limits: Limits) -> Uplink:
    """A message that is the frame itself. A number as `event` (the last level of the topic) is its port."""
    if profile is None or not profile.reads_bytes:
        raise Undecodable(RejectionReason.NOT_DECODED, "the device has no profile that says what its bytes mean")
    if len(payload) > limits.max_bytes:
        raise Undecodable(RejectionReason.TOO_LARGE, f"{len(payload)} bytes, at most {limits.max_bytes}")
    if not payload:
        raise Undecodable(RejectionReason.EMPTY_PAYLOAD)
    port = int(event) if event.isascii() and event.isdigit() and len(event) <= 3 else None
    measured, refused = read(payload, port, profile, 0)  # 0: ages count from the time of receipt, which `Aged` says
    aged = any(row.time_us is not None for row in measured)
    return (Aged if aged else Uplink)(EventKind.UPLINK, None, None, measured, None, tuple(refused))


def readings(
    profile: Profile, decoded: object, frame: object, port: int | None, time_us: int | None
) -> _Readings | None:
    """The readings of a network server's message by this profile; None if it does not read such a message itself.

    `decoded`: what the server's codec made of the frame. `frame`: base64, standard with padding.
    """
    if not profile.reads_bytes:
        return None
    if decoded is not None and profile.decode != "raw":
        if profile.cayenne is None or not isinstance(decoded, Mapping):
            return None
        return measure(cayenne.of_object(decoded, profile.cayenne), profile, time_us)
    if not isinstance(frame, str) or not frame or not port:
        return [], []  # a frame of MAC commands, or an empty one
    return read(from_base64(frame), port, profile, time_us)


def read(frame: bytes, port: int | None, profile: Profile, time_us: int | None) -> _Readings:
    """The readings in the bytes of a frame. Raises Undecodable if they mean nothing under this profile."""
    return measure(pieces(frame, port, profile), profile, time_us)


def pieces(frame: bytes, port: int | None, profile: Profile) -> list[Piece]:
    """The pieces of a frame, in its order, without what the profile says about them."""
    if profile.cayenne is not None:
        return cayenne.of_frame(frame, profile.cayenne)
    return layout.pieces(profile, frame, port)


def from_base64(text: str) -> bytes:
    """The bytes of a frame that is written in base64. Raises Undecodable if it is not."""
    try:
        return binascii.a2b_base64(text.encode("ascii"), strict_mode=True)
    except (binascii.Error, UnicodeEncodeError):
        raise Undecodable(RejectionReason.WRONG_SHAPE, f"the frame {text[:40]!r} is not base64") from None
