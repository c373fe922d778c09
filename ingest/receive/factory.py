"""The door to the broker: which intake the settings ask for."""

from collections.abc import Callable

from ingest.receive.fresh_lane import FreshFirst, FreshLane
from ingest.receive.mqtt5 import Mqtt5Intake
from ingest.receive.mqtt311 import Mqtt311Intake
from ingest.receive.reconnecting import SessionWatch
from ingest.receive.shared import MemberIntake
from ingest.receive.subscription import Subscription, loose_filters, ordered_routes, plain_filters
from ingest.receive.turns import senders
from ingest.settings.model import Settings

AnyIntake = FreshFirst | Mqtt5Intake | Mqtt311Intake


def open_intake(
    settings: Settings, *, now_us: Callable[[], int], subscription: Subscription | None = None
) -> Mqtt5Intake | Mqtt311Intake:
    """The intake for `broker.protocol`; it connects in `run`.

    Without a `subscription` it subscribes to the filter of every route.
    `now_us`: microseconds since 1970 (UTC), stamped on every message. Call it with a running event loop.
    """
    if subscription is not None and subscription.former:
        return MemberIntake(settings, subscription, now_us=now_us)
    sender_of = senders(ordered_routes(settings))
    filters = plain_filters(settings) if subscription is None else subscription.filters
    if settings.broker.protocol == "3.1.1":
        return Mqtt311Intake(settings.broker, settings.intake, filters, now_us=now_us, sender_of=sender_of)
    return Mqtt5Intake(settings.broker, settings.intake, filters, now_us=now_us, sender_of=sender_of)


def open_fresh_first(
    settings: Settings, *, now_us: Callable[[], int], subscription: Subscription | None = None
) -> AnyIntake:
    """The intake with a fresh lane before it; without one over MQTT 3.1.1, or if `intake.fresh_lag_s` is 0."""
    durable = open_intake(settings, now_us=now_us, subscription=subscription)
    if settings.intake.fresh_lag_s == 0 or not isinstance(durable, Mqtt5Intake):
        return durable
    filters = loose_filters(settings) if subscription is None else subscription.fresh
    if not filters:
        return durable
    return FreshFirst(
        durable,
        lambda inbox: FreshLane(settings.broker, settings.intake, filters, inbox, now_us=now_us),
        old_s=settings.intake.fresh_lag_s,
        now_us=now_us,
    )


def watch_session(intake: AnyIntake, watch: SessionWatch) -> None:
    """Tell `watch` what becomes of the durable session; to be called before the intake runs."""
    durable = intake.durable if isinstance(intake, FreshFirst) else intake
    durable.watch = watch
