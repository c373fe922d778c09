"""What stands at the head of a report in every form that is read by people: which, about what, when, by what."""

from datetime import datetime

from ingest.report.form.values import both_calendars
from schemas.japan import JST
from schemas.report_document import ReportDocument


def number_of(document: ReportDocument) -> str:
    """Number and revision of a frozen report; 下書き(未確定) of a draft."""
    return f"{document.number} 第{document.revision}版" if document.number else "下書き(未確定)"


def facts_of(document: ReportDocument) -> list[str]:
    """Project, period in both calendars, how far it is counted, and with what the report was made."""
    period = document.period
    counted = f"{period.until.astimezone(JST):%Y-%m-%d %H:%M}"
    days = both_calendars(period.first_day)
    if period.last_day != period.first_day:
        days += f"から{both_calendars(period.last_day)}まで"
    runs = not period.over and period.last_day != period.first_day
    plan = f"計画 第{document.plan_number}版" if document.plan_number else "計画 なし"
    return [
        f"{document.project.name}({document.project.code})",
        f"{period.label}({days})",
        *([f"期間の途中です。{counted}までを数えています。"] if runs else []),
        *([f"{document.report_of[1]}年のうち{document.report_of[0]}年目の報告"] if document.report_of else []),
        (
            f"作成 {document.made_at.astimezone(JST):%Y-%m-%d %H:%M}、{document.software}、{plan}、"
            f"様式 {document.layout.edition}"
        ),
        *sealed_lines(document),
    ]


def sealed_lines(document: ReportDocument) -> list[str]:
    """Of a frozen report: who checked and froze it, what it replaces, which key signed it, how anybody checks it."""
    sealed = document.sealed
    if sealed is None:
        return []
    lines = [f"確認 {_when(sealed.checked_at)} {sealed.checked_by}、確定 {_when(sealed.frozen_at)} {sealed.frozen_by}"]
    if sealed.replaces_frozen_at is not None and document.revision is not None:
        before = f"第{document.revision - 1}版({_when(sealed.replaces_frozen_at)} 確定)"
        lines.append(f"{before}を差し替えるものです。理由: {sealed.reason}")
    lines.append(f"電子署名の公開鍵 {sealed.public_key}(Ed25519、鍵番号 {sealed.key_id})")
    lines.append("提出版かどうかは、ページ「検証」(/verify)か noroshi report verify で確かめられます。")
    return lines


def _when(moment: datetime) -> str:
    return f"{moment.astimezone(JST):%Y-%m-%d %H:%M}"
