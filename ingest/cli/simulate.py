"""`noroshi simulate`: runs the field of the demonstration against any broker."""

import asyncio
import sys
import time
from pathlib import Path

import click
from rich.console import Console

from ingest.cli.command import command, option
from ingest.cli.options import broker_option, settings_for
from ingest.demo.demonstration import DEFAULT_DEVICES, GATEWAY_DIES_AFTER_S
from ingest.demo.progress import Progress, Snapshot
from ingest.demo.run import FieldRun
from ingest.demo.verdict import misbehaviour
from ingest.embedded.memory import Memory
from ingest.embedded.stop import Stop
from ingest.registry.write import as_yaml
from ingest.settings.model import Settings
from ingest.simulator.field import Field, FieldPlan
from ingest.simulator.inventory import registry_document
from ingest.simulator.line import open_line
from ingest.simulator.town import KINDS
from ingest.simulator.weather import HOUR_S
from schemas.bilingual import Bilingual
from schemas.foreign import unguarded


@command(
    help=Bilingual(
        """模擬の現場を、異常も含めてブローカーへ送信します。

        サービスが機器を知っている必要があります。先に --registry-out のファイルを台帳に反映してください。""",
        """Publish a simulated field to a broker, faults and all.

        The service must know the devices: apply the file of --registry-out to its registry first.""",
    )
)
@broker_option
@option(
    "--devices",
    type=click.IntRange(min=len(KINDS)),
    default=DEFAULT_DEVICES,
    show_default=True,
    help=Bilingual("模擬機器の数。", "Simulated devices"),
)
@option(
    "--seconds",
    type=click.FloatRange(min=0, min_open=True),
    help=Bilingual("この秒数で終えます。なければ Ctrl-C まで。", "End after this time; otherwise Ctrl-C does"),
)
@option(
    "--history",
    "history_h",
    type=click.FloatRange(0, 24 * 365),
    default=0.0,
    show_default=True,
    help=Bilingual("先に、過去のこの時間数の分を送ります。", "Send this many past hours first"),
)
@option(
    "--seed",
    type=int,
    default=7,
    show_default=True,
    help=Bilingual("数を変えると別の現場になります。", "Another number makes another field"),
)
@option(
    "--registry-out",
    type=click.Path(dir_okay=False, path_type=Path),
    help=Bilingual(
        "機器をここに書き出します(noroshi registry apply 用)。", "Write the devices here, for `noroshi registry apply`"
    ),
)
def simulate(
    broker: str | None, devices: int, seconds: float | None, history_h: float, seed: int, registry_out: Path | None
) -> None:
    """Run the field for its time, or until a signal ends it."""
    settings = settings_for(broker=broker)
    console = Console(file=unguarded(sys.stdout))
    now_s = time.time()
    memory = Memory(seed=seed, devices=devices, most_devices=devices, first_s=now_s)
    field = Field(FieldPlan(devices, seed, memory.anchor_s), now_s)
    if registry_out is not None:
        registry_out.write_text(as_yaml(registry_document(field, memory.installed_on)), encoding="utf-8")
        written = Bilingual("台帳を書き出しました", "the registry is written")
        console.print(f"{written}: noroshi registry apply {registry_out}", soft_wrap=True)
    asyncio.run(_simulate(field, settings, console, history_h * HOUR_S, seconds))


async def _simulate(
    field: Field, settings: Settings, console: Console, history_s: float, seconds: float | None
) -> None:
    with Stop() as stop, Progress(console, "noroshi simulate") as progress:
        async with open_line(settings.broker.url, settings.broker.protocol) as line:
            run = FieldRun(field, line)
            watcher = asyncio.create_task(_watch(run, progress))
            try:
                if history_s:
                    await run.history(time.time() - history_s, time.time(), stop.event)
                await run.live(seconds, stop.event, lambda: None, GATEWAY_DIES_AFTER_S)
                await run.finish()
            finally:
                watcher.cancel()
    tally = field.tally
    sent, acknowledged = f"{run.handed_over:,}", f"{run.acknowledged:,}"
    account = Bilingual(f"送信 {sent}、受領 {acknowledged}", f"published {sent}, acknowledged {acknowledged}")
    for said in (account, *misbehaviour(tally)):
        console.print(str(said), soft_wrap=True, highlight=False, markup=False)


async def _watch(run: FieldRun, progress: Progress) -> None:
    while True:
        progress.show(Snapshot(run.phase, run.acknowledged, None, run.field.tally))
        await asyncio.sleep(0.5)
