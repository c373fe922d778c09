"""`noroshi ingest`: runs the service."""

import asyncio
import json
from pathlib import Path

import click

from ingest.cli.command import command, option
from ingest.cli.options import broker_option, database_option, settings_for
from ingest.errors import NoroshiError
from ingest.receive.subscription import MOST_WORKERS
from ingest.service.service import Service
from ingest.service.workers.supervisor import Supervisor
from ingest.telemetry.logs import configure
from schemas.bilingual import Bilingual, speaking


@command(
    help=Bilingual(
        "SIGTERM か Ctrl-C まで、ブローカーからデータベースへ測定値を取り込みます。",
        "Take readings from the broker into the database until SIGTERM or Ctrl-C.",
    )
)
@broker_option
@database_option
@option(
    "--port",
    type=click.IntRange(0, 65535),
    help=Bilingual("画面のポート。設定 web.port の代わり。", "Port of the pages, instead of the setting web.port"),
)
@option(
    "--summary",
    type=click.Path(dir_okay=False, path_type=Path),
    help=Bilingual("終わるときに、収支を JSON でここに書きます。", "At the end, write the identity here as JSON"),
)
@option(
    "--workers",
    type=click.IntRange(1, MOST_WORKERS),
    default=1,
    show_default=True,
    help=Bilingual(
        "一つの購読を分け合う工程の数。起動のたびに変えられます。",
        "Processes on one shared subscription; may change from start to start",
    ),
)
def ingest(broker: str | None, database: str | None, port: int | None, summary: Path | None, workers: int) -> None:
    """Run the service. Its log is always in English, because programs search and count it by its words."""
    settings = settings_for(broker=broker, database=database, web=None if port is None else {"port": port})
    configure(settings.log)
    with speaking("en"):
        service = Service(settings) if workers == 1 else Supervisor(settings, workers)
        asyncio.run(service.run())
    totals = service.summary()
    if summary is not None:
        summary.write_text(json.dumps(totals, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    if totals["in_flight"]:
        left = totals["in_flight"]
        raise NoroshiError(
            Bilingual(
                f"{left} 通を処理中のまま止まりました。ブローカーがもう一度届けます",
                f"stopped with {left} messages in flight; the broker will deliver them again",
            )
        )
