"""The head of a report: which project, of whom, under which grant, about which period."""

from ingest.report.source.base import Asked, FieldsRead, Source
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
        "plan_number": Cell(value=asked.plan and asked.plan.number),
    })  # fmt: skip


HEAD = Source(
    "head", "fields", read_head,
    {
        "project_name": "事業名", "project_code": "事業コード", "organisation_name": "事業主体",
        "organisation_code": "団体コード", "grant_number": "交付決定番号", "granted_on": "交付決定日",
        "completed_on": "完了日", "period": "対象期間", "first_day": "初日", "last_day": "末日", "until": "集計時点",
        "plan_number": "計画の版",
    },
)  # fmt: skip
