"""The input of a check: the settings, and the ways to broker and database."""

from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from ingest.mqtt.probe.session import Prober
from ingest.settings.model import DatabaseSettings, Settings

STATEMENT_TIMEOUT_S = 8
CONNECT_TIMEOUT_S = 5


@dataclass(frozen=True)
class Installation:
    """`queue_messages`: how many are queued for a trial. `disk`: a path on the disk of the database. `web`: a URL."""

    settings: Settings
    now: datetime
    queue_messages: int
    disk: Path | None = None
    web: str | None = None
    prober: Prober = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "prober", Prober(self.settings.broker))

    @property
    def database(self) -> DatabaseSettings:
        """The settings of the database, with shorter time-outs than the service has."""
        own = self.settings.database
        shorter = {
            "connect_timeout_s": min(own.connect_timeout_s, CONNECT_TIMEOUT_S),
            "statement_timeout_s": min(own.statement_timeout_s, STATEMENT_TIMEOUT_S),
            "silence_margin_s": min(own.silence_margin_s, 2.0),
        }
        return own.model_copy(update=shorter)
