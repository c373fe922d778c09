"""`noroshi doctor`: finds what is wrong with this installation, and what to do about it."""

import asyncio
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

import click
import orjson

from ingest.cli.command import command, language_option, option
from ingest.cli.options import AS_JSON, broker_option, database_option, settings_for
from ingest.cli.say import say, say_json
from ingest.doctor.check import Examined, run
from ingest.doctor.finding import Finding, Severity, worst
from ingest.doctor.installation import Installation
from ingest.doctor.table import CHECKS, NAMES
from schemas.bilingual import Bilingual, quoted

_HELP = Bilingual(
    """この設置のどこが悪いか、どうすればよいかを調べます。

    ブローカーでは noroshi/doctor/ の下だけを使い、取込サービスのセッションとメッセージには触れません。

    \b
    ○ 良好  ・ 参考  △ 注意  ？ 調べられない  × 要対処
    終了コード: 0 ×も？もない、1 ある(--strict では△も)、2 呼び方か設定の誤り。""",
    """What is wrong with this installation, and what to do about it.

    At the broker only what is below noroshi/doctor/ is used; session and messages of the service are left alone.

    \b
    ○ good  ・ note  △ warning  ？ could not be examined  × to be mended
    Exit codes: 0 no × and no ？, 1 some (with --strict △ too), 2 the call or the settings are wrong.""",
)

MARKS = {
    Severity.OK: "○",
    Severity.NOTE: "・",
    Severity.WARNING: "△",
    Severity.UNKNOWN: "？",
    Severity.BAD: "×",
}
FAILS = frozenset({Severity.UNKNOWN, Severity.BAD})


@command(help=_HELP)
@option(
    "--only",
    multiple=True,
    type=click.Choice(NAMES),
    help=Bilingual("この項目だけ。何度でも書けます。", "Only this check; may be given several times"),
)
@option("--json", "as_json", is_flag=True, help=AS_JSON)
@option(
    "--strict",
    is_flag=True,
    help=Bilingual("△ があるときも終了コードを 1 にします。", "Exit code 1 where there is a △ too"),
)
@option(
    "--queue",
    "queue_messages",
    type=click.IntRange(2, 1_000_000),
    default=1200,
    show_default=True,
    help=Bilingual(
        "不在の相手への待ち行列を、この通数で試します。",
        "So many messages try out the queue for somebody who is away",
    ),
)
@option(
    "--disk",
    type=click.Path(exists=True, path_type=Path),
    help=Bilingual("データベースのディスク上の場所。", "A path on the disk of the database"),
)
@option(
    "--web",
    metavar="URL",
    help=Bilingual(
        "画面を公開している https://… の証明書も見ます。", "Look at the certificate of the pages, https://…, too"
    ),
)
@broker_option
@database_option
def doctor(
    *,
    only: tuple[str, ...],
    as_json: bool,
    strict: bool,
    queue_messages: int,
    disk: Path | None,
    web: str | None,
    broker: str | None,
    database: str | None,
) -> None:
    """Run the checks, and print their findings."""
    settings = settings_for(database=database, broker=broker)
    checks = [check for check in CHECKS if not only or check.name in only]
    results = asyncio.run(run(checks, Installation(settings, datetime.now(UTC), queue_messages, disk, web)))
    if as_json:
        say_json(_json(results))
    else:
        say(*_lines(results))
    severity = worst([finding for examined in results for finding in examined.findings])
    if severity in FAILS or (strict and severity is Severity.WARNING):
        raise SystemExit(1)


doctor.params.append(language_option("--language", hidden=True))  # its name before every command had --lang


def _lines(results: Sequence[Examined]) -> Iterator[Bilingual]:
    for examined in results:
        for finding in examined.findings:
            mark, (name, title, *_), text = MARKS[finding.severity], examined.check, finding.found
            yield Bilingual(f"{mark} {title.ja} [{name}]: {text.ja}", f"{mark} {title.en} [{name}]: {text.en}")
            if finding.todo is not None:
                yield Bilingual(f"    → {finding.todo.ja}", f"    → {finding.todo.en}")
    yield quoted(" ".join(f"{MARKS[severity]} {number}" for severity, number in _counts(results).items()))


def _counts(results: Sequence[Examined]) -> dict[Severity, int]:
    findings = [finding for examined in results for finding in examined.findings]
    return {severity: sum(finding.severity is severity for finding in findings) for severity in Severity}


def _json(results: Sequence[Examined]) -> bytes:
    """The findings as JSON, the same in every language."""
    body = {
        "worst": worst([finding for examined in results for finding in examined.findings]),
        "counts": _counts(results),
        "findings": [_entry(examined, finding) for examined in results for finding in examined.findings],
    }
    return orjson.dumps(body, option=orjson.OPT_INDENT_2 | orjson.OPT_NON_STR_KEYS)


def _entry(examined: Examined, finding: Finding) -> dict[str, object]:
    return {
        "check": examined.check.name,
        "severity": finding.severity,
        "title": examined.check.title.ja,
        "found": finding.found.ja,
        "todo": None if finding.todo is None else finding.todo.ja,
        "title_en": examined.check.title.en,
        "found_en": finding.found.en,
        "todo_en": None if finding.todo is None else finding.todo.en,
        "data": dict(finding.data),
    }
