"""Makes the monthly usage report from the figures and their notes, independent of any format."""

from dataclasses import asdict
from datetime import datetime

from ingest import __version__
from ingest.errors import CallRefused
from ingest.figures.account import identity_of_month
from ingest.figures.fetch import Database, snapshot
from ingest.figures.lacking import lacking
from ingest.figures.project import ProjectEntry, project_codes, project_entry
from ingest.figures.usage import Period, usage
from ingest.figures.usage_model import DeviceUsage, NetworkUsage, ProjectUsage, Usage
from ingest.report.method import METHOD, evidence
from schemas.bilingual import Bilingual, quoted
from schemas.japan import JST, Month
from schemas.lacking import cautions
from schemas.report import (
    DeviceLine,
    NetworkLine,
    ReportIdentity,
    ReportPeriod,
    ReportProject,
    TotalLine,
    UsageReport,
)

REFERENCE_ONLY = "参考値"
NOTHING_RECEIVED = "受信なし"
NOTHING_EXPECTED = "運用期間外・設置前"
DISABLED = "停止中"
TWO_INTERVALS = "平常時の送信間隔 {calm_s:,}秒"


def usage_report(connection: Database, project: str, month: Month, now: datetime) -> UsageReport:
    """The usage of one project in one month, as of `now` (aware), all figures from one look at the database.

    Raises CallRefused for a project the registry does not have, and for a month that has not begun.
    """
    if month.start > now:
        raise CallRefused(
            Bilingual(
                f"{month.label} はまだ始まっていません。報告するものがありません",
                f"{month.label} has not begun yet: there is nothing to report",
            )
        )
    period = Period(month.start, month.end, now)
    with snapshot(connection):
        entry = project_entry(connection, project)
        if entry is None:
            raise CallRefused(_unknown(project, project_codes(connection)))
        figures = usage(connection, project, period)
        account = identity_of_month(connection, month.first_day, project)
        missing = [caution.ja for each in lacking(connection, project) for caution in cautions(each)]
    return UsageReport(
        project=_head(entry),
        period=_period(month, now),
        generated_at=now.astimezone(JST),
        total=_total(figures.project),
        networks=tuple(_network(line) for line in figures.networks),
        devices=tuple(_device(line) for line in figures.devices),
        identity=ReportIdentity(**{key: value for key, value in asdict(account).items() if key != "month"}),
        method=METHOD + evidence(project, month.start.isoformat(), month.end.isoformat(), now.isoformat()),
        software=f"Noroshi {__version__}",
        cautions=tuple(missing),
    )


def _unknown(project: str, known: list[str]) -> Bilingual:
    none = Bilingual(
        "まだありません。noroshi registry apply で登録します", "none yet; `noroshi registry apply` brings them"
    )
    listed = quoted(", ".join(known)) if known else none
    return Bilingual(
        f"--project {project}: 台帳にない事業です。ある事業: {listed.ja}",
        f"--project {project}: the registry has no such project. Known projects: {listed.en}",
    )


def _head(entry: ProjectEntry) -> ReportProject:
    return ReportProject(
        code=entry.code,
        name=entry.name,
        organisation_code=entry.organisation_code,
        organisation_name=entry.organisation_name,
        grant_number=entry.grant_number,
    )


def _period(month: Month, now: datetime) -> ReportPeriod:
    return ReportPeriod(
        label=month.label,
        first_day=month.first_day,
        last_day=month.last_day,
        until=min(now, month.end).astimezone(JST),
        over=now >= month.end,
    )


def _device(line: DeviceUsage) -> DeviceLine:
    fields = asdict(line)
    for unused in ("device_id", "enabled", "active_s"):
        del fields[unused]
    modes = () if line.calm_interval_s is None else (TWO_INTERVALS.format(calm_s=line.calm_interval_s),)
    return DeviceLine(**fields, notes=(*_notes(line, enabled=line.enabled), *modes))


def _network(line: NetworkUsage) -> NetworkLine:
    return NetworkLine(**asdict(line), notes=_notes(line))


def _total(line: ProjectUsage) -> TotalLine:
    return TotalLine(**asdict(line), notes=_notes(line))


def _notes(line: Usage, *, enabled: bool = True) -> tuple[str, ...]:
    notes = () if enabled else (DISABLED,)
    if line.expected == 0:
        return notes or (NOTHING_EXPECTED,)
    if line.received == 0:
        notes = (*notes, NOTHING_RECEIVED)
    return (*notes, REFERENCE_ONLY) if line.reference_only else notes
