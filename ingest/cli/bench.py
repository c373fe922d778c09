"""`noroshi bench`: measures how much this machine can store."""

import asyncio
import json
from pathlib import Path

import click

from ingest.bench import formats as bench_formats
from ingest.bench.bench import bench as measure
from ingest.bench.watch import bench_watch
from ingest.cli.command import command, option
from ingest.cli.options import broker_option, database_option
from ingest.cli.say import say, say_lines
from ingest.receive.subscription import MOST_WORKERS
from schemas.bilingual import Bilingual


@command(
    help=Bilingual(
        "たまった列を空にし、流れを運び、同じ行を COPY だけで書いて、この機械の力を今ここで測ります。",
        "Drain a queue, carry a live load, and COPY the same rows plainly, on this machine, now.",
    )
)
@option(
    "--messages",
    type=click.IntRange(1),
    default=200_000,
    show_default=True,
    help=Bilingual("メッセージの数(それぞれ測定値4件と電波の記録)。", "Messages of 4 readings and a link"),
)
@option(
    "--json",
    "json_file",
    type=click.Path(dir_okay=False, path_type=Path),
    help=Bilingual("数値を JSON でここに書きます。", "Write the figures here as JSON"),
)
@broker_option
@database_option
@option(
    "--workers",
    type=click.IntRange(1, MOST_WORKERS),
    default=1,
    show_default=True,
    help=Bilingual("一つの購読を分け合う取込の工程の数。", "Processes of the service on one shared subscription"),
)
@option(
    "--format",
    "format_",
    type=click.Choice(["all", *bench_formats.SAMPLES]),
    help=Bilingual("この形式の一通を読む費用だけを測ります。", "Only what decoding one message of this format costs"),
)
@option(
    "--watch",
    is_flag=True,
    help=Bilingual(
        "監視を測ります: 基準への到達が伝わるまでの時間と、取込への影響。",
        "Measure the watch: how soon a crossing is told, and what it costs the intake",
    ),
)
@option(
    "--devices",
    type=click.IntRange(2, 100_000),
    default=10_000,
    show_default=True,
    help=Bilingual("--watch で監視する機器の数(それぞれ基準2段階)。", "With --watch: watched devices, two stages each"),
)
@option(
    "--backlog",
    type=click.IntRange(1),
    default=500_000,
    show_default=True,
    help=Bilingual("--watch でたまった列の長さ。", "With --watch: messages of the backlog"),
)
def bench(
    *,
    messages: int,
    json_file: Path | None,
    broker: str | None,
    database: str | None,
    workers: int,
    format_: str | None,
    watch: bool,
    devices: int,
    backlog: int,
) -> None:
    """Run the benchmark, and print its figures."""
    if format_ is not None:
        figures: object = _formats(list(bench_formats.SAMPLES) if format_ == "all" else [format_])
    else:
        figures = asyncio.run(
            bench_watch(messages, backlog, devices, database, broker)
            if watch
            else measure(messages, database, broker, workers)
        )
        for name, value in figures.items():
            say_lines([f"{name:<30}{value:,}" if isinstance(value, (int, float)) else f"{name:<30}{value}"])
    if json_file is not None:
        json_file.write_text(json.dumps(figures, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")


def _formats(names: list[str]) -> list[dict[str, object]]:
    """The costs of decoding alone, beside the yardstick: parsing the native sample with orjson on this machine."""
    costs = []
    for cost in bench_formats.measure(names):
        head = f"{cost.format:<20}{cost.us:8.2f} µs  {cost.payload_bytes:>6}"
        say(
            Bilingual(
                f"{head} バイト  {cost.what}  (物差し {cost.yardstick_us:.2f} µs)",
                f"{head} bytes  {cost.what}  (yardstick {cost.yardstick_us:.2f} µs)",
            )
        )
        costs.append(cost._asdict())
    return costs
