"""What the watch does not see, for every screen that shows how things are: silence never looks like calm."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from ingest.store.database import Database
from ingest.watch.silence.database.seen import count_unseen, deaf_since


@dataclass(frozen=True, slots=True)
class Blindness:
    """What is not seen in some projects.

    `blind`: gauges that say nothing while it rains. `unsure`: gauges that say nothing where nobody knows whether it
    rains. `silent`: devices, gateways and networks that are silent, each cause once. `deaf_since`: the service itself
    takes no messages; then nothing that is shown is of now.
    """

    blind: int
    unsure: int
    silent: int
    deaf_since: datetime | None

    @property
    def is_clear(self) -> bool:
        """Whether everything is seen, so that nothing to show means that nothing is the matter."""
        return not (self.blind or self.unsure or self.silent) and self.deaf_since is None


def blindness(connection: Database, projects: Sequence[int]) -> Blindness:
    """What is not seen now in these projects, by their ids; of those that the connection may read."""
    return Blindness(*count_unseen(connection, projects), deaf_since(connection))
