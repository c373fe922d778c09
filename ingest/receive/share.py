"""Several workers on one subscription: who has which session, and who subscribes to what.

Worker 1 has the client id of the settings, so that the session of a service without workers goes on in it; the others
have it with their number after it. All of them subscribe to the same filters as one group (`$share/GROUP/FILTER`),
among whose members the broker deals the messages out.
"""

from dataclasses import dataclass

from ingest.errors import SettingsRefused
from ingest.settings import Settings

MOST_WORKERS = 16


@dataclass(frozen=True, slots=True)
class Seat:
    """Which worker of how many. 1 of 1 is the service in one process, with an ordinary subscription."""

    number: int = 1
    of: int = 1

    @property
    def alone(self) -> bool:
        """Whether there is nobody to share with."""
        return self.of == 1


@dataclass(frozen=True, slots=True)
class Subscription:
    """What a session subscribes to, what it gives up once that stands, and what its fresh lane listens to."""

    filters: tuple[str, ...]
    former: tuple[str, ...] = ()
    fresh: tuple[str, ...] = ()


def plain_filters(settings: Settings) -> tuple[str, ...]:
    """The filter of every route, each once."""
    return tuple(dict.fromkeys(route.filter for route in settings.routes))


def shared_filters(settings: Settings, suffix: str = "") -> tuple[str, ...]:
    """The same filters for a group. Its name follows the client id, so two installations do not share."""
    group = settings.broker.client_id.translate(str.maketrans("/+#", "---")) + suffix
    return tuple(f"$share/{group}/{topic_filter}" for topic_filter in plain_filters(settings))


def subscription(settings: Settings, seat: Seat, *, was_shared: bool) -> Subscription:
    """What the worker on this seat subscribes to; `settings` with the client id of the installation."""
    plain, shared = plain_filters(settings), shared_filters(settings)
    if seat.alone:
        return Subscription(plain, former=shared if was_shared else (), fresh=plain)
    return Subscription(
        shared, former=plain if seat.number == 1 else (), fresh=shared_filters(settings, suffix="-fresh")
    )


def surplus_subscription(settings: Settings) -> Subscription:
    """Of a session that is to be emptied: nothing new comes in any more."""
    return Subscription((), former=shared_filters(settings))


def for_worker(settings: Settings, number: int) -> Settings:
    """The settings with the client id of this worker."""
    if number == 1:
        return settings
    own = settings.broker.model_copy(update={"client_id": f"{settings.broker.client_id}-{number}"})
    return settings.model_copy(update={"broker": own})


def check_shareable(settings: Settings, seats: int) -> None:
    """Raises SettingsRefused where workers cannot share: a group belongs to MQTT 5."""
    if seats > 1 and settings.broker.protocol != "5":
        raise SettingsRefused(
            f'setting broker.protocol: {seats} workers share a subscription, which MQTT 3.1.1 does not know; use "5",'
            " or one worker"
        )
