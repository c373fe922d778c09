"""How much Sparkplug nodes may announce. Births are kept as long as they may be needed, so they need bounds."""

from typing import NamedTuple

from ingest.errors import Undecodable
from schemas.certificate import Certificate
from schemas.rejection import RejectionReason

MAX_NAME_BYTES = 512
MAX_UNIT_BYTES = 64
BIRTH_WEIGHT = 4
"""The weight of a birth without its metrics."""
_NAME_BYTES = 100
"""A name counts as one more metric for each so many bytes."""


class BirthLimits(NamedTuple):
    """Bounds on what is kept. `devices` and `unregistered` behind one node; weights as `weigh` counts them."""

    devices: int = 1_000
    unregistered: int = 50
    node_weight: int = 50_000
    weight_in_all: int = 400_000


USUAL = BirthLimits()
"""The limits of the default settings."""


def weigh(certificate: Certificate) -> int:
    """The weight of a birth: 4, 1 for each metric, more for a long name. About 600 bytes of memory for each unit."""
    return BIRTH_WEIGHT + sum(
        1 + (len(metric.name) + len(metric.unit or "")) // _NAME_BYTES for metric in certificate.metrics
    )


def refuse(detail: str, reason: RejectionReason = RejectionReason.TOO_MANY_ELEMENTS) -> Undecodable:
    """The error for a birth over a limit."""
    return Undecodable(reason, f"birth not accepted: {detail}")


def refuse_strangers(node: str, limits: BirthLimits) -> Undecodable:
    """The error for one more device that is not registered behind this node."""
    return refuse(f"{limits.unregistered} devices behind node {node[:100]} are not registered")


def check_lengths(certificate: Certificate) -> None:
    """Raises Undecodable(TOO_LARGE) for a birth with a name or a unit that is too long to be one."""
    for metric in certificate.metrics:
        for text, most in ((metric.name, MAX_NAME_BYTES), (metric.unit or "", MAX_UNIT_BYTES)):
            if len(text) * 4 > most and (size := len(text.encode("utf-8", "replace"))) > most:
                raise refuse(f"{text[:40]!r}... has {size} bytes, at most {most}", RejectionReason.TOO_LARGE)
