"""The head of a report: which project, of whom, under which grant, about which period."""

from ingest.report.source.base import Asked, FieldsRead, Source
from ingest.report.source.body import NO_PLAN
from ingest.report.source.duty import count_report
from ingest.report.source.proof import figure_cell
from schemas.report_document import Cell


def read_head(asked: Asked) -> FieldsRead:
    """What the registry says of the project, and the period."""
    project, period = asked.project, asked.period
    return FieldsRead({
        "project_name": Cell(value=project.name),
        "project_code": Cell(value=project.code),
        "organisation_name": Cell(value=project.organisation_name),
        "organisation_code": Cell(value=project.organisation_code),
        "grant_number": Cell(value=project.grant_number),
        "granted_on": Cell(value=project.granted_on),
        "completed_on": Cell(value=project.completed_on),
        "period": Cell(value=period.label),
        "first_day": Cell(value=period.first_day),
        "last_day": Cell(value=period.last_day),
        "until": Cell(value=period.until),
        "plan_number": figure_cell(asked.plan.number if asked.plan else None, None, NO_PLAN),
        "report_of": Cell(value=_count(asked)),
    })  # fmt: skip


def _count(asked: Asked) -> str | None:
    found = count_report(asked)
    return None if found is None else f"{found[0]} / {found[1]} 回目"


HEAD = Source(
    "head", "fields", read_head,
    {
        "project_name": "事業名", "project_code": "事業コード", "organisation_name": "事業主体",
        "organisation_code": "団体コード", "grant_number": "交付決定番号", "granted_on": "交付決定日",
        "completed_on": "完了日", "period": "対象期間", "first_day": "初日", "last_day": "末日", "until": "集計時点",
        "plan_number": "計画の版", "report_of": "5年間の報告のうち何回目か",
    },
)  # fmt: skip
