"""`noroshi demo`: everything embedded, a living field, the pages, and the account at the end."""

import asyncio
import json
from pathlib import Path
from typing import Literal

import click
from rich.console import Console

from ingest.cli.options import settings_for
from ingest.errors import NoroshiError
from ingest.field.demonstration import DEFAULT_DEVICES, DEFAULT_PORT, Wish, demonstrate
from ingest.field.memory import data_folder
from ingest.field.stop import StoppedEarly
from ingest.field.town import KINDS


@click.command()
@click.option(
    "--seconds",
    type=click.FloatRange(min=0, min_open=True),
    help="End the live field after this time; otherwise Ctrl-C does",
)
@click.option(
    "--devices", type=click.IntRange(min=len(KINDS)), help=f"Simulated devices [last time's, or {DEFAULT_DEVICES}]"
)
@click.option(
    "--summary", type=click.Path(dir_okay=False, path_type=Path), help="At the end, write the identity here as JSON"
)
@click.option(
    "--port", type=click.IntRange(0, 65535), help=f"Port of the pages [{DEFAULT_PORT}; a free one if it is taken]"
)
@click.option("--data", type=click.Path(file_okay=False, path_type=Path), help="Where the demonstration keeps its data")
@click.option(
    "--embedded-broker",
    type=click.Choice(["mosquitto", "amqtt"]),
    help="Which broker to embed [mosquitto if it is installed]",
)
@click.option("--broker", metavar="URL", help="Use this broker instead of an embedded one")
@click.option("--database", metavar="URL", help="Use this database instead of an embedded one; its tables are kept")
@click.option("--no-browser", is_flag=True, help="Do not open the pages in a browser")
def demo(  # noqa: PLR0917  options are arguments
    seconds: float | None,
    devices: int | None,
    summary: Path | None,
    port: int | None,
    data: Path | None,
    embedded_broker: Literal["mosquitto", "amqtt"] | None,
    broker: str | None,
    database: str | None,
    no_browser: bool,  # noqa: FBT001  click passes options by name
) -> None:
    """Run everything on this machine: database, broker, service, and a simulated valley with 200 devices.

    The data stay in the data folder; a second run continues from there.
    """
    console = Console()
    wish = Wish(
        folder=(data or data_folder()).absolute(),
        seconds=seconds,
        devices=devices,
        port=port,
        browser=not no_browser,
        embedded_broker=embedded_broker,
        settings=settings_for(broker=broker, database=database),
        own_broker=broker is None,
        own_database=database is None,
    )
    try:
        verdict = asyncio.run(demonstrate(wish, console))
    except StoppedEarly as early:
        raise click.Abort from early
    for line in verdict.lines():
        console.print(line, soft_wrap=True, highlight=False, markup=False)
    if summary is not None:
        summary.write_text(json.dumps(verdict.summary, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    if not verdict.good:
        raise NoroshiError("the account does not come out; the data folder keeps the logs")
