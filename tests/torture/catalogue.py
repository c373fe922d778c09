"""Every scenario by its name: what is done to the service, and how much of it in the short and in the long form."""

from collections.abc import Callable
from dataclasses import dataclass

from tests.torture import (
    on_broker,
    on_data,
    on_database,
    on_hostile,
    on_ingester,
    on_links,
    on_load,
    on_pages,
    on_watch,
)
from tests.torture.stage import Plan, Stage

DEFAULT = Plan()


@dataclass(frozen=True)
class Amount:
    """Messages, and how often the fault happens to them."""

    size: int
    times: int


@dataclass(frozen=True)
class Scenario:
    """`run` acts on a stage that is set up by `plan`. Without `short` it has no place in the tests of every day."""

    name: str
    run: Callable[[Stage], None]
    long: Amount
    short: Amount | None = None
    plan: Plan = DEFAULT

    @property
    def meaning(self) -> str:
        """One line: what is done."""
        return (self.run.__doc__ or "").strip().splitlines()[0]


SCENARIOS = (
    Scenario("ingester-killed", on_ingester.killed, Amount(60_000, 50)),
    Scenario(
        "ingester-terminated", on_ingester.terminated, Amount(12_000, 6), Amount(1_200, 1), on_ingester.WITHOUT_LANE,
    ),
    Scenario("ingester-clock", on_ingester.stepping_clock, Amount(6_000, 6), Amount(600, 1)),
    Scenario("ingester-two", on_ingester.beside_another, Amount(20_000, 1), Amount(3_000, 1), on_ingester.PLAN_OF_TWO),
    Scenario("worker-killed", on_ingester.worker_killed, Amount(20_000, 10), None, on_ingester.WORKERS),
    Scenario("database-killed", on_database.killed, Amount(20_000, 8), Amount(2_000, 1)),
    Scenario(
        "database-killed-in-commit", on_database.killed_in_commit, Amount(12_000, 6), None,
        on_database.KILLED_IN_COMMIT,
    ),
    Scenario("database-away", on_database.away, Amount(20_000, 4), None, on_database.AWAY),
    Scenario("database-read-only", on_database.read_only, Amount(8_000, 3), Amount(1_500, 1)),
    Scenario("database-no-connection", on_database.without_connections, Amount(8_000, 4), Amount(1_500, 1)),
    Scenario("database-locked", on_database.locked, Amount(8_000, 3), None, on_database.LOCKED),
    Scenario("database-disk-full", on_database.full, Amount(20_000, 3), Amount(2_000, 1)),
    Scenario("broker-killed-2.0", on_broker.killed, Amount(20_000, 5), Amount(3_000, 1), on_broker.PLAN_2_0),
    Scenario("broker-killed-2.1", on_broker.killed, Amount(20_000, 5), None, on_broker.PLAN_2_1),
    Scenario("broker-killed-young-2.0", on_broker.killed_young, Amount(2_000, 1), None, on_broker.PLAN_YOUNG),
    Scenario("broker-killed-while-away-2.0", on_broker.killed_while_away, Amount(20_000, 4), None, on_broker.PLAN_2_0),
    Scenario("broker-killed-while-away-2.1", on_broker.killed_while_away, Amount(20_000, 4), None, on_broker.PLAN_2_1),
    Scenario("broker-stopped-2.0", on_broker.stopped, Amount(12_000, 4), None, on_broker.PLAN_2_0),
    Scenario("broker-stopped-2.1", on_broker.stopped, Amount(12_000, 4), None, on_broker.PLAN_2_1),
    Scenario("broker-overruns", on_broker.overrun, Amount(20_000, 5), Amount(5_000, 1), on_broker.PLAN_RUDE),
    Scenario("link-to-broker", on_links.to_broker, Amount(20_000, 10), Amount(3_000, 5), on_links.IMPATIENT),
    Scenario("link-to-database", on_links.to_database, Amount(20_000, 10), Amount(3_000, 5), on_links.IMPATIENT),
    Scenario("links-both", on_links.both, Amount(20_000, 10), None, on_links.IMPATIENT),
    Scenario("links-frozen-for-long", on_links.frozen_for_long, Amount(3_000, 1), None, on_links.IMPATIENT),
    Scenario("link-stranded", on_links.stranded, Amount(12_000, 4), Amount(1_500, 1), on_links.STRANDED),
    Scenario("data-poison", on_data.poison, Amount(60_000, 1), None, on_data.POISON),
    Scenario("data-refused-row", on_data.refused_row, Amount(20_000, 4), Amount(5_000, 1), on_data.PLAIN),
    Scenario("data-again-and-again", on_data.again_and_again, Amount(20_000, 1), None, on_data.PLAIN),
    Scenario("data-into-compressed", on_data.into_compressed, Amount(20_000, 1), None, on_data.PLAIN),
    Scenario("data-packet-ids", on_data.ids_come_round, Amount(70_000, 4), None, on_data.EVERY_TIME),
    Scenario("data-equal-bytes", on_data.equal_bytes, Amount(66_000, 4), Amount(66_000, 1), on_data.EVERY_TIME),
    Scenario("hostile-device", on_hostile.device, Amount(300, 1), None, on_hostile.PLAN),
    Scenario("data-flood", on_load.flood, Amount(10_000, 1), None, on_load.PLAN),
    Scenario("watcher-killed", on_watch.killed, Amount(20_000, 8), Amount(4_000, 2), on_watch.PLAN),
    Scenario("hostile-client", on_pages.hostile_client, Amount(20_000, 4), Amount(1_500, 1), on_pages.PLAN),
)  # fmt: skip
