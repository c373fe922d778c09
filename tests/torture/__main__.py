"""The long form: `make torture ARGS="--seed 7 --minutes 20 --only killed"`. Exit code 1 if anything went wrong."""

import random
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

import click
from _pytest.outcomes import Failed, Skipped

from tests.torture.catalogue import SCENARIOS, Scenario
from tests.torture.run import Result, run
from tests.torture.stage import Servers, Service
from tests.torture.table import show


@click.command()
@click.option(
    "--seed", type=int, default=None, help="Begin with this seed; without it a new one is taken, and printed."
)
@click.option("--minutes", type=float, default=10.0, show_default=True, help="No scenario begins after so long.")
@click.option("--only", default="", help="Scenarios whose name holds one of these words (separated by commas).")
@click.option("--once", is_flag=True, help="Every scenario once, in order, however long it takes.")
@click.option(
    "--server", default="plain", show_default=True, help="Installation of PostgreSQL: plain, apache, community."
)
@click.option("--list", "listing", is_flag=True, help="Say what there is, and end.")
def main(*, seed: int | None, minutes: float, only: str, once: bool, server: str, listing: bool) -> None:
    """Break everything, at random, until the time is over, and count every message."""
    wanted = [one for one in SCENARIOS if not only or any(word in one.name for word in only.split(","))]
    if not wanted:
        raise click.BadParameter("no scenario has such a name; --list shows them", param_hint="--only")
    if listing:
        for one in wanted:
            click.echo(f"{one.name:30} {one.meaning}")
        return
    Service.from_scratch = True  # as its operator does: the table tells how much memory it takes
    first = random.randrange(10_000) if seed is None else seed
    results, skipped = _until(wanted, first, 0 if once else minutes * 60, server)
    show(results, skipped)
    sys.exit(not results or any(not result.verdict.good for result in results))


def _until(wanted: list[Scenario], seed: int, seconds: float, server: str) -> tuple[list[Result], dict[str, str]]:
    """Round after round, each in an order of its own (that of the first is the catalogue's if there is but one)."""
    results: list[Result] = []
    skipped: dict[str, str] = {}
    end_s = time.monotonic() + seconds
    servers = Servers(server)
    try:
        with TemporaryDirectory(prefix="noroshi-torture-") as folder:
            while True:
                click.echo(f"seed {seed}")
                order = wanted if not seconds else random.Random(seed).sample(wanted, len(wanted))
                for scenario in order:
                    _one(scenario, servers, Path(folder), seed, results, skipped)
                    if seconds and time.monotonic() > end_s:
                        return results, skipped
                if not seconds or not results:  # what this machine has not now, it will not have in the next round
                    return results, skipped
                seed += 1
    except KeyboardInterrupt:
        return results, skipped
    finally:
        servers.discard()


def _one(
    scenario: Scenario, servers: Servers, folder: Path, seed: int, results: list[Result], skipped: dict[str, str]
) -> None:
    started_s = time.monotonic()
    try:
        result = run(scenario, servers, folder, str(seed), scenario.long)
    except Skipped as why:
        skipped[scenario.name] = str(why)
        return
    except Failed as why:
        raise click.ClickException(f"{scenario.name} --seed {seed}: {why}") from None
    results.append(result)
    verdict = result.verdict
    told = f"{verdict.messages:,} messages, {len(verdict.lost)} lost, {verdict.doubled} doubled"
    click.echo(f"{scenario.name:30} {time.monotonic() - started_s:5.1f} s  {told}")
    if result.wrong:
        click.echo(result.wrong)


if __name__ == "__main__":
    main()
