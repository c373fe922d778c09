"""Several workers on one subscription: which worker has which session, and what each subscribes to.

Worker 1 has the client id of the settings, so that it takes over the session of a service without workers; the others
have it with their number after it. All of them subscribe to the same filters as one group (`$share/GROUP/FILTER`),
among whose members the broker deals the messages out. Sparkplug is not dealt out: a message means what the birth
before it said, so one session gets all of them, in order.
"""

from dataclasses import dataclass

from ingest.errors import SettingsRefused
from ingest.settings.model import Settings
from ingest.settings.routes import Route
from schemas.bilingual import Bilingual

MOST_WORKERS = 16
ORDERED = frozenset({"sparkplug"})
"""Decoders that need every message of a sender, in order."""


@dataclass(frozen=True, slots=True)
class WorkerSlot:
    """Which worker of how many. 1 of 1 is the service in one process, with an ordinary subscription."""

    number: int = 1
    of: int = 1

    @property
    def alone(self) -> bool:
        """Whether this is the only worker."""
        return self.of == 1


@dataclass(frozen=True, slots=True)
class Subscription:
    """`filters`: what a session subscribes to. `former`: what it gives up after that. `fresh`: those of its lane."""

    filters: tuple[str, ...]
    former: tuple[str, ...] = ()
    fresh: tuple[str, ...] = ()


def plain_filters(settings: Settings) -> tuple[str, ...]:
    """The filter of every route, each once."""
    return tuple(dict.fromkeys(route.filter for route in settings.routes))


def ordered_routes(settings: Settings) -> tuple[Route, ...]:
    """The routes on which the messages of a sender mean something in their order only."""
    return tuple(route for route in settings.routes if route.decoder in ORDERED)


def ordered_filters(settings: Settings) -> tuple[str, ...]:
    """The filters of `ordered_routes`: one session gets all their messages, in the order of publication."""
    return tuple(dict.fromkeys(route.filter for route in ordered_routes(settings)))


def loose_filters(settings: Settings) -> tuple[str, ...]:
    """The filters of all other routes: each message stands for itself."""
    ordered = ordered_filters(settings)
    return tuple(one for one in plain_filters(settings) if one not in ordered)


def shared_filters(settings: Settings, suffix: str = "") -> tuple[str, ...]:
    """The loose filters for a group. Its name follows the client id, so two installations do not share."""
    group = settings.broker.client_id_in_use.translate(str.maketrans("/+#", "---")) + suffix
    return tuple(f"$share/{group}/{topic_filter}" for topic_filter in loose_filters(settings))


def subscription(settings: Settings, slot: WorkerSlot, *, was_shared: bool) -> Subscription:
    """What the worker of this slot subscribes to. `settings` have the client id of the installation."""
    plain, loose, shared = plain_filters(settings), loose_filters(settings), shared_filters(settings)
    if slot.alone:
        return Subscription(plain, former=shared if was_shared else (), fresh=loose)
    fresh = shared_filters(settings, suffix="-fresh")
    if slot.number == 1:
        return Subscription((*shared, *ordered_filters(settings)), former=loose, fresh=fresh)
    return Subscription(shared, fresh=fresh)


def surplus_subscription(settings: Settings, *, former: bool = False) -> Subscription:
    """The subscription of a session that is to be emptied: it gives up its filters, so nothing new comes in.

    `former`: it is not known whether the session shared its messages or had all of them, so it gives up both.
    """
    return Subscription((), former=(*shared_filters(settings), *(plain_filters(settings) if former else ())))


def for_worker(settings: Settings, number: int) -> Settings:
    """The settings with the client id of this worker."""
    if number == 1:
        return settings
    own = settings.broker.model_copy(update={"client_id": f"{settings.broker.client_id_in_use}-{number}"})
    return settings.model_copy(update={"broker": own})


def called(settings: Settings, client_id: str) -> Settings:
    """The settings of an installation with this client id."""
    return settings.model_copy(update={"broker": settings.broker.model_copy(update={"client_id": client_id})})


def check_shareable(settings: Settings, slots: int) -> None:
    """Raises SettingsRefused where workers cannot share: a group belongs to MQTT 5."""
    if slots > 1 and settings.broker.protocol != "5":
        raise SettingsRefused(
            Bilingual(
                f"設定 broker.protocol: {slots} 個のワーカーは購読を分け合いますが、MQTT 3.1.1 にはその仕組みが"
                'ありません。"5" にするか、ワーカーを1つにしてください',
                f"setting broker.protocol: {slots} workers share a subscription, which MQTT 3.1.1 does not know;"
                ' use "5", or one worker',
            )
        )
    if slots > 1 and not loose_filters(settings):
        raise SettingsRefused(
            Bilingual(
                "設定 routes: すべて Sparkplug で、ワーカーに分けられません。1つにしてください",
                "setting routes: all of it is Sparkplug, which cannot be dealt out among workers; use one",
            )
        )
