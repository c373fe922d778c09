"""`noroshi ingest`: the service."""

import asyncio
import json
from pathlib import Path

import click

from ingest.cli.options import broker_option, database_option, settings_for
from ingest.errors import NoroshiError
from ingest.operate.logs import configure
from ingest.receive.share import MOST_WORKERS
from ingest.service import Service
from ingest.workers.supervisor import Supervisor


@click.command()
@broker_option
@database_option
@click.option("--port", type=click.IntRange(0, 65535), help="Port of the pages, instead of the setting web.port")
@click.option(
    "--summary", type=click.Path(dir_okay=False, path_type=Path), help="At the end, write the identity here as JSON"
)
@click.option(
    "--workers",
    type=click.IntRange(1, MOST_WORKERS),
    default=1,
    show_default=True,
    help="Processes on one shared subscription; may change from start to start",
)
def ingest(broker: str | None, database: str | None, port: int | None, summary: Path | None, workers: int) -> None:
    """Take readings from the broker into the database until SIGTERM or Ctrl-C."""
    settings = settings_for(broker=broker, database=database, web=None if port is None else {"port": port})
    configure(settings.log)
    service = Service(settings) if workers == 1 else Supervisor(settings, workers)
    asyncio.run(service.run())
    totals = service.summary()
    if summary is not None:
        summary.write_text(json.dumps(totals, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    if totals["in_flight"]:
        raise NoroshiError(f"stopped with {totals['in_flight']} messages in flight; the broker will deliver them again")
