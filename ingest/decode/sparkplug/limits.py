"""How much Sparkplug nodes may announce: births are kept for as long as they may be needed, so they are counted."""

from typing import NamedTuple

from ingest.errors import Undecodable
from schemas.certificate import Certificate
from schemas.rejection import RejectionReason

MAX_NAME_BYTES = 512
MAX_UNIT_BYTES = 64
BIRTH_WEIGHT = 4
"""What a birth counts without its metrics."""
_NAME_BYTES = 100
"""A name counts as one more metric for each so many bytes."""


class BirthLimits(NamedTuple):
    """Bounds on what is kept. `devices` and `unregistered` behind one node; weights as `weigh` counts them."""

    devices: int = 1_000
    unregistered: int = 50
    node_weight: int = 50_000
    weight_in_all: int = 400_000


USUAL = BirthLimits()
"""Those of the settings nobody changed."""


def weigh(told: Certificate) -> int:
    """What a birth counts: itself four, each metric one, a long name more. About 600 bytes of memory for each."""
    return BIRTH_WEIGHT + sum(1 + (len(one.name) + len(one.unit or "")) // _NAME_BYTES for one in told.metrics)


def refuse(detail: str, reason: RejectionReason = RejectionReason.TOO_MANY_ELEMENTS) -> Undecodable:
    """The error for a birth over a limit."""
    return Undecodable(reason, f"birth not accepted: {detail}")


def refuse_strangers(node: str, limits: BirthLimits) -> Undecodable:
    """The error for one more device that is not registered behind this node."""
    return refuse(f"{limits.unregistered} devices behind node {node[:100]} are not registered")


def check_lengths(told: Certificate) -> None:
    """Raises Undecodable(TOO_LARGE) for a birth with a name or a unit that is no name and no unit."""
    for known in told.metrics:
        for text, most in ((known.name, MAX_NAME_BYTES), (known.unit or "", MAX_UNIT_BYTES)):
            if len(text) * 4 > most and (size := len(text.encode("utf-8", "replace"))) > most:
                raise refuse(f"{text[:40]!r}... has {size} bytes, at most {most}", RejectionReason.TOO_LARGE)
