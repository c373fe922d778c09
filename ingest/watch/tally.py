"""What the deliveries of the watch count for its metrics, read by the thread that tells the service."""

from collections import Counter
from dataclasses import dataclass, field


@dataclass(slots=True)
class Tally:
    """Numbers of one process of the watch.

    `undelivered`: messages by `project/state`, as of the last look. `refused`: acknowledgements that came by MQTT and
    were not taken, by reason, since this process began.
    """

    undelivered: dict[str, int] = field(default_factory=dict)
    refused: Counter[str] = field(default_factory=Counter)
