"""What stands at the head of a report in every form that is read by people: which, about what, when, by what."""

from ingest.report.form.values import both_calendars
from schemas.japan import JST
from schemas.report_document import ReportDocument


def number_of(document: ReportDocument) -> str:
    """Number and revision of a frozen report; 案(未確定) of a draft."""
    return f"{document.number} 第{document.revision}版" if document.number else "案(未確定)"


def facts_of(document: ReportDocument) -> list[str]:
    """Project, period in both calendars, how far it is counted, and with what the report was made."""
    period = document.period
    counted = f"{period.until.astimezone(JST):%Y-%m-%d %H:%M}"
    plan = f"計画 第{document.plan_number}版" if document.plan_number else "計画 なし"
    return [
        f"{document.project.name}({document.project.code})",
        f"{period.label}({both_calendars(period.first_day)}から{both_calendars(period.last_day)}まで)",
        *([] if period.over else [f"期間の途中です。{counted}までを数えています。"]),
        *([f"{document.report_of[1]}年のうち{document.report_of[0]}年目の報告"] if document.report_of else []),
        (
            f"作成 {document.made_at.astimezone(JST):%Y-%m-%d %H:%M}、{document.software}、{plan}、"
            f"様式 {document.layout.edition}"
        ),
    ]
