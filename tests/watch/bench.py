"""What rules cost: `python -m tests.watch.bench`, with `--database URL` of a new database also what loading them costs.

The database must be made by `noroshi db upgrade` and have no devices: 25,000 devices with four stages each are added.
"""

import argparse
import random
import sys
import time
import tracemalloc

import psycopg

from ingest.watch.rules import load_rules
from ingest.watch.stages.fallen import Gauge
from ingest.watch.stages.machine import start, step
from ingest.watch.stages.measure import Measure, Value
from ingest.watch.stages.rain import RainCumulative, RainEffective, RainSum, SoilWaterIndex
from ingest.watch.stages.rule import Series, Threshold, WatchedRule
from ingest.watch.stages.sample import Reading
from ingest.watch.stages.window import HOUR_US, Rise
from tests.figures.field import Field

MINUTE_US = 60_000_000
READINGS = 5_000

AMOUNTS = Gauge(counter=False, interval_us=10 * MINUTE_US, gap_us=30 * MINUTE_US)
TOTALS = AMOUNTS._replace(counter=True, per_hour=400)

MEASURES: tuple[tuple[str, Measure, int], ...] = (
    ("value", Value("m"), 10),
    ("rise of 1 h", Rise("m", HOUR_US), 10),
    ("rain_1h of amounts", RainSum("rain_1h", HOUR_US, AMOUNTS), 10),
    ("rain_24h of amounts", RainSum("rain_24h", 24 * HOUR_US, AMOUNTS), 10),
    ("rain_24h of totals", RainSum("rain_24h", 24 * HOUR_US, TOTALS), 10),
    ("rain_24h of amounts, every minute", RainSum("rain_24h", 24 * HOUR_US, AMOUNTS), 1),
    ("rain_cumulative", RainCumulative(6 * HOUR_US, AMOUNTS), 10),
    ("rain_effective of 6 h", RainEffective(6 * HOUR_US, AMOUNTS), 10),
    ("soil_water_index", SoilWaterIndex(AMOUNTS), 10),
)


def say(line: str) -> None:
    """Write a line."""
    sys.stdout.write(line + "\n")


def cost_of(measure: Measure, minutes: int) -> float:
    """CPU of a step in microseconds, with four stages, on average."""
    chance = random.Random(1)
    stages = tuple(Threshold(rank, 30.0 * rank) for rank in range(1, 5))
    rule = WatchedRule("", 1, "rain", (Series(1, 36, 0),), measure, stages, hysteresis=1)
    fallen = [chance.choice([0, 0, 0, 0.5, 1.0]) for _ in range(READINGS)]
    totals = [sum(fallen[:place]) for place in range(READINGS)]
    values = totals if getattr(getattr(measure, "gauge", None), "counter", False) else fallen
    state = start(rule)
    begun = time.process_time()
    for place, value in enumerate(values, 1):
        state, _ = step(rule, state, Reading(place * minutes * MINUTE_US, value))
    return (time.process_time() - begun) / READINGS * 1e6


def cost_of_loading(url: str) -> None:
    """Load 100,000 stages of the registry twice, once looking at the memory."""
    with psycopg.connect(url, autocommit=True) as connection:
        Field(connection)
        connection.execute(
            "insert into device (project_id, code, network_id, name, interval_s) select p.project_id, 'd' || i,"
            " n.network_id, 'x', 600 from project p, network n, generate_series(1, 25000) i where n.code = 'lora'"
        )
        connection.execute(
            "insert into device_stage (device_id, quantity_id, channel, rank, name, name_en, level_m, official)"
            " select device_id, 52, 0, rank, 'stage ' || rank, '', rank, false from device, generate_series(1, 4) rank"
        )
        connection.execute("analyze")
        clock, cpu = time.perf_counter(), time.process_time()
        rules = load_rules(connection)
        say(f"load: {time.perf_counter() - clock:.2f} s, CPU {time.process_time() - cpu:.2f} s, {len(rules.by_series)}")
        del rules
        tracemalloc.start()
        rules = load_rules(connection)
        say(f"memory: {tracemalloc.get_traced_memory()[0] / 2**20:.1f} MiB, {len(rules.by_series)} series")


def main() -> None:
    """Print what it costs."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--database")
    url = parser.parse_args().database
    for name, measure, minutes in MEASURES:
        say(f"{name}: {cost_of(measure, minutes):.1f} µs")
    if url:
        cost_of_loading(url)


if __name__ == "__main__":
    main()
