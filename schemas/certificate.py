"""Births and deaths of Sparkplug nodes, and the metrics they announce, as plain values."""

from typing import NamedTuple


class Known(NamedTuple):
    """A metric as its birth announced it. `time_ms`: the time of the metric in it."""

    name: str
    alias: int | None
    datatype: int
    unit: str | None
    time_ms: int | None


class Certificate(NamedTuple):
    """A birth or a death. `device` is empty for the node itself; `said_ms`: by the clock of the node.

    A birth whose metrics were forgotten stays without them: its time ends that of the birth before it.
    """

    node: str
    device: str
    event: str
    message_id: int
    received_us: int
    said_ms: int | None
    bd_seq: int | None
    metrics: tuple[Known, ...] = ()
