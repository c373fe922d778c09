"""Faults of the network: the links to the broker and to the database cut, frozen, slow and narrow."""

from collections.abc import Callable

from tests.fixtures.proxy import Proxy
from tests.torture.stage import Plan, Stage

IMPATIENT = Plan(
    settings={
        "NOROSHI_BROKER__KEEP_ALIVE_S": "2",
        "NOROSHI_BROKER__CONNECT_TIMEOUT_S": "2",
        "NOROSHI_DATABASE__CONNECT_TIMEOUT_S": "2",
        "NOROSHI_INTAKE__BATCH_MESSAGES": "200",
    }
)
STRANDED = Plan(
    settings=dict(IMPATIENT.settings)
    | {"NOROSHI_DATABASE__STATEMENT_TIMEOUT_S": "1", "NOROSHI_DATABASE__SILENCE_MARGIN_S": "1"}
)


def cut(stage: Stage, link: Proxy) -> None:
    """Every connection breaks, and nobody can connect for a while."""
    link.cut()
    stage.pause(0.05, 0.5)
    link.heal()


def frozen(stage: Stage, link: Proxy) -> None:
    """Accepts everything, never answers; then goes on as if nothing had been."""
    link.freeze()
    stage.pause(0.3, 1)
    link.heal()


def frozen_and_cut(stage: Stage, link: Proxy) -> None:
    """Frozen, and what was under way is gone: answers to COMMIT, acknowledgements."""
    link.freeze()
    stage.pause(0.05, 0.5)
    link.cut()
    link.heal()


def slow(stage: Stage, link: Proxy) -> None:
    """Every piece comes late."""
    link.slow(delay_s=stage.chance.uniform(0.02, 0.2))
    stage.pause(0.3, 1)
    link.heal()


def narrow(stage: Stage, link: Proxy) -> None:
    """A line of 200 kB a second."""
    link.slow(bytes_per_s=200_000)
    stage.pause(0.3, 1)
    link.heal()


FAULTS: tuple[Callable[[Stage, Proxy], None], ...] = (cut, frozen, frozen_and_cut, slow, narrow)


def to_broker(stage: Stage) -> None:
    """Each of these in turn between the broker and the service, under live load."""
    _each_in_turn(stage, stage.to_broker)
    stage.expect(stage.told.broker_was_away, "broker_connected said 0")


def to_database(stage: Stage) -> None:
    """Each of these in turn between the service and the database, under live load."""
    _each_in_turn(stage, stage.to_database)
    stage.expect(stage.told.store_failures > 0, "store_failures counted it")


def both(stage: Stage) -> None:
    """A bad day: any of these on any side, several at once."""
    with stage.feeding(stage.size):
        for _ in range(stage.times):
            for link in (stage.to_broker, stage.to_database):
                stage.pause(0, 0.2)
                stage.chance.choice(FAULTS)(stage, link)
                stage.done += 1
    stage.settle()


def _each_in_turn(stage: Stage, link: Proxy) -> None:
    with stage.feeding(stage.size):
        for number in range(stage.times):
            stage.pause(0.05, 0.3)
            FAULTS[number % len(FAULTS)](stage, link)
            stage.done += 1
    stage.settle()


def frozen_for_long(stage: Stage) -> None:
    """Frozen for longer than the keep-alive and every time-out: first the database side, then the broker side."""
    stage.publish(stage.size // 3)
    stage.settle()
    stage.to_database.freeze()
    stage.publish(stage.size // 3)
    stage.until(lambda: stage.told.reason("has not answered for"), "readyz says that nothing is stored meanwhile", 8)
    stage.to_database.heal()
    stage.settle()
    stage.expect(stage.told.oldest_unacknowledged_s > 2, "oldest_unacknowledged_seconds grew with a frozen database")
    stage.to_broker.freeze()
    stage.publish(stage.size // 3)
    stage.until(lambda: stage.service.metrics().get("broker_connected") == 0, "the silence of the broker is noticed")
    stage.to_broker.heal()
    stage.done += 2
    stage.settle()


def stranded(stage: Stage) -> None:
    """The links there are go dead without a word, while new ones work: a pooler or a firewall that forgot them."""
    with stage.feeding(stage.size, per_second=stage.size / stage.times / 5):
        for number in range(stage.times):
            failures = stage.service.metrics().get("store_failures", 0)
            stage.pause(0.1, 1)
            stage.to_database.strand()
            if number % 2:
                stage.to_broker.strand()
            stage.until(
                lambda known=failures: stage.service.metrics().get("store_failures", 0) > known,  # type: ignore[misc]
                "store_failures counts the silence",
                8,
            )
            stage.done += 1
    stage.settle()
    # A link that is made anew at once leaves the trouble no longer than a look takes on a busy machine. Whoever saw it
    # by its gauge must have read why.
    why = not stage.told.store_was_away or stage.told.reason("no sign of life")
    stage.expect(why, f"readyz says why: {stage.told.reasons}")
    stage.expect(stage.told.oldest_unacknowledged_s > 1, "oldest_unacknowledged_seconds grew")
