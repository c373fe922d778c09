"""`noroshi doctor`: what is wrong with this installation, and what to do about it."""

import asyncio
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

import click
import orjson

from ingest.cli.options import broker_option, database_option, settings_for
from ingest.doctor.check import Examined, run
from ingest.doctor.finding import Finding, Severity, worst
from ingest.doctor.installation import Installation
from ingest.doctor.table import CHECKS, NAMES

_HELP = """この設置のどこが悪いか、どうすればよいかを調べます。What is wrong here, and what to do about it.

ブローカーでは noroshi/doctor/ の下だけを使い、取込サービスのセッションとメッセージには触れません。

\b
○ 良好  ・ 参考  △ 注意  ？ 調べられない  × 要対処
終了コード: 0 ×も？もない、1 ある(--strict では△も)、2 呼び方か設定の誤り。"""

MARKS = {
    Severity.OK: "○",
    Severity.NOTE: "・",
    Severity.WARNING: "△",
    Severity.UNKNOWN: "？",
    Severity.BAD: "×",
}
FAILS = frozenset({Severity.UNKNOWN, Severity.BAD})


@click.command(help=_HELP)
@click.option("--only", multiple=True, type=click.Choice(NAMES), help="この項目だけ。何度でも書けます。")
@click.option("--language", type=click.Choice(["ja", "en"]), default="ja", help="ことば。")
@click.option("--json", "as_json", is_flag=True, help="JSON で出力します。")
@click.option("--strict", is_flag=True, help="△ があるときも終了コードを 1 にします。")
@click.option(
    "--queue",
    "queue_messages",
    type=click.IntRange(2, 1_000_000),
    default=1200,
    show_default=True,
    help="不在の相手への待ち行列を、この通数で試します。",
)
@click.option("--disk", type=click.Path(exists=True, path_type=Path), help="データベースのディスク上の場所。")
@click.option("--web", metavar="URL", help="画面を公開している https://… の証明書も見ます。")
@broker_option
@database_option
def doctor(
    *,
    only: tuple[str, ...],
    language: str,
    as_json: bool,
    strict: bool,
    queue_messages: int,
    disk: Path | None,
    web: str | None,
    broker: str | None,
    database: str | None,
) -> None:
    """Run the checks, print what they found."""
    settings = settings_for(database=database, broker=broker)
    checks = [check for check in CHECKS if not only or check.name in only]
    found = asyncio.run(run(checks, Installation(settings, datetime.now(UTC), queue_messages, disk, web)))
    click.echo(_json(found, language) if as_json else "\n".join(_lines(found, language)))
    severity = worst([finding for examined in found for finding in examined.findings])
    if severity in FAILS or (strict and severity is Severity.WARNING):
        raise SystemExit(1)


def _lines(found: Sequence[Examined], language: str) -> Iterator[str]:
    for examined in found:
        for finding in examined.findings:
            title = f"{examined.check.title:{language}} [{examined.check.name}]"
            yield f"{MARKS[finding.severity]} {title}: {finding.found:{language}}"
            if finding.todo is not None:
                yield f"    → {finding.todo:{language}}"
    yield " ".join(f"{MARKS[severity]} {number}" for severity, number in _counts(found).items())


def _counts(found: Sequence[Examined]) -> dict[Severity, int]:
    findings = [finding for examined in found for finding in examined.findings]
    return {severity: sum(finding.severity is severity for finding in findings) for severity in Severity}


def _json(found: Sequence[Examined], language: str) -> bytes:
    body = {
        "worst": worst([finding for examined in found for finding in examined.findings]),
        "counts": _counts(found),
        "findings": [_entry(examined, finding, language) for examined in found for finding in examined.findings],
    }
    return orjson.dumps(body, option=orjson.OPT_INDENT_2 | orjson.OPT_NON_STR_KEYS)


def _entry(examined: Examined, finding: Finding, language: str) -> dict[str, object]:
    return {
        "check": examined.check.name,
        "severity": finding.severity,
        "title": f"{examined.check.title:{language}}",
        "found": f"{finding.found:{language}}",
        "todo": None if finding.todo is None else f"{finding.todo:{language}}",
        "data": dict(finding.data),
    }
