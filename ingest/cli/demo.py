"""`noroshi demo`: runs embedded servers, a live field and the pages, with the account at the end."""

import asyncio
import json
import sys
from pathlib import Path
from typing import Literal

import click
from rich.console import Console

from ingest.cli.command import command, option
from ingest.cli.options import settings_for
from ingest.demo.demonstration import DEFAULT_DEVICES, DEFAULT_PORT, Wish, demonstrate
from ingest.embedded.memory import data_folder
from ingest.embedded.stop import StoppedEarly
from ingest.errors import NoroshiError
from ingest.simulator.town import KINDS
from schemas.bilingual import Bilingual
from schemas.foreign import unguarded

HELP = Bilingual(
    """データベース、ブローカー、取込サービス、200 台の模擬機器のある谷を、この機械ですべて動かします。

    データはデータ用のディレクトリに残り、二度目はそこから続けます。""",
    """Run everything on this machine: database, broker, service, and a simulated valley with 200 devices.

    The data stay in the data folder; a second run continues from there.""",
)


@command(help=HELP)
@option(
    "--seconds",
    type=click.FloatRange(min=0, min_open=True),
    help=Bilingual(
        "この秒数で現場を終えます。なければ Ctrl-C まで。", "End the live field after this time; otherwise Ctrl-C does"
    ),
)
@option(
    "--devices",
    type=click.IntRange(min=len(KINDS)),
    help=Bilingual(
        f"模擬機器の数。省略時は前回の数か {DEFAULT_DEVICES}。",
        f"Simulated devices [last time's, or {DEFAULT_DEVICES}]",
    ),
)
@option(
    "--summary",
    type=click.Path(dir_okay=False, path_type=Path),
    help=Bilingual("終わるときに、収支を JSON でここに書きます。", "At the end, write the identity here as JSON"),
)
@option(
    "--port",
    type=click.IntRange(0, 65535),
    help=Bilingual(
        f"画面のポート。省略時は {DEFAULT_PORT}、使用中なら空いているもの。",
        f"Port of the pages [{DEFAULT_PORT}; a free one if it is taken]",
    ),
)
@option(
    "--data",
    type=click.Path(file_okay=False, path_type=Path),
    help=Bilingual("データ用のディレクトリ。", "Where the demonstration keeps its data"),
)
@option(
    "--embedded-broker",
    type=click.Choice(["mosquitto", "amqtt"]),
    help=Bilingual(
        "組み込むブローカー。省略時は、あれば mosquitto。", "Which broker to embed [mosquitto if it is installed]"
    ),
)
@option(
    "--broker",
    metavar="URL",
    help=Bilingual("組み込みの代わりに使うブローカー。", "Use this broker instead of an embedded one"),
)
@option(
    "--database",
    metavar="URL",
    help=Bilingual(
        "組み込みの代わりに使うデータベース。表は残ります。",
        "Use this database instead of an embedded one; its tables are kept",
    ),
)
@option(
    "--no-browser", is_flag=True, help=Bilingual("画面をブラウザーで開きません。", "Do not open the pages in a browser")
)
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
    """Run the demonstration, then print the account."""
    console = Console(file=unguarded(sys.stdout))
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
        console.print(str(line), soft_wrap=True, highlight=False, markup=False)
    if summary is not None:
        summary.write_text(json.dumps(verdict.summary, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    if not verdict.good:
        raise NoroshiError(
            Bilingual(
                "収支が合いません。記録はデータ用のディレクトリにあります",
                "the account does not come out; the data folder keeps the logs",
            )
        )
