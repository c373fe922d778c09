"""`noroshi report schedule`: which reports go to whom by e-mail, and who is reminded of what is due."""

import json
from datetime import UTC, datetime

import click

from ingest.access.authority import By
from ingest.access.roles import Role, Verb
from ingest.cli.audited import system_user
from ingest.cli.command import group, option
from ingest.cli.database import open_database
from ingest.cli.options import AS_JSON, database_option, settings_for
from ingest.cli.plan_document import project_id_or_refused
from ingest.cli.say import say, say_json
from ingest.errors import CallRefused
from ingest.figures.project import ProjectRef
from ingest.report.form.forms import ReportForm
from ingest.report.mail.queue import recipients
from ingest.report.schedule import schedules
from ingest.report.schedule.database import list_schedules
from ingest.report.schedule.model import NewSchedule, Schedule, When
from ingest.store.database import Database
from schemas.bilingual import Bilingual, joined, quoted
from schemas.report_calendar import About
from schemas.report_document import ReportKind

_REMINDER = "reminder"
_KINDS = (*(kind.value for kind in ReportKind), _REMINDER)
_ROLES = tuple(role.value for role in Role if role.may(Verb.SEE))


@group(help=Bilingual("メールでの配信の予定。", "Schedules of e-mails with reports and reminders."))
def schedule() -> None:
    """The group of commands about schedules."""


_project = option("--project", metavar="CODE", required=True, help=Bilingual("事業コード。", "Code of the project"))

ADD_HELP = Bilingual(
    """予定を加えます。送るのは、その日の朝7時です。

    \b
    noroshi report schedule add monthly --project tea --day 5 --role reporter
    noroshi report schedule add set --project tea --month 4 --day 10 --to kacho@city.example.jp
    noroshi report schedule add reminder --project tea --role reporter""",
    """Add a schedule. It is sent at seven in the morning of that day.

    \b
    noroshi report schedule add monthly --project tea --day 5 --role reporter
    noroshi report schedule add set --project tea --month 4 --day 10 --to kacho@city.example.jp
    noroshi report schedule add reminder --project tea --role reporter""",
)


@schedule.command(help=ADD_HELP)
@click.argument("kind", type=click.Choice(_KINDS))
@_project
@option("--day", type=click.IntRange(1, 28), help=Bilingual("送る日(1から28)。", "Day on which it is sent, 1 to 28"))
@option(
    "--month",
    type=click.IntRange(1, 12),
    help=Bilingual("送る月。省略時は毎月。", "Month in which it is sent  [default: every month]"),
)
@option(
    "--about",
    type=click.Choice([each.value for each in About]),
    help=Bilingual(
        "対象の期間。省略時は、月次は前の月、ほかは前の年度。",
        "The period  [default: last_month for monthly, last_year for others]",
    ),
)
@option(
    "--format",
    "forms",
    type=click.Choice([form.value for form in ReportForm]),
    multiple=True,
    help=Bilingual("形式。何度でも書けます。省略時は xlsx と pdf。", "Form, may be repeated  [default: xlsx, pdf]"),
)
@option("--role", type=click.Choice(_ROLES), help=Bilingual("この役割の人に送ります。", "Send to who has this role"))
@option(
    "--to",
    "addresses",
    metavar="ADDRESS",
    multiple=True,
    help=Bilingual("このアドレスに送ります。何度でも書けます。", "Send to this address; may be repeated"),
)
@database_option
def add(  # noqa: PLR0917  options are arguments
    kind: str,
    project: str,
    day: int | None,
    month: int | None,
    about: str | None,
    forms: tuple[str, ...],
    role: str | None,
    addresses: tuple[str, ...],
    database: str | None,
) -> None:
    """Add a schedule to a project."""
    to = Role(role) if role else None
    if kind == _REMINDER:
        if day is not None or month is not None or about is not None or forms:
            raise CallRefused(
                Bilingual(
                    "期限のお知らせに --day、--month、--about、--format は書けません。日は暦が決めます",
                    "reminders take no --day, --month, --about and --format: the calendar decides the days",
                )
            )
        wanted = NewSchedule(None, (), None, to, addresses)
    else:
        if day is None:
            raise CallRefused(Bilingual("--day に送る日を書いてください", "say the day with --day"))
        usual = About.LAST_MONTH if kind == ReportKind.MONTHLY else About.LAST_YEAR
        chosen = tuple(ReportForm(form) for form in forms) or (ReportForm.XLSX, ReportForm.PDF)
        wanted = NewSchedule(
            ReportKind(kind), chosen, When(About(about) if about else usual, day, month), to, addresses
        )
    with open_database(settings_for(database=database), autocommit=True) as connection:
        number = schedules.add_schedule(connection, _by(), _project_of(connection, project), wanted)
    say(Bilingual(f"予定 {number} を加えました", f"schedule {number} was added"))


