"""The table at the end: fault, times, messages, lost, duplicated, recovery seconds."""

from collections.abc import Sequence

from rich.console import Console
from rich.table import Table

from tests.torture.run import Result

COLUMNS = (
    "fault",
    "runs",
    "times",
    "messages",
    "lost",
    "doubled",
    "other",
    "by broker",
    "recovery s",
    "oldest s",
    "RSS MiB",
)


def show(results: Sequence[Result], skipped: dict[str, str]) -> None:
    """One line a scenario, its runs added up; then what was measured besides, and why anything was left out."""
    table = Table(*COLUMNS, title="under fire")
    for name in dict.fromkeys(result.name for result in results):
        table.add_row(*_line(name, [result for result in results if result.name == name]))
    console = Console(width=140)
    console.print(table)
    for result in results:
        for note in result.notes:
            console.print(f"{result.name} (seed {result.seed}): {note}")
    for name, why in skipped.items():
        console.print(f"{name}: left out: {why}")


def _line(name: str, results: Sequence[Result]) -> list[str]:
    verdicts = [result.verdict for result in results]
    bad = any(not verdict.good for verdict in verdicts)
    numbers = (
        len(results),
        sum(result.times for result in results),
        sum(verdict.messages for verdict in verdicts),
        sum(len(verdict.lost) for verdict in verdicts),
        sum(verdict.doubled for verdict in verdicts),
        sum(len(verdict.wrong) for verdict in verdicts),
        sum(len(verdict.forgiven) for verdict in verdicts),
    )
    extremes = (
        max(result.recovery_s for result in results),
        max(result.told.oldest_unacknowledged_s for result in results),
    )
    cells = [name, *(f"{number:,}" for number in numbers), *(f"{value:.1f}" for value in extremes)]
    cells.append(f"{max(result.told.rss_mib for result in results):.0f}")
    return [f"[red]{cell}[/red]" for cell in cells] if bad else cells
