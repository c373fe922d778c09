"""What the deliveries of the watch and the thread that tells the service say to each other."""

from collections import Counter
from dataclasses import dataclass, field


@dataclass(slots=True)
class Tally:
    """Numbers of one process of the watch.

    `undelivered`: messages by `project/state`, as of the last look. `refused`: acknowledgements that came by MQTT and
    were not taken, by reason, since this process began. `failing`: why, by what does not work, as the service is told.
    """

    undelivered: dict[str, int] = field(default_factory=dict)
    refused: Counter[str] = field(default_factory=Counter)
    failing: dict[str, str] = field(default_factory=dict)