@schedule.command("list", help=Bilingual("予定の一覧。", "List the schedules."))
@_project
@option("--json", "as_json", is_flag=True, help=AS_JSON)
@database_option
def list_all(project: str, database: str | None, *, as_json: bool) -> None:
    """Say each schedule, and how many get it now."""
    with open_database(settings_for(database=database), autocommit=True) as connection:
        found = [
            (each, len(recipients(connection, each)))
            for each in list_schedules(connection, _project_of(connection, project).project_id)
        ]
    if as_json:
        objects = [
            {"number": each.number, **schedules.said_of(each.wanted), "paused": each.paused_at is not None,
             "recipients": people}
            for each, people in found
        ]  # fmt: skip
        say_json(json.dumps(objects, ensure_ascii=False, indent=2).encode())
        return
    for each, people in found:
        say(_line(each, people))
    if not found:
        say(Bilingual("予定はありません", "there are no schedules"))


def _line(each: Schedule, people: int) -> Bilingual:
    wanted, when = each.wanted, each.wanted.when
    what = Bilingual("期限のお知らせ", "reminders") if wanted.kind is None else wanted.kind.label
    day = Bilingual("期限の前", "before the days that are due")
    if when is not None and when.month is None:
        day = Bilingual(f"毎月{when.day}日", f"day {when.day} of each month")
    elif when is not None:
        day = Bilingual(f"毎年{when.month}月{when.day}日", f"{when.month:02}-{when.day:02} of each year")
    to = [wanted.role.label] if wanted.role else []
    receivers = joined([*to, *map(quoted, wanted.addresses)], "、", ", ")
    state = Bilingual("停止中" if each.paused_at else f"{people}人", "paused" if each.paused_at else f"{people} people")
    return Bilingual(
        f"{each.number} {what.ja} {day.ja} → {receivers.ja} [{state.ja}]",
        f"{each.number} {what.en}, {day.en} -> {receivers.en} [{state.en}]",
    )


@schedule.command(help=Bilingual("予定を削除します。", "Remove a schedule."))
@click.argument("number", type=click.IntRange(min=1))
@_project
@database_option
def remove(number: int, project: str, database: str | None) -> None:
    """Send nothing of this schedule any more."""
    with open_database(settings_for(database=database), autocommit=True) as connection:
        schedules.remove_schedule(connection, _by(), _project_of(connection, project), number)
    say(Bilingual(f"予定 {number} を削除しました", f"schedule {number} was removed"))


@schedule.command(help=Bilingual("予定を停止します。", "Pause a schedule."))
@click.argument("number", type=click.IntRange(min=1))
@_project
@database_option
def pause(number: int, project: str, database: str | None) -> None:
    """Send nothing of this schedule for a while."""
    with open_database(settings_for(database=database), autocommit=True) as connection:
        to = _project_of(connection, project)
        schedules.pause_schedule(connection, _by(), to, number, datetime.now(UTC))
    say(Bilingual(f"予定 {number} を停止しました", f"schedule {number} is paused"))


@schedule.command(help=Bilingual("停止した予定を再開します。", "Resume a schedule that is paused."))
@click.argument("number", type=click.IntRange(min=1))
@_project
@database_option
def resume(number: int, project: str, database: str | None) -> None:
    """Send again what falls due from now on."""
    with open_database(settings_for(database=database), autocommit=True) as connection:
        to = _project_of(connection, project)
        schedules.resume_schedule(connection, _by(), to, number, datetime.now(UTC))
    say(Bilingual(f"予定 {number} を再開しました", f"schedule {number} runs again"))


def _by() -> By:
    return By.of_command(system_user())


def _project_of(connection: Database, code: str) -> ProjectRef:
    return ProjectRef(project_id_or_refused(connection, code), code, code)
